import { expect } from "chai";
import { reached } from "./_log.ts";
import { createDoor, firstTimes, scriptedRpc } from "./_rpc.ts";
import { createWorld, type World } from "./_world.ts";

const GWEI = 10n ** 9n;

describe("executor: transactions that are stuck (T-61)", () => {
    let world: World;
    before(async () => {
        world = await createWorld();
    });
    afterEach(async () => {
        await world.provider.send("evm_setAutomine", [true]);
        await world.stopExecutors();
        // At a high price of gas the fee of a request would not pay for its answer.
        await world.networkHelpers.setNextBlockBaseFeePerGas(GWEI);
        await world.networkHelpers.mine();
    });
    after(() => world.close());

    /** Starts an executor on a node that mines only when told, once the request is in. */
    async function askedWithoutMining() {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const executor = world.anExecutor({ rpc });
        const asked = await world.ask();
        await world.provider.send("evm_setAutomine", [false]);
        await executor.start();
        const sent = () => rpc.calls.filter(({ method }) => method === "eth_sendRawTransaction");
        const transactions = () => sent().map(({ params }) => world.decode(String(params[0])));
        return { executor, rpc, asked, transactions };
    }

    it("raises the price of a transaction that is too cheap by at least a tenth, with the same nonce", async () => {
        const { executor, asked, transactions } = await askedWithoutMining();
        const { requestId } = asked;

        await executor.seen((line) => line.msg === "transaction sent");
        for (let block = 0; block < 3; block++) {
            await world.networkHelpers.setNextBlockBaseFeePerGas(100n * GWEI);
            await world.networkHelpers.mine();
        }
        await executor.seen(() => executor.lines.filter((line) => line.msg === "transaction sent").length === 2);
        await world.networkHelpers.mine();
        await executor.seen(reached({ requestId, stage: "finished" }));

        const [first, second] = transactions();
        expect(second?.nonce).to.equal(first?.nonce);
        expect(second?.data).to.equal(first?.data);
        expect(second?.maxFeePerGas).to.be.greaterThanOrEqual(((first?.maxFeePerGas ?? 0n) * 110n) / 100n);
        expect((await world.hubEvents(requestId)).map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
    });

    it("sends again what the node dropped", async () => {
        const { executor, asked, transactions } = await askedWithoutMining();
        const { requestId } = asked;

        const line = await executor.seen((line) => line.msg === "transaction sent");
        await world.provider.send("hardhat_dropTransaction", [line.txHash]);
        await executor.seen(() => executor.lines.filter((line) => line.msg === "transaction sent").length === 2);
        await world.networkHelpers.mine();
        await executor.seen(reached({ requestId, stage: "finished" }));

        expect(new Set(transactions().map(({ hash }) => hash)).size).to.equal(1);
    });

    it("fills the gap that an abandoned delivery leaves, so that the next one is not held up", async () => {
        const { executor, rpc, asked, transactions } = await askedWithoutMining();
        const door = createDoor();
        // The node never gets the first delivery, and its request expires.
        rpc.script.set("eth_sendRawTransaction", async (_call, pass) => {
            await door.passed;
            return pass();
        });
        await executor.seen(reached({ requestId: asked.requestId, stage: "await" }));
        await world.provider.send("evm_setAutomine", [true]);
        await world.networkHelpers.time.increaseTo(asked.terms.deadline + 1n);
        const next = await world.ask();
        door.open();
        await executor.seen(reached({ requestId: next.requestId, stage: "finished" }));

        const nonces = transactions().map(({ nonce }) => nonce);
        expect(new Set(nonces).size).to.equal(2);
        expect((await world.hubEvents(asked.requestId)).map(({ name }) => name)).to.deep.equal(["Requested"]);
        expect((await world.hubEvents(next.requestId)).map(({ name }) => name)).to.deep.equal([
            "Requested",
            "Delivered",
        ]);
    });

    it("delivers with another nonce when a stranger's transaction took ours", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const executor = world.anExecutor({ rpc });
        rpc.script.set(
            "eth_sendRawTransaction",
            firstTimes(1, async (_call, pass) => {
                await world.executor.sendTransaction({ to: world.requester.address, value: 1n });
                return pass();
            }),
        );
        await executor.start();

        const { requestId } = await world.ask();
        await executor.seen(reached({ requestId, stage: "finished" }));

        expect(executor.lines.some((line) => line.msg.includes("not ours"))).to.equal(true);
        expect((await world.hubEvents(requestId)).map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
    });

    it("waits with a coded fault while the operator cannot pay for gas", async () => {
        const balance = await world.provider.getBalance(world.executorAddress);
        await world.networkHelpers.setBalance(world.executorAddress, 10n);
        const executor = world.anExecutor();
        await executor.start();

        const { requestId } = await world.ask();
        await executor.seen((line) => line.requestId === requestId && line.code === "EXECUTOR_BALANCE_LOW");
        await world.networkHelpers.setBalance(world.executorAddress, balance);
        await executor.seen(reached({ requestId, stage: "finished" }));

        expect((await world.hubEvents(requestId)).at(-1)?.name).to.equal("Delivered");
    });

    it("offers no more than its cap for gas", async () => {
        const executor = world.anExecutor({ settings: { maxFeePerGasWei: 1n } });
        await executor.start();

        const { requestId } = await world.ask();
        const line = await executor.seen((line) => line.requestId === requestId && line.event === "fault");

        expect(line.code).to.equal("EXECUTOR_GAS_TOO_DEAR");
    });
});
