/** Text on chain is only bytes: anybody can write a URI that is no UTF-8, and ethers throws when it is taken out. */
import { type Hex, hexToBytes, SEMANTICS, toHex, verifyReceipt, ZERO_ADDRESS, ZERO_BYTES32 } from "@assay/protocol";
import { contractsOf, inferenceClientAbi, readChainState, receiptFromChain } from "@assay/sdk";
import { expect } from "chai";
import { hexlify, Interface, type Log, toUtf8Bytes } from "ethers";
import type { RawLog } from "../../offchain/executor/shell/chain/chain.ts";
import { readLog } from "../../offchain/executor/shell/chain/events.ts";
import { createWorld, type World } from "../offchain/sdk/_world.ts";

const URI = "ipfs://somewhere";
const NO_TEXT = "ff".repeat(toUtf8Bytes(URI).length);

/** The log of a transaction in the form that an executor's chain reader gives it. */
function rawLogOf(log: Log): RawLog {
    const { address, topics, data, blockNumber, blockHash, transactionHash, index } = log;
    const [at, hash, txHash] = [toHex(address), toHex(blockHash), toHex(transactionHash)];
    return {
        address: at,
        topics: topics.map((t) => toHex(t)),
        data: toHex(data),
        blockNumber,
        blockHash: hash,
        txHash,
        logIndex: index,
    };
}

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

    it("of an input does not stop an executor that reads the event", async () => {
        const request = await world.aRequest({ inputUri: URI });
        const { hub } = world.asExecutor;
        const terms = { ...request.terms, executors: [...request.terms.executors] };
        const data = poisoned(hub.interface.encodeFunctionData("request", [terms, request.salt, "0x", URI]));
        const response = await world.requester.sendTransaction({ to: hub, data, value: request.terms.feeWei });
        const [log] = (await response.wait())?.logs ?? [];
        if (log === undefined) throw new Error("The hub wrote no log.");
        const { chainId, contracts } = world.deployment;
        const addresses = { chainId, hub: contracts.InferenceHub, gate: contracts.EvidenceGate };

        const event = readLog({ addresses, log: rawLogOf(log) });

        expect(event).to.deep.include({ kind: "requested", requestId: request.requestId });
    });

    it("beside it, an address with dirt in a pull request of anybody is left alone", async () => {
        const { chainId, contracts } = world.deployment;
        const addresses = { chainId, hub: contracts.InferenceHub, gate: contracts.EvidenceGate };
        const client = new Interface(inferenceClientAbi);
        const event = client.getEvent("PullRequested");
        if (event === null) throw new Error("The client has no event PullRequested.");
        const [word, executor] = [ZERO_BYTES32, `0x${"ab".repeat(20)}`];
        const { topics, data } = client.encodeEventLog(event, [word, word, word, word, 1n, [executor], 0n, "0x"]);
        const dirty = data.replace(executor.slice(2).padStart(64, "0"), executor.slice(2).padStart(64, "f"));
        const place = { blockNumber: 1, blockHash: word, txHash: word, logIndex: 0 };
        const log = { address: ZERO_ADDRESS, topics: topics.map((t) => toHex(t)), data: toHex(dirty), ...place };

        expect(dirty).not.to.equal(data);
        expect(readLog({ addresses, log })).to.equal(undefined);
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
        const modelId = await models.register.staticCall(spec, setup, "0x", known, { uri: URI, measurements: [] });
        const data = poisoned(
            models.interface.encodeFunctionData("register", [spec, setup, "0x", known, { uri: URI, measurements: [] }]),
        );
        await world.requester.sendTransaction({ to: models, data });
        const request = await world.aRequest({ modelId: `0x${modelId.slice(2)}` });
        const { hub } = contractsOf({ deployment: world.deployment, runner: world.requester });
        const terms = { ...request.terms, executors: [...request.terms.executors] };
        await hub.request(terms, request.salt, hexToBytes("0x010203"), "", { value: request.terms.feeWei });
        await world.deliver(request, "0x2a");

        expect(await codeOf(request.requestId)).to.equal("ACCEPTED");
    });
});
