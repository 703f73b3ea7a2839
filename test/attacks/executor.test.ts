import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PRESETS, toHex } from "@assay/protocol";
import { contractsOf } from "@assay/sdk";
import { expect } from "chai";
import { Wallet } from "ethers";
import { spendNonce } from "../../offchain/executor/shell/journal/transactions.ts";
import { writeReceiptFile } from "../../offchain/executor/shell/receiptFiles.ts";
import { rejection } from "../offchain/compiler/_faults.ts";
import { inTempDir } from "../offchain/compiler/_tempDir.ts";
import { reached } from "../offchain/executor/_log.ts";
import { firstTimes, scriptedRpc } from "../offchain/executor/_rpc.ts";
import { createWorld, type World } from "../offchain/executor/_world.ts";

describe("attacks on the executor", () => {
    let world: World;
    before(async () => {
        world = await createWorld();
    });
    afterEach(() => world.stopExecutors());
    after(() => world.close());

    async function expectServedOnce(requestId: `0x${string}`) {
        expect((await world.hubEvents(requestId)).map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
    }

    it("an endpoint that hides the first block cannot give it an empty journal", async () => {
        for (const answer of [null, "latest"]) {
            const rpc = scriptedRpc({ url: world.rpcUrl });
            rpc.script.set("eth_getBlockByNumber", async (call, pass) => {
                if (call.params[0] !== "0x0") return pass();
                return answer === null ? null : pass({ ...call, params: [answer, false] });
            });

            const fault = await rejection(world.anExecutor({ rpc }).start());

            expect(fault.code).to.equal("EXECUTOR_RPC_INVALID");
        }
    });

    it("an endpoint whose count of transactions lags behind does not leave a delivery unsent", async () => {
        const first = await world.ask();
        const executor = world.anExecutor();
        await executor.start();
        await executor.seen(reached({ requestId: first.requestId, stage: "finished" }));
        await world.stopExecutors();
        const used = (await world.provider.getTransactionCount(world.executorAddress)) - 1;
        const latest = await world.provider.getBlock("latest");
        const block = { number: latest?.number ?? 0, hash: toHex(latest?.hash ?? "") };
        await spendNonce(world.database, { nonce: used, txHash: undefined, reverted: false, block });
        const rpc = scriptedRpc({ url: world.rpcUrl });
        rpc.script.set(
            "eth_getTransactionCount",
            firstTimes(1, async () => `0x${used.toString(16)}`),
        );
        const again = world.anExecutor({ rpc });
        await again.start();

        const second = await world.ask();
        await again.seen(reached({ requestId: second.requestId, stage: "finished" }));

        await expectServedOnce(second.requestId);
    });

    it("a signing key that rotates between signature and delivery does not lose the request", async () => {
        const dying = world.anExecutor({
            crash: (point) => {
                if (point === "check.before") throw new Error("the process ends here");
            },
        });
        await dying.start();
        const { requestId } = await world.ask({ policy: PRESETS.SIGNED });
        await dying.stopped.catch(() => {});
        const key = Wallet.createRandom();
        const { executors } = contractsOf({ deployment: world.deployment, runner: world.executor });
        const now = BigInt((await world.provider.getBlock("latest"))?.timestamp ?? 0);
        await (await executors.setKey(key.address, now, now + 86_400n)).wait();
        await world.networkHelpers.time.increase(1);

        const executor = world.anExecutor({ settings: { signingKey: toHex(key.privateKey) } });
        await executor.start();
        await executor.seen(reached({ requestId, stage: "finished" }));

        await expectServedOnce(requestId);
    });

    it("two executors of one home that keep a receipt at the same time both keep a whole one", async () => {
        await inTempDir(async (home) => {
            const requestId = toHex(`0x${"ab".repeat(32)}`);
            const texts = Array.from({ length: 16 }, (_, index) =>
                JSON.stringify({ index, filler: "x".repeat(50_000) }),
            );
            await mkdir(join(home, "receipts"));

            await Promise.all(texts.map((receipt) => writeReceiptFile({ home, requestId, receipt })));

            const [file = "", ...others] = await readdir(join(home, "receipts"));
            expect(others).to.deep.equal([]);
            expect(texts).to.include((await readFile(join(home, "receipts", file), "utf8")).trim());
        });
    });
});
