/** An executor whose enclaves lie, disappear or lose their standing never delivers what the chain would refuse. */
import { createServer } from "node:http";
import { type Hex, PRESETS } from "@assay/protocol";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import { historyOf } from "../../offchain/executor/shell/journal/requests.ts";
import { forgedEngines, withProver } from "../offchain/executor/_model.ts";
import { createDoor } from "../offchain/executor/_rpc.ts";
import { classBytes } from "../support/forgedModel.ts";
import { createTeeWorld, type TeeWorld } from "./_teeWorld.ts";

/** Registering a Nitro document verifies five P-384 signatures in plain EVM. */
const SETUP_TIMEOUT_MS = 60_000;
const OPEN_SECONDS = 600n;

/** What comes between an executor and its enclave: undefined passes the call on, an object is answered, a cut is a cut. */
type Play = (path: string) => { status: number; body: unknown } | "cut" | undefined;

describe("flow: TEE, executor", () => {
    let world: TeeWorld;
    const closing: (() => void)[] = [];
    before(async function () {
        this.timeout(SETUP_TIMEOUT_MS);
        world = await createTeeWorld();
    });
    afterEach(async () => {
        await world.stopExecutors();
        for (const close of closing.splice(0)) close();
    });
    after(() => world.close());

    /** An address at which an enclave seems to be; `play` can be changed at any time. */
    async function between(url: string, play: Play) {
        const scripted = { play, url: "" };
        const server = createServer((request, response) => {
            const chunks: Buffer[] = [];
            request.on("data", (chunk: Buffer) => chunks.push(chunk));
            request.on("end", async () => {
                const played = scripted.play(request.url ?? "");
                if (played === "cut") return request.socket.destroy();
                if (played !== undefined) {
                    return response.writeHead(played.status).end(JSON.stringify(played.body));
                }
                const body = chunks.length === 0 ? {} : { method: "POST", body: Buffer.concat(chunks) };
                const passed = await fetch(new URL(request.url ?? "", url), body);
                return response.writeHead(passed.status).end(await passed.text());
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        closing.push(() => {
            server.close();
            server.closeAllConnections();
        });
        const bound = server.address();
        scripted.url = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`;
        return scripted;
    }
    const whenSigning = (played: ReturnType<Play>): Play => {
        return (path) => (path === "/v1/sign" ? played : undefined);
    };
    const deadline = async () => BigInt(await world.networkHelpers.time.latest()) + OPEN_SECONDS;
    const failed = (requestId: Hex, event = "fault") => {
        return (line: { requestId?: string | undefined; event?: string | undefined }) =>
            line.requestId === requestId && line.event === event;
    };
    /** Lets the request's deadline pass. */
    async function expire() {
        await world.networkHelpers.time.increase(OPEN_SECONDS + 1n);
        await world.networkHelpers.mine();
    }
    const namesOf = async (requestId: Hex) => (await world.hubEvents(requestId)).map(({ name }) => name);
    const dated = async (requestId: Hex) =>
        (await historyOf(world.database, requestId)).filter(({ event }) => event === "dated").length;

    const stranger = new Wallet(id("a stranger")).signingKey.sign(id("anything")).serialized;
    const lies: Record<string, ReturnType<Play>> = {
        "signs with another key": { status: 200, body: { signature: stranger } },
        "signs garbage": { status: 200, body: { signature: `0x${"00".repeat(65)}` } },
        "gives no answer": { status: 200, body: {} },
        refuses: { status: 422, body: { error: { code: "ENCLAVE_STATEMENT_REFUSED", message: "Another output." } } },
        "cuts the line": "cut",
    };
    for (const [title, played] of Object.entries(lies)) {
        it(`has another enclave sign when the first ${title}`, async () => {
            const bad = await between(world.nitro.url, whenSigning(played));
            const executor = world.anExecutor({ settings: { enclaves: [bad.url, world.nitro.url] } });
            await executor.start();

            const { requestId } = await world.ask();
            await executor.finished(requestId);

            expect(await namesOf(requestId)).to.deep.equal(["Requested", "Delivered"]);
        });

        it(`delivers nothing when its only enclave ${title}, and says why`, async () => {
            const bad = await between(world.tdx.url, whenSigning(played));
            const executor = world.anExecutor({ settings: { enclaves: [bad.url] } });
            await executor.start();

            const { requestId } = await world.ask({ deadline: await deadline() });
            const fault = await executor.seen(failed(requestId));
            await expire();
            const end = await executor.ended(requestId);

            expect(fault.code).to.be.oneOf(["EXECUTOR_ENCLAVE_REFUSED", "EXECUTOR_ENCLAVE_UNREACHABLE"]);
            expect(end).to.include({ stage: "closed", code: "EXECUTOR_REQUEST_EXPIRED" });
            expect(await namesOf(requestId)).to.deep.equal(["Requested"]);
        });
    }

    it("delivers nothing when its own answer is not the enclave's", async () => {
        const engines = forgedEngines([world.model]);
        const executor = world.anExecutor({
            engines: {
                ...engines,
                createSession: async () => ({ runBytes: async () => classBytes(11), close: async () => {} }),
            },
            settings: { enclaves: [world.tdx.url] },
        });
        await executor.start();

        const { requestId } = await world.ask({ deadline: await deadline() });
        const fault = await executor.seen(failed(requestId));
        await expire();
        await executor.ended(requestId);

        expect(fault.code).to.equal("EXECUTOR_ENCLAVE_REFUSED");
        expect(fault.detail).to.include("ENCLAVE_STATEMENT_REFUSED");
        expect(await namesOf(requestId)).to.deep.equal(["Requested"]);
    });

    it("serves what it could not look at when its enclave was away for a moment", async () => {
        const away = await between(world.tdx.url, () => "cut");
        const executor = world.anExecutor({ settings: { enclaves: [away.url] } });
        await executor.start();

        const { requestId } = await world.ask();
        const fault = await executor.seen(failed(requestId));
        away.play = () => undefined;
        await executor.finished(requestId);

        expect(fault.code).to.equal("EXECUTOR_ENCLAVE_MISSING");
        expect(fault.detail).to.include(`unknown family at ${away.url}: it does not answer`);
        expect(await namesOf(requestId)).to.deep.equal(["Requested", "Delivered"]);
    });

    it("serves what waited for an enclave that was not registered when it was asked for", async () => {
        const enclave = await world.startEnclave({ form: "tdx" });
        const executor = world.anExecutor({ settings: { enclaves: [enclave.url] } });
        await executor.start();

        const { requestId } = await world.ask();
        const fault = await executor.seen(failed(requestId));
        await world.register(enclave);
        await executor.finished(requestId);

        expect(fault.code).to.equal("EXECUTOR_ENCLAVE_MISSING");
        expect(fault.detail).to.match(/^TEE_TDX at \S+: its key 0x[0-9a-f]{40} is not registered\./);
        expect(await namesOf(requestId)).to.deep.equal(["Requested", "Delivered"]);
    });

    it("says at its start what its enclave lacks, and does not ask it where nobody asked for one", async () => {
        const asked: string[] = [];
        const watched = await between(world.tdx.url, (path) => {
            asked.push(path);
            return "cut";
        });
        const executor = world.anExecutor({ settings: { enclaves: [watched.url] } });
        await executor.start();
        const warned = executor.lines.find(({ msg }) => msg === "an enclave attests nothing");

        const { requestId } = await world.ask({ policy: PRESETS.SIGNED });
        await executor.finished(requestId);

        expect(warned?.code).to.equal("EXECUTOR_ENCLAVE_UNREACHABLE");
        expect(asked).to.deep.equal(["/v1/enclave"]);
    });

    describe("between signing and delivering", () => {
        /** An executor that waits before it proves, when its enclave has signed already. */
        async function signedBy(url: string) {
            const door = createDoor();
            const engines = withProver(forgedEngines([world.model]), (prove) => door.passed.then(prove));
            const executor = world.anExecutor({ engines, settings: { enclaves: [url] } });
            await executor.start();
            const asked = await world.ask({ policy: PRESETS.TEE_AND_ZK, deadline: await deadline() });
            await executor.seen((line) => line.requestId === asked.requestId && line.stage === "prove");
            return { executor, requestId: asked.requestId, door };
        }
        async function anEnclave() {
            const enclave = await world.startEnclave({ form: "tdx" });
            return { ...enclave, ...(await world.register(enclave)) };
        }

        it("delivers what an enclave signed that is gone since", async () => {
            const enclave = await anEnclave();
            const { executor, requestId, door } = await signedBy(enclave.url);

            await enclave.stop();
            door.open();
            await executor.finished(requestId);

            expect(await dated(requestId)).to.equal(1);
            expect(await namesOf(requestId)).to.deep.equal(["Requested", "Delivered"]);
        });

        it("delivers what an enclave signed under a key that was renewed since", async () => {
            const enclave = await anEnclave();
            const { executor, requestId, door } = await signedBy(enclave.url);

            await world.register(enclave);
            door.open();
            await executor.finished(requestId);

            expect(await dated(requestId)).to.equal(1);
        });

        it("has another statement signed under the new key when the old one was retired", async () => {
            const enclave = await anEnclave();
            const { executor, requestId, door } = await signedBy(enclave.url);

            await world.register(enclave);
            await world.asOperator.enclaves.retire(enclave.enclaveId);
            // Statements differ by their time at least: a block of the same second cannot date another one.
            await world.networkHelpers.time.increase(1);
            door.open();
            await executor.finished(requestId);

            expect(await dated(requestId)).to.equal(2);
            expect(await namesOf(requestId)).to.deep.equal(["Requested", "Delivered"]);
        });

        const endings: Record<string, (enclave: Awaited<ReturnType<typeof anEnclave>>) => Promise<unknown>> = {
            "its key was reported compromised": ({ enclaveId }) =>
                world.asOperator.enclaves.reportCompromised(enclaveId),
            "it was revoked": ({ enclaveId }) => world.asOwner.attestationPolicy.revoke(enclaveId, 2),
            "the model's owner un-named its code": ({ family, measurementId }) =>
                world.asOwner.models.unnameMeasurement(world.modelId, { family, measurementId }),
        };
        for (const [title, end] of Object.entries(endings)) {
            it(`delivers nothing when ${title}`, async () => {
                const enclave = await anEnclave();
                const { executor, requestId, door } = await signedBy(enclave.url);

                await world.networkHelpers.time.increase(1);
                await end(enclave);
                door.open();
                const rejected = await executor.seen(failed(requestId));
                await expire();
                const closed = await executor.ended(requestId);

                expect(rejected.code).to.equal("EXECUTOR_ENCLAVE_MISSING");
                expect(closed).to.include({ stage: "closed", code: "EXECUTOR_REQUEST_EXPIRED" });
                expect(await namesOf(requestId)).to.deep.equal(["Requested"]);
            });
        }
    });
});
