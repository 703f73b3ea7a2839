/** Text on chain is only bytes: anybody can write a URI that is no UTF-8, and ethers throws when it is taken out. */
import { type Hex, hexToBytes, SEMANTICS, verifyReceipt, ZERO_BYTES32 } from "@assay/protocol";
import { contractsOf, readChainState, receiptFromChain } from "@assay/sdk";
import { expect } from "chai";
import { hexlify, toUtf8Bytes } from "ethers";
import { createWorld, type World } from "../offchain/sdk/_world.ts";

const URI = "ipfs://somewhere";
const NO_TEXT = "ff".repeat(toUtf8Bytes(URI).length);

describe("attack: a URI that is no text", () => {
    let world: World;

    beforeEach(async () => {
        world = await createWorld();
    });

    /** The call with its URI replaced by bytes that are no UTF-8. */
    function poisoned(data: string): string {
        const text = hexlify(toUtf8Bytes(URI)).slice(2);
        expect(data).to.include(text);
        return data.replace(text, NO_TEXT);
    }

    /** The receipt of a delivered request, and what its chain says of it. */
    async function codeOf(requestId: Hex): Promise<string> {
        const receipt = await receiptFromChain({ ...world, requestId });
        return verifyReceipt({ receipt, chainState: await readChainState(world, receipt) }).code;
    }

    it("of an input does not hide the receipt", async () => {
        const request = await world.aRequest({ inputUri: URI });
        const { hub } = world.asExecutor;
        const terms = { ...request.terms, executors: [...request.terms.executors] };
        const data = poisoned(hub.interface.encodeFunctionData("request", [terms, request.salt, "0x", URI]));
        await world.requester.sendTransaction({ to: hub, data, value: request.terms.feeWei });
        await world.deliver(request, "0x2a");

        expect(await codeOf(request.requestId)).to.equal("ACCEPTED");
    });

    it("of a model does not hide the receipts of its answers", async () => {
        const { models } = contractsOf({ deployment: world.deployment, runner: world.requester });
        const spec = {
            artifactDigest: `0x${"11".repeat(32)}`,
            ioSpec: 0n,
            schemaHash: ZERO_BYTES32,
            semantics: SEMANTICS.FLOAT,
            vkHash: ZERO_BYTES32,
            derivedFrom: ZERO_BYTES32,
        };
        const setup = { kind: 0, transcriptHash: ZERO_BYTES32 };
        const known = { input: "0x", output: "0x", proof: Array(8).fill(0n), c: 0n };
        const modelId = await models.register.staticCall(spec, setup, "0x", known, URI);
        const data = poisoned(models.interface.encodeFunctionData("register", [spec, setup, "0x", known, URI]));
        await world.requester.sendTransaction({ to: models, data });
        const request = await world.aRequest({ modelId: `0x${modelId.slice(2)}` });
        const { hub } = contractsOf({ deployment: world.deployment, runner: world.requester });
        const terms = { ...request.terms, executors: [...request.terms.executors] };
        await hub.request(terms, request.salt, hexToBytes("0x010203"), "", { value: request.terms.feeWei });
        await world.deliver(request, "0x2a");

        expect(await codeOf(request.requestId)).to.equal("ACCEPTED");
    });
});
