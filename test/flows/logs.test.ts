/** T-78: the hub's logs alone say everything that the hub stores, and all of every statement; calldata has the evidence. */
import { hexToBytes, keccak256, type Statement, statementDigest, toHex, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import { type LogDescription, ZeroAddress } from "ethers";
import { CHAIN_ID, IMAGE, sharedWorld, type World } from "./_world.ts";

const Status = { Open: 1n, Final: 5n, Errored: 7n, Refunded: 8n };
const CallbackState = { None: 0n, Pending: 1n, Done: 2n, Failed: 3n };

/** What somebody who only reads logs knows of one request. */
type Known = {
    refundee: string;
    cancelAt: bigint;
    round: bigint;
    presentMask: bigint;
    resultCode: bigint;
    callback: bigint;
    status: bigint;
    escrowThenOutputHash: string;
};
type State = { requests: Map<string, Known>; credits: Map<string, bigint>; terms: Map<string, LogDescription["args"]> };

describe("flow: logs", () => {
    const shared = sharedWorld();

    it("rebuild what the hub stores", async () => {
        const world = shared();
        const { hub, requester, executor } = world;
        await liveABusyLife(world);

        const { requests, credits } = await rebuild(world);

        expect(requests.size).to.equal(6);
        for (const [requestId, known] of requests) {
            expect(await stored(world, requestId)).to.deep.equal(known);
        }
        for (const account of [requester, executor]) {
            expect(await hub.creditOf(account, ZeroAddress)).to.equal(credits.get(account.address) ?? 0n);
        }
    });

    it("rebuild the statement that was signed", async () => {
        const world = shared();
        const { hub, addresses, signingKey, ethers } = world;
        await liveABusyLife(world);
        const { terms } = await rebuild(world);

        const deliveries = await hub.queryFilter(hub.filters.Delivered());

        expect(deliveries.length).to.equal(2);
        for (const log of deliveries) {
            const { args } = log;
            const asked = terms.get(args.requestId)?.terms;
            const statement: Statement = {
                requestId: toHex(args.requestId),
                modelId: asked.modelId,
                configHash: asked.configHash,
                inputHash: asked.inputHash,
                outputHash: toHex(args.outputHash),
                contextHash: ZERO_BYTES32,
                executor: toHex(args.executor),
                issuedAt: args.issuedAt,
                round: args.round,
                resultCode: 0n,
            };
            expect(keccak256(hexToBytes(args.output))).to.equal(args.outputHash);
            const digest = statementDigest({ chainId: CHAIN_ID, gate: addresses.gate, statement });
            const call = hub.interface.parseTransaction(await log.getTransaction());
            expect(ethers.recoverAddress(digest, call?.args.evidence[0].data)).to.equal(signingKey.address);
        }
    });
});

/** Every event there is: open, delivered twice (once with a failing callback), errored, refunded, cancelled. */
async function liveABusyLife(world: World): Promise<void> {
    const { hub, requester, executor, networkHelpers, ethers } = world;
    const salts = Array.from({ length: 6 }, (_, i) => toHex(ethers.id(`salt ${i}`)));
    const moody = await ethers.deployContract("MoodyConsumer");
    const callback = toHex(await moody.getAddress());
    const [plain, called, failed, cancelled, late] = await Promise.all(
        salts.slice(0, 5).map(async (salt, i) => {
            const wish = i === 1 ? { callback, callbackGas: 100_000n } : {};
            return world.aTerms(wish).then((terms) => ({ salt, terms }));
        }),
    );
    if (!plain || !called || !failed || !cancelled || !late) throw new Error("Five requests were built.");
    const open = async ({ salt, terms }: typeof plain) => {
        await hub.connect(requester).request(terms, salt, IMAGE, "", { value: terms.feeWei });
        const key = { requester: requester.address, salt, terms };
        return { key, requestId: toHex(await hub.requestIdOf(key)) };
    };
    for (const wanted of [plain, called]) {
        const request = await open(wanted);
        const statement = await world.stateOf({ requestId: request.requestId });
        await world.fulfil(request, { statement, evidence: [await world.sign(statement)] });
    }
    const unlucky = await open(failed);
    const failure = await world.stateOf({ requestId: unlucky.requestId, resultCode: 4n });
    const evidence = [await world.sign(failure)];
    await world.fulfil(unlucky, { statement: failure, output: new Uint8Array(), evidence });
    const second = await open(cancelled);
    await hub.connect(requester).cancel(second.key);
    const third = await open(late);
    await hub.connect(executor).withdraw(ZeroAddress, executor);
    await networkHelpers.time.increase(600);
    await hub.connect(requester).cancel(second.key);
    await networkHelpers.time.increaseTo(third.key.terms.deadline + 1n);
    await hub.refund(third.key);
    await world.open({}, salts[5]);
}

/** What the hub stores of a request, by name. */
async function stored({ hub }: World, requestId: string): Promise<Known> {
    const { refundee, cancelAt, round, presentMask, resultCode, callback, status, escrowThenOutputHash } =
        await hub.requestOf(requestId);
    return { refundee, cancelAt, round, presentMask, resultCode, callback, status, escrowThenOutputHash };
}

/** Applies the logs in order. */
async function rebuild({ hub }: World): Promise<State> {
    const state: State = { requests: new Map(), credits: new Map(), terms: new Map() };
    for (const log of (await hub.runner?.provider?.getLogs({ address: await hub.getAddress(), fromBlock: 0 })) ?? []) {
        const event = hub.interface.parseLog(log);
        if (event) apply(state, event);
    }
    return state;
}

function apply(state: State, { name, args }: LogDescription): void {
    const terms = state.terms.get(args.requestId)?.terms;
    const known = state.requests.get(args.requestId);
    const credit = (account: string, amount: bigint) =>
        state.credits.set(account, (state.credits.get(account) ?? 0n) + amount);
    const called = (terms?.callbackGas ?? 0n) > 0n ? CallbackState.Pending : CallbackState.None;
    if (name === "Requested") {
        state.terms.set(args.requestId, args);
        state.requests.set(args.requestId, opened(args.terms));
    } else if (name === "Withdrawn") credit(args.account, 0n - args.amount);
    else if (!known) throw new Error(`${name} speaks of a request that was never made.`);
    else if (name === "CancelAnnounced") known.cancelAt = args.cancelAt;
    else if (name === "Delivered") {
        const { presentMask, outputHash } = args;
        Object.assign(known, { status: Status.Final, presentMask, escrowThenOutputHash: outputHash, callback: called });
        credit(args.executor, terms.feeWei);
    } else if (name === "Errored") {
        const { presentMask, resultCode } = args;
        const ended = { status: Status.Errored, escrowThenOutputHash: ZERO_BYTES32, callback: called };
        Object.assign(known, { ...ended, presentMask, resultCode });
        credit(known.refundee, terms.feeWei);
    } else if (name === "Refunded") {
        Object.assign(known, { status: Status.Refunded, escrowThenOutputHash: ZERO_BYTES32 });
        credit(args.refundee, terms.feeWei);
    } else if (name === "CallbackAttempted") {
        known.callback = args.succeeded ? CallbackState.Done : CallbackState.Failed;
    }
}

function opened({ refundee, feeWei }: { refundee: string; feeWei: bigint }): Known {
    const escrowThenOutputHash = `0x${feeWei.toString(16).padStart(64, "0")}`;
    const zeros = { cancelAt: 0n, round: 0n, presentMask: 0n, resultCode: 0n, callback: CallbackState.None };
    return { refundee, ...zeros, status: Status.Open, escrowThenOutputHash };
}
