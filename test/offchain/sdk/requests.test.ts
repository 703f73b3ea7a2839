import { PRESETS, toHex } from "@assay/protocol";
import {
    cancelRequest,
    contractsOf,
    onChain,
    quote,
    recordedAnswer,
    recordedRequest,
    refundRequest,
    requestState,
    sendRequest,
    waitForAnswer,
    withdrawCredit,
} from "@assay/sdk";
import { expect } from "chai";
import { expectFault, expectRevert } from "./_expect.ts";
import { createWorld, type World } from "./_world.ts";

/** The deployment's token, some of it held by the requester. */
async function aToken({ world, amount }: { world: World; amount: bigint }) {
    const token = await world.ethers.getContractAt("TestToken", world.deployment.contracts.Token ?? "");
    await token.mint(world.requester.address, amount);
    return token;
}

describe("sdk requests", () => {
    let world: World;

    beforeEach(async () => {
        world = await createWorld();
    });

    describe("sendRequest", () => {
        it("opens the request that was prepared, under the id that was computed", async () => {
            const request = await world.aRequest();

            const sent = await sendRequest(world.acting, request);

            const { hub } = contractsOf({ deployment: world.deployment, runner: world.provider });
            const { status } = await requestState(world, request.requestId);
            expect(status).to.equal("Open");
            expect(sent.gasUsed > 21_000n).to.equal(true);
            expect(
                await hub.requestIdOf({ ...request, terms: { ...request.terms, executors: [world.executor.address] } }),
            ).to.equal(request.requestId);
        });

        it("approves exactly the fee when it is paid in the token", async () => {
            const token = await aToken({ world, amount: 500n });
            const request = await world.aRequest({ token: toHex(await token.getAddress()), feeWei: 300n });

            await sendRequest(world.acting, request);

            const { InferenceHub } = world.deployment.contracts;
            expect(await token.balanceOf(InferenceHub)).to.equal(300n);
            expect(await token.allowance(world.requester.address, InferenceHub)).to.equal(0n);
        });

        it("reports the contract's own error with its arguments when the policy cannot be met", async () => {
            const request = await world.aRequest({ policy: PRESETS.TEE });

            const refused = sendRequest(world.acting, request);

            await expectRevert(refused, "PolicyCannotBeMet", {
                policy: "0x0100000000000000000000000000000000000000000000000000000800040002 (TEE)",
            });
        });
    });

    describe("recordedRequest", () => {
        it("gives back exactly what was asked, an empty list of executors included", async () => {
            const { executors } = world.asExecutor;
            await executors.deposit({ value: 7n });
            const request = await world.aRequest({ executors: [], minStakeWei: 7n });
            await sendRequest(world.acting, request);

            const recorded = await recordedRequest(world, request.requestId);

            expect(recorded.terms).to.deep.equal(request.terms);
            expect(recorded.input).to.deep.equal(request.input);
            expect(recorded.salt).to.equal(request.salt);
            expect(recorded.meetableClauses).to.equal(1);
        });

        it("throws REQUEST_UNKNOWN for an id that the hub never saw", async () => {
            const { requestId } = await world.aRequest();

            await expectFault(recordedRequest(world, requestId), "REQUEST_UNKNOWN");
        });
    });

    describe("recordedAnswer", () => {
        it("is undefined until somebody answered, then carries the output", async () => {
            const request = await world.aRequest();
            await sendRequest(world.acting, request);
            const before = await recordedAnswer(world, request.requestId);

            const statement = await world.deliver(request, "0x2a");
            const after = await recordedAnswer(world, request.requestId);

            expect(before).to.equal(undefined);
            expect(after?.output).to.equal("0x2a");
            expect(after?.outputHash).to.equal(statement.outputHash);
            expect(after?.issuedAt).to.equal(statement.issuedAt);
        });
    });

    describe("waitForAnswer", () => {
        it("ends with the state of an answered request", async () => {
            const request = await world.aRequest();
            await sendRequest(world.acting, request);
            await world.deliver(request, "0x2a");
            const { signal } = new AbortController();

            const state = await waitForAnswer({ ...world, signal }, request);

            expect(state).to.deep.include({ status: "Final", presentMask: 1 });
        });

        it("throws REQUEST_UNANSWERED when the wait is over first", async () => {
            const request = await world.aRequest();
            await sendRequest(world.acting, request);

            const waited = waitForAnswer({ ...world, signal: AbortSignal.timeout(20) }, { ...request, intervalMs: 5 });

            await expectFault(waited, "REQUEST_UNANSWERED");
        });
    });

    describe("cancelRequest", () => {
        it("announces first, and refunds 600 s later", async () => {
            const request = await world.aRequest();
            await sendRequest(world.acting, request);

            const first = await cancelRequest(world.acting, request.requestId);
            await expectRevert(cancelRequest(world.acting, request.requestId), "CancelNotDue");
            await world.networkHelpers.time.increaseTo(first.cancelAt);
            const second = await cancelRequest(world.acting, request.requestId);

            expect(first.refunded).to.equal(false);
            expect(second.refunded).to.equal(true);
        });
    });

    describe("refundRequest and withdrawCredit", () => {
        it("give the whole fee back after the deadline", async () => {
            const request = await world.aRequest();
            await sendRequest(world.acting, request);
            await expectRevert(refundRequest(world.acting, request.requestId), "DeadlineNotPassed");

            await world.networkHelpers.time.increaseTo(request.terms.deadline + 1n);
            await refundRequest(world.acting, request.requestId);
            const to = "0x00000000000000000000000000000000000a55a7";
            const paid = await withdrawCredit(world.acting, { to });

            expect(paid.amountWei).to.equal(request.terms.feeWei);
            expect(await world.provider.getBalance(to)).to.equal(request.terms.feeWei);
        });
    });

    describe("quote", () => {
        it("says which clauses can be met and what the dearest of them costs", async () => {
            const { executors } = (await world.aRequest()).terms;

            const answer = await quote(world, { modelId: world.modelId, policy: PRESETS.SIGNED, executors });

            expect(answer.status).to.equal("meetable");
            expect(answer.clauses).to.deep.equal([{ families: ["SIGNED"], meetable: true }]);
            expect(answer.status === "meetable" && answer.minimumFeeWei > 0n).to.equal(true);
        });

        it("carries the gate's refusal when nothing can be met", async () => {
            const answer = await quote(world, { modelId: world.modelId, policy: PRESETS.ZK });

            expect(answer.status).to.equal("refused");
            expect(answer.status === "refused" && answer.refusal.contractError).to.equal("PolicyCannotBeMet");
        });
    });

    it("decodes what a contract says in view calls too", async () => {
        const { models } = contractsOf({ deployment: world.deployment, runner: world.provider });
        const unknown = `0x${"ab".repeat(32)}`;

        await expectRevert(
            onChain(() => models.record(unknown)),
            "UnknownModel",
            { modelId: unknown },
        );
    });
});
