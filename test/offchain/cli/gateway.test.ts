import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { createSession } from "@assay/compiler";
import { createGateway } from "@assay/gateway";
import type { Hex } from "@assay/protocol";
import { expect } from "chai";
import { pino } from "pino";
import { aHome, assay, startAssay } from "./_assay.ts";
import { startChain, startFakeNode, type TestChain } from "./_chain.ts";

const MODEL = fileURLToPath(new URL("../../../models/tiny-text.onnx", import.meta.url));
const START_TIMEOUT_MS = 120_000;
const KEY: Hex = `0x${"01".repeat(32)}`;
/** Whose key that is. */
const RELAYER = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1";
const ADDRESS: Hex = `0x${"22".repeat(20)}`;

describe("assay gateway", function () {
    this.timeout(START_TIMEOUT_MS);

    it("serves on a chain where nothing was prepared, from the environment alone, and stops tidily", async () => {
        const chain: TestChain = await startChain();
        const { home, remove } = await aHome();
        const env = { ASSAY_HOME: home, RPC_URL: chain.rpcUrl, PORT: "0", MODELS: MODEL };
        const gateway = startAssay(["gateway"], { env });
        await gateway.says("listening on http://");
        const url = /listening on (http:\/\/\S+)/.exec(gateway.told())?.[1] ?? "";

        const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
        const quote = await fetch(`${url}/v1/chat/completions`, { method: "POST", body: "{}" });
        const left = await gateway.stop();

        expect(data.map(({ id }) => id)).to.deep.equal(["tiny-text"]);
        expect(quote.status).to.equal(402);
        expect(left.exitCode).to.equal(0);
        await chain.close();
        await remove();
    });

    it("refuses a key on the command line of a real chain", async () => {
        const node = await startFakeNode({ chainId: 8453 });

        for (const option of ["--relayer-key", "--receipt-key"]) {
            const argv = ["gateway", "--rpc", node.rpcUrl, "--pay-to", ADDRESS, option, KEY, "--json"];
            const { exitCode, json, stderr } = await assay(argv);

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("ACCOUNT_KEY_ON_COMMAND_LINE");
            expect(stderr).to.not.include(KEY);
        }
        await node.close();
    });

    for (const [what, env] of [
        ["no relayer", { PAY_TO: ADDRESS }],
        ["no payee", { RELAYER_KEY: KEY }],
        ["no deployment", { RELAYER_KEY: KEY, PAY_TO: ADDRESS, MODELS: MODEL }],
    ] as const) {
        it(`does not start on a real chain with ${what}`, async () => {
            const node = await startFakeNode({ chainId: 8453 });
            const { home, remove } = await aHome();

            const { exitCode, json } = await assay(["gateway", "--rpc", node.rpcUrl, "--json"], {
                env: { ...env, ASSAY_HOME: home },
            });

            expect(exitCode).to.equal(1);
            const code = what === "no deployment" ? "DEPLOYMENT_NOT_AUTOMATIC" : "GATEWAY_SETTINGS_INVALID";
            expect(json.error.code).to.equal(code);
            await node.close();
            await remove();
        });
    }

    describe("before it deploys anything, compiles models or asks for a deployment", () => {
        const busy = createServer();
        /** A node that never answers. */
        const silent = createServer();
        before(() => Promise.all([busy, silent].map(listening)));
        after(() => {
            silent.closeAllConnections();
            for (const server of [busy, silent]) server.close();
        });
        const faults = [
            ["a busy port", "GATEWAY_PORT_TAKEN", () => ["--port", String(portOf(busy))]],
            ["a wrong price list", "GATEWAY_SETTINGS_INVALID", () => ["--free"], { PRICES: '{"more":1}' }],
            ["a payee that is the relayer", "GATEWAY_KEYS_NOT_SEPARATE", () => ["--pay-to", RELAYER]],
            ["no configuration in its file", "GATEWAY_SETTINGS_INVALID", () => ["--config", "/", "--config-name", "a"]],
            ["no such key file", "FILE_UNREADABLE", () => ["--relayer-key-file", "/no-such-file"]],
        ] as const;

        for (const [what, code, argv, env = {}] of faults) {
            it(`refuses ${what}`, async () => {
                const node = await startFakeNode({ chainId: 8453 });

                const { exitCode, json } = await assay(["gateway", "--rpc", node.rpcUrl, ...argv(), "--json"], {
                    env: { RELAYER_KEY: KEY, PAY_TO: ADDRESS, ...env },
                });

                expect([exitCode, json.error.code]).to.deep.equal([1, code]);
                await node.close();
            });
        }

        it("sends callers away until it serves", async () => {
            const told: string[] = [];
            const rpcUrl = `http://127.0.0.1:${portOf(silent)}`;
            const gateway = createGateway({
                settings: { rpcUrl, relayerKey: KEY, payTo: ADDRESS, home: "/no-such-home" },
                engines: { createSession, createProver: () => Promise.reject(new Error("nothing is proven")) },
                log: pino({ level: "info" }, { write: (line) => told.push(line) }),
            });
            const asked = once(silent, "request");
            const started = gateway.start().catch((fault: unknown) => fault);
            await asked;
            const url = /http:[^"]+/.exec(told.join(""))?.[0] ?? "";

            const early = await fetch(`${url}/health`);
            silent.closeAllConnections();
            await started;
            await gateway.stop();

            expect(early.status).to.equal(503);
            expect(early.headers.get("retry-after")).to.match(/^\d+$/);
            expect(await early.json()).to.have.nested.property("error.code", "GATEWAY_STARTING");
        });
    });

    for (const [what, argv, env] of [
        ["a port that is none", ["--port", "x"], {}],
        ["a configuration without its name", ["--config", "file"], {}],
    ] as const) {
        it(`says what is wrong with ${what}`, async () => {
            const { exitCode, json } = await assay(["gateway", ...argv, "--json"], { env });

            expect(exitCode).to.equal(2);
            expect(json.error.code).to.equal("WRONG_USAGE");
        });
    }

    for (const env of [{ PORT: "x" }, { PRICES: "{" }, { TOKEN: "0x12" }, { RPC_URL: "127.0.0.1" }]) {
        it(`says that the environment's ${Object.keys(env)} is wrong`, async () => {
            const { exitCode, json } = await assay(["gateway", "--json"], { env });

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("GATEWAY_SETTINGS_INVALID");
            expect(json.error.message).to.include(Object.keys(env)[0]);
        });
    }
});

async function listening(server: Server): Promise<void> {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
}

function portOf(server: Server): number {
    const bound = server.address();
    return typeof bound === "object" && bound !== null ? bound.port : 0;
}
