import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { ProtocolError } from "@assay/protocol";
import { writeDeployment } from "@assay/sdk";
import { expect } from "chai";
import { migrate } from "../../../offchain/executor/shell/journal/migrate.ts";
import { MIGRATIONS } from "../../../offchain/executor/shell/journal/migrations.ts";
import { faultOf } from "./_faults.ts";
import { reached } from "./_log.ts";
import { firstTimes, scriptedRpc } from "./_rpc.ts";
import { createWorld, type World } from "./_world.ts";

describe("executor: start and stop", () => {
    let world: World;
    before(async () => {
        world = await createWorld();
    });
    afterEach(() => world.stopExecutors());
    after(() => world.close());

    it("refuses an endpoint of another chain", async () => {
        const root = await mkdtemp(`${tmpdir()}/assay-start-`);
        const deploymentFile = await writeDeployment({ root, deployment: { ...world.deployment, chainId: 1337 } });
        const executor = world.anExecutor({ settings: { deploymentFile } });

        const fault = await faultOf(executor.start());

        expect(fault.code).to.equal("EXECUTOR_CHAIN_MISMATCH");
        expect(fault.message).to.include("serves chain 31337, the deployment is of chain 1337");
    });

    it("refuses a journal of another executor", async () => {
        await migrate({ database: world.database, migrations: MIGRATIONS });
        await world.database.query("INSERT INTO identity (name, value) VALUES ('executor', '0xbad')");

        const fault = await faultOf(world.anExecutor().start());
        await world.database.query("DELETE FROM identity");

        expect(fault.code).to.equal("EXECUTOR_CHAIN_MISMATCH");
        expect(fault.message).to.include("executor 0xbad");
    });

    it("throws when the endpoint is silent at the start", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const silence = new ProtocolError({ code: "EXECUTOR_RPC_UNREACHABLE" });
        rpc.script.set(
            "eth_chainId",
            firstTimes(1, () => Promise.reject(silence)),
        );

        expect(await faultOf(world.anExecutor({ rpc }).start())).to.equal(silence);
    });

    it("takes up at the next start what it left at its stop", async () => {
        const first = world.anExecutor();
        await first.start();
        const { requestId } = await world.ask();
        await first.seen(reached({ requestId, stage: "admit" }));
        await first.stop();
        await first.stopped;

        const second = world.anExecutor();
        await second.start();
        await second.seen((line) => line.requestId === requestId && line.stage === "finished");

        expect((await world.hubEvents(requestId)).map(({ name }) => name)).to.deep.equal(["Requested", "Delivered"]);
    });

    it("stops when it was never started, and twice", async () => {
        const executor = world.anExecutor();

        await executor.stop();
        await executor.stop();
        await executor.stopped;
    });

    it("stops, and rejects `stopped`, when its journal fails", async () => {
        const broken = new Error("disk full");
        let isBroken = false;
        const executor = world.anExecutor({
            database: async () => ({
                ...world.database,
                close: async () => {},
                transaction: (work) => (isBroken ? Promise.reject(broken) : world.database.transaction(work)),
            }),
        });
        await executor.start();

        const { requestId } = await world.ask();
        await executor.seen(reached({ requestId, stage: "admit" }));
        isBroken = true;
        const reason = await executor.stopped.catch((error: unknown) => error);

        expect(reason).to.equal(broken);
        expect((await world.hubEvents(requestId)).map(({ name }) => name)).to.deep.equal(["Requested"]);
    });
});
