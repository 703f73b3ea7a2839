import { PRESETS, ProtocolError } from "@assay/protocol";
import { expect } from "chai";
import { mayContain } from "../../../offchain/executor/core/bloom.ts";
import { createChain } from "../../../offchain/executor/shell/chain/chain.ts";
import { hubFilter } from "../../../offchain/executor/shell/chain/events.ts";
import { RpcRefusal } from "../../../offchain/executor/shell/chain/rpc.ts";
import { account, word } from "./_builders.ts";
import { reached } from "./_log.ts";
import { firstTimes, type Play, scriptedRpc } from "./_rpc.ts";
import { createWorld, type World } from "./_world.ts";

const UNREACHABLE = new ProtocolError({ code: "EXECUTOR_RPC_UNREACHABLE", message: "Nobody is there." });

describe("executor: endpoints that misbehave", () => {
    let world: World;
    before(async () => {
        world = await createWorld();
    });
    afterEach(() => world.stopExecutors());
    after(() => world.close());

    async function startedWith(script: Record<string, Play>) {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        for (const [method, play] of Object.entries(script)) rpc.script.set(method, play);
        const executor = world.anExecutor({ rpc });
        await executor.start();
        return { ...executor, rpc };
    }

    async function expectServedOnce(requestId: `0x${string}`) {
        expect((await world.hubEvents(requestId)).map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
    }

    describe("logs (T-59)", () => {
        const cases: Record<string, Play> = {
            "are forgotten at first": firstTimes(4, async () => []),
            "come twice and in the wrong order": async (_call, pass) => {
                const logs = await pass();
                return Array.isArray(logs) ? [...logs, ...logs].reverse() : logs;
            },
            "come as taken back, and then after all": firstTimes(2, async (_call, pass) => {
                const logs = await pass();
                return Array.isArray(logs) ? logs.map((log: object) => ({ ...log, removed: true })) : logs;
            }),
            "come from another block at first": firstTimes(2, async (_call, pass) => {
                const logs = await pass();
                return Array.isArray(logs)
                    ? logs.map((log: object) => ({ ...log, blockHash: `0x${"11".repeat(32)}` }))
                    : logs;
            }),
            "are not given at all at first": firstTimes(3, async () => {
                throw UNREACHABLE;
            }),
        };
        for (const [title, play] of Object.entries(cases)) {
            it(`${title}: the request is served once all the same`, async () => {
                const executor = await startedWith({ eth_getLogs: play });

                const { requestId } = await world.ask();
                await executor.seen(reached({ requestId, stage: "finished" }));

                await expectServedOnce(requestId);
            });
        }

        it("are given only for small ranges: a request far back is found all the same", async () => {
            const { requestId } = await world.ask();
            await world.networkHelpers.mine(200);
            const tooMany = { code: -32005, message: "query returns more than 70 blocks" };
            const executor = await startedWith({
                eth_getLogs: async (call, pass) => {
                    if (spanOf(call.params) > 70) throw new RpcRefusal({ method: call.method, error: tooMany });
                    return pass();
                },
            });

            await executor.seen(reached({ requestId, stage: "finished" }));

            await expectServedOnce(requestId);
        });
    });

    it("give headers whose bloom filter shows the hub's logs, and not those of others", async () => {
        const { requestId } = await world.ask();
        const hub = world.deployment.contracts.InferenceHub;
        const { chain, filter } = {
            chain: createChain({ rpc: scriptedRpc({ url: world.rpcUrl }) }),
            filter: hubFilter({ hub }),
        };
        const { logsBloom: bloom, number } = (await chain.header({ at: "latest" })) ?? { logsBloom: "0x", number: 0 };

        const logs = await chain.logs({ filter, of: { fromBlock: number, toBlock: number } });

        expect(logs[0]?.topics[1]).to.equal(requestId);
        expect(mayContain({ bloom, ...filter })).to.equal(true);
        expect(mayContain({ bloom, ...filter, addresses: undefined })).to.equal(true);
        expect(mayContain({ bloom, ...filter, addresses: [account(1)] })).to.equal(false);
        expect(mayContain({ bloom, ...filter, topics: [word(1)] })).to.equal(false);
    });

    it("that lag behind are not taken for a reorganisation", async () => {
        let old: unknown;
        const lagging: Play = async (call, pass) => {
            if (call.params[0] !== "latest") return pass();
            old ??= await pass();
            return old;
        };
        const executor = await startedWith({});
        const { requestId } = await world.ask();
        await executor.seen(reached({ requestId, stage: "finished" }));

        executor.rpc.script.set("eth_getBlockByNumber", firstTimes(2, lagging));
        const next = await world.ask();
        await executor.seen(reached({ requestId: next.requestId, stage: "finished" }));

        expect(executor.lines.filter(({ event }) => event === "unsettled" || event === "orphaned")).to.deep.equal([]);
    });

    describe("sending (T-60)", () => {
        it("mines a transaction but loses the answer: it is delivered and paid once", async () => {
            const paidBefore = await world.creditWei();
            const executor = await startedWith({
                eth_sendRawTransaction: firstTimes(1, async (_call, pass) => {
                    await pass();
                    throw UNREACHABLE;
                }),
            });

            const { requestId, terms } = await world.ask();
            await executor.seen(reached({ requestId, stage: "finished" }));

            await expectServedOnce(requestId);
            expect(await world.creditWei()).to.equal(paidBefore + terms.feeWei);
        });

        it("loses the transaction: the same one is sent again", async () => {
            const executor = await startedWith({
                eth_sendRawTransaction: firstTimes(2, async () => {
                    throw UNREACHABLE;
                }),
            });

            const { requestId } = await world.ask();
            await executor.seen(reached({ requestId, stage: "finished" }));

            await expectServedOnce(requestId);
            const sent = executor.rpc.calls.filter(({ method }) => method === "eth_sendRawTransaction");
            expect(new Set(sent.map(({ params }) => params[0])).size).to.equal(1);
        });

        it("says it has it already, and has not: the same one is sent again", async () => {
            const known = { code: -32000, message: "already known" };
            const executor = await startedWith({
                eth_sendRawTransaction: firstTimes(1, async ({ method }) => {
                    throw new RpcRefusal({ method, error: known });
                }),
            });

            const { requestId } = await world.ask();
            await executor.seen(reached({ requestId, stage: "finished" }));

            await expectServedOnce(requestId);
        });

        it("lets somebody copy the delivery and send it first: our transaction reverts, and we are paid", async () => {
            const paidBefore = await world.creditWei();
            const executor = await startedWith({
                eth_sendRawTransaction: firstTimes(1, async ({ params }, pass) => {
                    const { data, to } = world.decode(String(params[0]));
                    // Both are in one block, the copy first.
                    await world.provider.send("evm_setAutomine", [false]);
                    await world.requester.sendTransaction({
                        to,
                        data,
                        gasLimit: 1_000_000n,
                        maxPriorityFeePerGas: 10n ** 11n,
                        maxFeePerGas: 10n ** 12n,
                    });
                    const answer = await pass();
                    await world.provider.send("evm_mine", []);
                    await world.provider.send("evm_setAutomine", [true]);
                    return answer;
                }),
            });

            const { requestId, terms } = await world.ask();
            await executor.seen(reached({ requestId, stage: "finished" }));

            await expectServedOnce(requestId);
            expect(await world.creditWei()).to.equal(paidBefore + terms.feeWei);
            const [raw] = executor.rpc.calls.filter(({ method }) => method === "eth_sendRawTransaction");
            const receipt = await world.provider.getTransactionReceipt(world.decode(String(raw?.params[0])).hash);
            expect(receipt?.status).to.equal(0);
        });
    });

    it("that mix two chains, or refuse, are named as such and asked again", async () => {
        const busy = { code: -32005, message: "limit exceeded" };
        const executor = await startedWith({
            eth_getLogs: firstTimes(1, async (_call, pass) => {
                const logs = await pass();
                return Array.isArray(logs) ? logs.map((log: object) => ({ ...log, blockHash: word(1) })) : logs;
            }),
        });
        executor.rpc.script.set(
            "eth_estimateGas",
            firstTimes(1, async ({ method }) => {
                throw new RpcRefusal({ method, error: busy });
            }),
        );

        const { requestId } = await world.ask();
        await executor.seen(({ code }) => code === "EXECUTOR_RPC_INCONSISTENT");
        const fault = await executor.seen(({ code }) => code === "EXECUTOR_RPC_REFUSED");
        await executor.seen(reached({ requestId, stage: "finished" }));

        expect(fault.detail).to.include("eth_estimateGas: limit exceeded (-32005)");
        await expectServedOnce(requestId);
    });

    it("that are silent for a while only delay the work", async () => {
        const silent = firstTimes(3, async () => {
            throw UNREACHABLE;
        });
        const executor = await startedWith({});
        executor.rpc.script.set("eth_call", silent);
        executor.rpc.script.set(
            "eth_estimateGas",
            firstTimes(1, () => Promise.reject(UNREACHABLE)),
        );

        const { requestId } = await world.ask({ policy: PRESETS.SIGNED_AND_ZK });
        await executor.seen(reached({ requestId, stage: "finished" }));

        await expectServedOnce(requestId);
        expect(executor.lines.some(({ code }) => code === "EXECUTOR_RPC_UNREACHABLE")).to.equal(true);
    });
});

/** Blocks that a query for logs covers. */
function spanOf(params: readonly unknown[]): number {
    const [query] = params;
    if (typeof query !== "object" || query === null || !("fromBlock" in query) || !("toBlock" in query)) return 1;
    return Number(query.toBlock) - Number(query.fromBlock) + 1;
}
