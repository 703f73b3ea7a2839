import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import { createEnclaveClient } from "@assay/enclave";
import { bytesToHex } from "@assay/protocol";
import { expect } from "chai";
import { pino } from "pino";
import { binaryDigestOf } from "../../../offchain/enclave/shell/binaryDigest.ts";
import { INPUTS } from "../executor/_model.ts";
import { rejection } from "./_rejection.ts";
import { startScripted } from "./_scripted.ts";
import { anAttestation, aPackage, aSignature, aStatement, forgedEngines, startEnclave, type World } from "./_world.ts";

const input = new Uint8Array(INPUTS);

describe("enclave's HTTP interface", () => {
    let world: World;
    const told: string[] = [];
    before(async () => {
        world = await startEnclave({ log: pino({ level: "debug" }, { write: (line) => told.push(line) }) });
    });
    after(() => world.close());

    const statement = () => aStatement({ modelId: world.modelId, input, output: input });
    const BAD: [string, string, () => unknown][] = [
        ["no JSON", "/v1/run", () => "oops"],
        ["an empty body", "/v1/run", () => ""],
        ["a missing member", "/v1/run", () => ({ modelId: world.modelId })],
        ["an unknown member", "/v1/run", () => ({ modelId: world.modelId, input: "0x", more: 1 })],
        ["a short hash", "/v1/run", () => ({ modelId: "0x00", input: "0x" })],
        ["half a byte", "/v1/run", () => ({ modelId: world.modelId, input: "0x0" })],
        ["a registration without owner", "/v1/run", () => ({ modelId: world.modelId, input: "0x", registration: {} })],
        ["a negative number", "/v1/attestation", () => anAttestation({ deadline: -1 })],
        ["a number that is not exact", "/v1/attestation", () => anAttestation({ chainId: 2 ** 60 })],
        ["too large a number", "/v1/attestation", () => anAttestation({ keyEpoch: String(2n ** 64n) })],
        ["no number", "/v1/attestation", () => anAttestation({ keyEpoch: "1e3" })],
        ["a short address", "/v1/attestation", () => anAttestation({ operator: "0x01" })],
        ["a statement that lacks a member", "/v1/sign", () => ({ ...signature(), statement: { round: 0 } })],
        [
            "a result code that is none",
            "/v1/sign",
            () => ({ ...signature(), statement: { ...signature().statement, resultCode: 256 } }),
        ],
        [
            "a block that is none",
            "/v1/heartbeat",
            () => ({ enclaveId: world.modelId, blockHash: "0x", blockNumber: 1 }),
        ],
        ["no enclave", "/v1/activate", () => ({})],
    ];
    const signature = () => aSignature({ statement: statement(), input, output: input });
    for (const [what, route, body] of BAD) {
        it(`refuses ${what} (${route})`, async () => {
            const { status, body: answered } = await world.post(route, body());

            expect(status).to.equal(400);
            expect(answered.error.code).to.equal("ENCLAVE_REQUEST_INVALID");
        });
    }

    it("knows its routes only", async () => {
        const { code, message } = (await world.get("/v1/key")).body.error;
        expect(code).to.equal("ENCLAVE_ROUTE_UNKNOWN");
        expect(message).to.include("GET /v1/key is not there.");
        expect((await world.get("/v1/sign")).status).to.equal(404);
    });

    it("reads no more than a model can take", async () => {
        const { status, body } = await world.post("/v1/run", {
            modelId: world.modelId,
            input: `0x${"00".repeat(9 << 20)}`,
        });

        expect(status).to.equal(413);
        expect(body.error.code).to.equal("ENCLAVE_REQUEST_TOO_LARGE");
    });

    it("tells those who come while it is full to come again", async () => {
        const { promise: door, resolve: open } = Promise.withResolvers<void>();
        const engines = forgedEngines();
        const slow: typeof engines = {
            ...engines,
            createSession: async (bytes) => {
                const session = await engines.createSession(bytes);
                return { ...session, runBytes: async (given) => door.then(() => session.runBytes(given)) };
            },
        };
        const full = await startEnclave({ settings: { parallelRuns: 1 }, engines: slow });
        const question = { modelId: full.modelId, input: bytesToHex(input) };
        const first = full.post("/v1/run", question);
        const second = full.post("/v1/run", question);

        const refused = await Promise.race([first, second]);
        open();
        const statuses = (await Promise.all([first, second])).map(({ status }) => status).sort();

        expect(refused.body.error.code).to.equal("ENCLAVE_BUSY");
        expect(statuses).to.deep.equal([200, 503]);
        await full.close();
    });

    it("stops although somebody holds a connection open", async () => {
        const other = await startEnclave();
        const { port } = new URL(other.url);
        const socket = connect(Number(port), "127.0.0.1");
        await once(socket, "connect");
        const closed = once(socket, "close");
        socket.on("error", () => {});

        await other.close();

        await closed;
    });

    it("stops when what runs has ended, before its model is freed", async () => {
        const { promise: door, resolve: open } = Promise.withResolvers<void>();
        const { promise: running, resolve: run } = Promise.withResolvers<void>();
        const engines = forgedEngines();
        const order: string[] = [];
        const slow: typeof engines = {
            ...engines,
            createSession: async (bytes) => {
                const session = await engines.createSession(bytes);
                const runBytes = async (given: Uint8Array) => {
                    run();
                    await door;
                    order.push("ran");
                    return session.runBytes(given);
                };
                return { ...session, runBytes, close: async () => void order.push("freed") };
            },
        };
        const other = await startEnclave({ engines: slow });
        const cut = other.post("/v1/run", { modelId: other.modelId, input: bytesToHex(input) }).catch(() => undefined);
        await running;

        const closing = other.close();
        await cut;
        open();
        await closing;

        expect(order).to.deep.equal(["ran", "freed"]);
    });

    it("says nothing of keys, inputs and outputs in its log", async () => {
        await world.post("/v1/attestation", anAttestation());
        await world.post("/v1/run", { modelId: world.modelId, input: bytesToHex(input) });
        await world.post("/v1/sign", signature());

        expect(told.join("")).to.include("SIMULATED");
        expect(told.join("")).to.not.include("00".repeat(INPUTS));
        expect(
            told.every((line) => !/[0-9a-f]{64}/.test(line.replaceAll(/"binaryDigest":"0x[0-9a-f]+"/g, ""))),
        ).to.equal(true);
    });

    describe("digest of the program", () => {
        it("covers every file of a package, and nothing but the files", async () => {
            const folder = await aPackage(world.home);
            const before = await binaryDigestOf({ folders: [folder] });
            expect(await binaryDigestOf({ folders: [folder, folder] })).to.equal(before);

            await writeFile(path.join(folder, "more.wasm"), Uint8Array.of(1));
            const more = await binaryDigestOf({ folders: [folder] });
            await writeFile(path.join(folder, "more.wasm"), Uint8Array.of(2));
            const other = await binaryDigestOf({ folders: [folder] });

            expect(new Set([before, more, other]).size).to.equal(3);
        });

        it("is none when a package that it needs is missing", async () => {
            const folder = await aPackage(world.home);
            const manifest = { name: "program", version: "1.0.0", dependencies: { "not-installed-anywhere": "1.0.0" } };
            await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));

            expect(await rejection(binaryDigestOf({ folders: [folder] }))).to.have.property(
                "code",
                "ENCLAVE_UNMEASURED",
            );
        });
    });

    describe("client", () => {
        it("says when nobody answers", async () => {
            const client = createEnclaveClient({ url: "http://127.0.0.1:1" });

            expect(await rejection(client.describe())).to.have.property("code", "ENCLAVE_UNREACHABLE");
        });

        for (const [what, text, status, code] of [
            ["no JSON", "oops", 200, "ENCLAVE_ANSWER_INVALID"],
            ["something else", "{}", 200, "ENCLAVE_ANSWER_INVALID"],
            ["a refusal", '{"error":{"code":"X","message":"no"}}', 403, "ENCLAVE_REFUSED"],
            ["too much", "x".repeat((1 << 20) + 1), 200, "ENCLAVE_ANSWER_INVALID"],
        ] as const) {
            it(`names ${what}`, async () => {
                const scripted = await startScripted({
                    script: (_seen, response) => response.writeHead(status).end(text),
                });
                const client = createEnclaveClient({ url: scripted.url });

                expect(await rejection(client.describe())).to.have.property("code", code);
                await scripted.close();
            });
        }

        it("waits no longer than it was told", async () => {
            const scripted = await startScripted({ script: () => {} });
            const client = createEnclaveClient({ url: scripted.url, timeoutMs: 100 });

            expect(await rejection(client.describe())).to.have.property("code", "ENCLAVE_UNREACHABLE");
            await scripted.close();
        });
    });
});
