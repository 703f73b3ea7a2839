/** Receipts that say of a chain what it does not say, and transactions that make a receipt say something else. */
import { type HubReceipt, statementTypedData, termsToJson, toHex, verifyReceipt } from "@assay/protocol";
import { type PreparedRequest, readChainState, receiptFromChain, sendRequest } from "@assay/sdk";
import { expect } from "chai";
import { AbiCoder, concat, dataLength, toBeHex, Wallet, zeroPadValue } from "ethers";
import { expectFault } from "../offchain/sdk/_expect.ts";
import { createWorld, type World } from "../offchain/sdk/_world.ts";

describe("attack: receipts", () => {
    let world: World;

    beforeEach(async () => {
        world = await createWorld();
    });

    async function anOpenRequest(): Promise<PreparedRequest> {
        const request = await world.aRequest();
        await sendRequest(world.acting, request);
        return request;
    }

    /** The honest receipt of a delivered request. */
    async function aReceipt(): Promise<HubReceipt> {
        const request = await anOpenRequest();
        await world.deliver(request, "0x2a");
        return receiptFromChain({ ...world, requestId: request.requestId });
    }

    /** The call that delivers, and calls that look like it: signed by nobody, of no family, with dirt in an address. */
    async function honestAndDecoys(request: PreparedRequest): Promise<{ honest: string; decoys: string[] }> {
        const { call } = await world.signedCall(request, "0x2a");
        const [key, answer] = call;
        const data = await Wallet.createRandom().signMessage("decoy");
        const { interface: hub } = world.asExecutor.hub;
        const honest = hub.encodeFunctionData("fulfil", call);
        const refundee = zeroPadValue(request.terms.refundee, 32).slice(2);
        return {
            honest,
            decoys: [
                hub.encodeFunctionData("fulfil", [key, answer, [{ family: 0, data }]]),
                hub.encodeFunctionData("fulfil", [key, answer, [{ family: 200, data }]]),
                honest.replaceAll(refundee, `ff${refundee.slice(2)}`),
            ],
        };
    }

    /** The receipt with its statement changed and signed by the executor's own key. */
    async function signedAgain(receipt: HubReceipt, changes: Partial<HubReceipt["statement"]>): Promise<HubReceipt> {
        const { chainId, gate } = receipt;
        const statement = { ...receipt.statement, ...changes };
        const { domain, types } = statementTypedData({ chainId, gate });
        const data = toHex(await world.signingKey.signTypedData(domain, types, statement));
        return { ...receipt, statement, evidence: [{ family: "SIGNED", data }] };
    }

    describe("a decoy in the calldata of a delivery", () => {
        it("does not take the place of the evidence", async () => {
            const request = await anOpenRequest();
            const { honest, decoys } = await honestAndDecoys(request);
            const decoy = concat(decoys);
            const relay = await world.ethers.deployContract("Relay");
            const { InferenceHub } = world.deployment.contracts;
            // forward(hub, honest), with the decoy between the arguments' head and where their offset leads.
            const head = AbiCoder.defaultAbiCoder().encode(
                ["address", "uint256"],
                [InferenceHub, 64 + dataLength(decoy)],
            );
            const selector = relay.interface.getFunction("forward")?.selector ?? "";
            const data = concat([selector, head, decoy, toBeHex(dataLength(honest), 32), honest]);
            await world.executor.sendTransaction({ to: relay, data });

            const receipt = await receiptFromChain({ ...world, requestId: request.requestId });

            const verdict = verifyReceipt({ receipt, chainState: await readChainState(world, receipt) });
            expect(verdict).to.deep.include({ accepted: true, reason: "" });
        });

        it("is not taken for evidence that a contract kept", async () => {
            const request = await anOpenRequest();
            const { honest, decoys } = await honestAndDecoys(request);
            const relay = await world.ethers.deployContract("Relay");
            await relay.getFunction("keep").send(honest);
            const fire = relay.interface.encodeFunctionData("fire", [world.deployment.contracts.InferenceHub]);
            await world.executor.sendTransaction({ to: relay, data: concat([fire, ...decoys]) });

            await expectFault(receiptFromChain({ ...world, requestId: request.requestId }), "EVIDENCE_NOT_IN_CALLDATA");
        });
    });

    describe("a statement that is truly signed", () => {
        it("is not what the hub recorded when only the output is the same", async () => {
            const receipt = await aReceipt();
            const forged = await signedAgain(receipt, { issuedAt: receipt.statement.issuedAt - 1 });

            const verdict = verifyReceipt({ receipt: forged, chainState: await readChainState(world, forged) });

            expect(verifyReceipt({ receipt: forged })).to.deep.include({ accepted: true, reason: "" });
            expect(verdict).to.deep.include({ accepted: false, code: "RECEIPT_DELIVERY_MISMATCH" });
        });

        it("is not a delivery while the hub recorded none", async () => {
            const receipt = await aReceipt();
            const { requestId, salt, terms } = await anOpenRequest();
            const request = { ...receipt.request, salt, terms: termsToJson(terms) };
            const forged = { ...(await signedAgain(receipt, { requestId })), request };

            const verdict = verifyReceipt({ receipt: forged, chainState: await readChainState(world, forged) });

            expect(verifyReceipt({ receipt: forged })).to.deep.include({ accepted: true, reason: "" });
            expect(verdict).to.deep.include({ accepted: false, code: "RECEIPT_DELIVERY_MISMATCH" });
        });
    });
});
