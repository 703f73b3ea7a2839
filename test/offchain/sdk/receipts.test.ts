import { type HubReceipt, parseReceipt, verifyReceipt } from "@assay/protocol";
import { readChainState, receiptFromChain, sendRequest } from "@assay/sdk";
import { expect } from "chai";
import { Wallet } from "ethers";
import { expectFault } from "./_expect.ts";
import { createWorld, type World } from "./_world.ts";

describe("sdk receipts", () => {
    let world: World;

    beforeEach(async () => {
        world = await createWorld();
    });

    /** The receipt of a signed delivery. */
    async function aReceipt(): Promise<HubReceipt> {
        const request = await world.aRequest();
        await sendRequest(world.acting, request);
        await world.deliver(request, "0x2a");
        return receiptFromChain({ ...world, requestId: request.requestId });
    }

    it("come out of the chain alone, well-formed, and verify against it", async () => {
        const receipt = await aReceipt();

        const verdict = verifyReceipt({ receipt, chainState: await readChainState(world, receipt) });

        expect(parseReceipt(JSON.parse(JSON.stringify(receipt)))).to.deep.equal(receipt);
        expect(verdict.reason).to.equal("");
        expect(verdict).to.deep.include({ accepted: true, code: "ACCEPTED", present: 1, policyMet: true });
        expect(verdict.claimed.map(({ subject }) => subject)).to.deep.equal(["statement.issuedAt"]);
    });

    it("verify without a chain too, with the registry facts as claims", async () => {
        const verdict = verifyReceipt({ receipt: await aReceipt() });

        expect(verdict.accepted).to.equal(true);
        expect(verdict.claimed.map(({ subject }) => subject)).to.include.members([
            "registry.executor.signingKey",
            "registry.blockHash",
            "settlement",
        ]);
    });

    it("name the key that the executor had at the delivery, whatever it has now", async () => {
        const receipt = await aReceipt();

        await world.asExecutor.executors.setKey(Wallet.createRandom().address, 0, 2n ** 40n - 1n);
        const later = await receiptFromChain({ ...world, requestId: receipt.statement.requestId });
        const verdict = verifyReceipt({ receipt: later, chainState: await readChainState(world, later) });

        expect(later.registry.executor).to.deep.equal(receipt.registry.executor);
        expect(later.registry.executor?.signingKey).to.equal(world.signingKey.address.toLowerCase());
        expect(verdict.accepted).to.equal(true);
        expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["RECEIPT_KEY_RETIRED"]);
    });

    it("are refused once their key is reported compromised", async () => {
        const receipt = await aReceipt();

        await world.asExecutor.executors.reportCompromised(world.signingKey.address);
        const verdict = verifyReceipt({ receipt, chainState: await readChainState(world, receipt) });

        expect(verdict).to.deep.include({ accepted: false, code: "RECEIPT_KEY_COMPROMISED" });
    });

    it("carry the stake that counted at the delivery", async () => {
        await world.asExecutor.executors.deposit({ value: 10n });
        await world.asExecutor.executors.announceWithdrawal(4n);
        const receipt = await aReceipt();

        await world.asExecutor.executors.cancelWithdrawal();
        const later = await receiptFromChain({ ...world, requestId: receipt.statement.requestId });

        expect(receipt.registry.executor?.stakeWei).to.equal("6");
        expect(later.registry.executor?.stakeWei).to.equal("6");
    });

    it("are refused when their block is not the chain's", async () => {
        const receipt = await aReceipt();
        const forged = { ...receipt, registry: { ...receipt.registry, blockHash: `0x${"11".repeat(32)}` as const } };

        const verdict = verifyReceipt({ receipt: forged, chainState: await readChainState(world, receipt) });

        expect(verdict).to.deep.include({ accepted: false, code: "RECEIPT_BLOCK_MISMATCH" });
    });

    it("carry an input that only the delivery brought", async () => {
        const request = await world.aRequest({ inputUri: "ipfs://somewhere" });
        await sendRequest(world.acting, request);
        await world.deliver(request, "0x2a");

        const receipt = await receiptFromChain({ ...world, requestId: request.requestId });

        expect(receipt.input).to.equal("0x010203");
        expect(verifyReceipt({ receipt }).accepted).to.equal(true);
    });

    it("find the evidence in a delivery that another contract passed on", async () => {
        const request = await world.aRequest();
        await sendRequest(world.acting, request);
        const { call } = await world.signedCall(request, "0x2a");
        const relay = await world.ethers.deployContract("Relay");
        const data = world.asExecutor.hub.interface.encodeFunctionData("fulfil", call);
        await relay.forward(world.deployment.contracts.InferenceHub, data);

        const receipt = await receiptFromChain({ ...world, requestId: request.requestId });

        expect(verifyReceipt({ receipt, chainState: await readChainState(world, receipt) }).code).to.equal("ACCEPTED");
    });

    it("are left to the executor when no calldata shows the evidence", async () => {
        const request = await world.aRequest();
        await sendRequest(world.acting, request);
        const { call } = await world.signedCall(request, "0x2a");
        const relay = await world.ethers.deployContract("Relay");
        await relay.keep(world.asExecutor.hub.interface.encodeFunctionData("fulfil", call));
        await relay.fire(world.deployment.contracts.InferenceHub);

        await expectFault(receiptFromChain({ ...world, requestId: request.requestId }), "EVIDENCE_NOT_IN_CALLDATA");
    });

    it("do not exist before an answer", async () => {
        const request = await world.aRequest();
        await sendRequest(world.acting, request);

        await expectFault(receiptFromChain({ ...world, requestId: request.requestId }), "REQUEST_UNANSWERED");
    });
});
