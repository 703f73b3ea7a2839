import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createEnclave, type EnclaveEngines, type EnclaveParts, type EnclaveSettingsInput } from "@assay/enclave";
import { bytesToHex, type Hex, keccak256, type Statement, statementToJson, ZERO_BYTES32 } from "@assay/protocol";
import { z } from "zod";
import { answerOf, writeForgedModel } from "../executor/_model.ts";

/** 2026-03-04T05:06:40Z: tests do not live in the present. */
export const NOW = 1_772_600_800;
export const CHAIN_ID = 31337;
export const OWNER: Hex = `0x${"01".repeat(20)}`;
export const OPERATOR: Hex = `0x${"02".repeat(20)}`;
export const REGISTRY: Hex = `0x${"03".repeat(20)}`;
export const GATE: Hex = `0x${"04".repeat(20)}`;

const artifact = z.object({ seed: z.number() });

/** A runtime of the models that `writeForgedModel` writes; it notes how often each ran. */
export function forgedEngines(): EnclaveEngines & { runs: () => number } {
    let runs = 0;
    return {
        runs: () => runs,
        createSession: async (bytes) => {
            const { seed } = artifact.parse(JSON.parse(new TextDecoder().decode(bytes)));
            const runBytes = async (input: Uint8Array) => {
                runs += 1;
                return answerOf({ seed, input });
            };
            return { inputs: [], outputs: [], runBytes, close: async () => {} };
        },
    };
}

export type Answered = { status: number; body: Body };
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
type Body = any;

/** Starts an enclave of a forged model, with simulated documents; `close` ends it and removes its files. */
export async function startEnclave({
    settings = {},
    alsoModels = [],
    ...parts
}: {
    settings?: Partial<EnclaveSettingsInput>;
    alsoModels?: string[];
} & Partial<Omit<EnclaveParts, "settings">> = {}) {
    const home = await mkdtemp(path.join(tmpdir(), "assay-enclave-"));
    const program = await aPackage(home);
    const model = await writeForgedModel({ dir: path.join(home, "model"), seed: 7 });
    const engines = forgedEngines();
    const enclave = createEnclave({
        settings: {
            port: 0,
            provider: { name: "dev" },
            form: "nitro",
            ...(settings.upstream === undefined ? { models: [model.dir, ...alsoModels] } : {}),
            owner: OWNER,
            ...settings,
        },
        engines,
        packages: [program],
        env: {},
        execArgv: [],
        now: () => NOW,
        ...parts,
    });
    const remove = () => rm(home, { recursive: true, force: true });
    const { url } = await enclave.start().catch(async (error: unknown) => {
        await remove();
        throw error;
    });
    return {
        url,
        home,
        model,
        modelId: model.modelIdFor(OWNER),
        runs: engines.runs,
        get: (route: string) => call(new URL(route, url)),
        post: (route: string, body: unknown) => call(new URL(route, url), body),
        stop: enclave.stop,
        close: async () => {
            await enclave.stop();
            await remove();
        },
    };
}

export type World = Awaited<ReturnType<typeof startEnclave>>;

/** A package of one file, which stands for the program. */
export async function aPackage(home: string, text = "export {};"): Promise<string> {
    const folder = path.join(home, "program");
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "package.json"), JSON.stringify({ name: "program", version: "1.0.0" }));
    await writeFile(path.join(folder, "index.ts"), text);
    return folder;
}

/** Body of POST /v1/attestation. */
export function anAttestation(changes: Record<string, unknown> = {}) {
    return {
        chainId: CHAIN_ID,
        registry: REGISTRY,
        operator: OPERATOR,
        keyEpoch: "1",
        challenge: `0x${"05".repeat(32)}`,
        deadline: NOW + 600,
        ...changes,
    };
}

/** A statement of OPERATOR about an answer. */
export function aStatement({
    modelId,
    input,
    output,
    ...changes
}: { modelId: Hex; input: Uint8Array; output: Uint8Array } & Partial<Statement>): Statement {
    const resultCode = changes.resultCode ?? 0n;
    return {
        requestId: `0x${"06".repeat(32)}`,
        modelId,
        configHash: ZERO_BYTES32,
        inputHash: keccak256(input),
        outputHash: resultCode === 0n ? keccak256(output) : ZERO_BYTES32,
        contextHash: ZERO_BYTES32,
        executor: OPERATOR,
        issuedAt: BigInt(NOW),
        round: 0n,
        resultCode,
        ...changes,
    };
}

/** Body of POST /v1/sign. */
export function aSignature({
    statement,
    input,
    output,
    ...changes
}: { statement: Statement; input: Uint8Array; output: Uint8Array } & Record<string, unknown>) {
    const bytes = { input: bytesToHex(input), output: bytesToHex(output) };
    return { chainId: CHAIN_ID, gate: GATE, statement: statementToJson(statement), ...bytes, ...changes };
}

async function call(url: URL, body?: unknown): Promise<Answered> {
    const init =
        body === undefined ? {} : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) };
    const response = await fetch(url, init);
    return { status: response.status, body: await response.json() };
}
