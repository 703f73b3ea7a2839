/**
 * Writes test/vectors/gas.json: the models, proofs and knowledge that gas is measured with. A fresh proof has other
 * bytes and so another calldata price: run this only when a model, the statement or the deployment order changed, then
 * `node scripts/vectors-gas.ts --snapshot` to write the gas itself.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileModel } from "@assay/compiler";
import { bindOf, bytesToHex, encodeGroth16, type Hex, hexToBytes, statementDigest } from "@assay/protocol";
import { createProver } from "@assay/prover";
import { readCompiledModel } from "@assay/sdk";
import { z } from "zod";
import { measureGas, PROVEN_REQUESTS, type ProvenName, provenRequest } from "../bench/gas/rows.ts";
import { GAS_SNAPSHOT, GAS_VECTORS, type ModelVector, readGasVectors } from "../bench/gas/vectors.ts";
import { createGasWorld } from "../bench/gas/world.ts";

/** Models by their role in the vectors, and the file in models/. */
const FILES = { digits: "digits", small: "argmax-8-4-2", bound: "linear-784-10" } as const;
type Role = keyof typeof FILES;
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

const models = new URL("../models/", import.meta.url);
const staging = await mkdtemp(join(tmpdir(), "assay-gas-"));
const dirOf = (role: Role): string => join(staging, role);

async function compile(role: Role): Promise<ModelVector> {
    const onnx = new Uint8Array(await readFile(new URL(`${FILES[role]}.onnx`, models)));
    const text = await readFile(new URL(`${FILES[role]}.calibration.json`, models), "utf8");
    const { input_data: calibration } = calibrationFile.parse(JSON.parse(text));
    await compileModel({ onnx, name: FILES[role], outDir: dirOf(role), calibration });
    const { spec, key, knownAnswer } = await readCompiledModel({ dir: dirOf(role) });
    const { input, output, proof } = knownAnswer;
    return {
        spec: { ...spec, semantics: BigInt(spec.semantics) },
        key: bytesToHex(key),
        knownAnswer: { ...knownAnswer, proof: [...proof] },
        input,
        output,
    };
}

/** The proof of one row, bound to the statement that the row will make in its deployment. */
async function prove(name: ProvenName, { role, model }: { role: Role; model: ModelVector }): Promise<Hex> {
    const world = await createGasWorld();
    const request = provenRequest(world, { name, model, modelId: await world.register(model) });
    const statement = world.stateOf(request, model.output);
    const bind = bindOf(statementDigest({ chainId: world.chainId, gate: world.gate, statement }));
    const prover = await createProver({ modelDir: dirOf(role) });
    try {
        return encodeGroth16(await prover.prove({ input: hexToBytes(model.input), bind })).data;
    } finally {
        await prover.close();
    }
}

function toText(value: unknown): string {
    const plain = (_: string, item: unknown) => (typeof item === "bigint" ? item.toString() : item);
    return `${JSON.stringify(value, plain, 2)}\n`;
}

async function writeVectors(): Promise<void> {
    const vectors = { digits: await compile("digits"), small: await compile("small"), bound: await compile("bound") };
    const proofs: Record<string, Hex> = {};
    for (const name of ["deliver-zk-small", "deliver-zk", "deliver-tee-and-zk"] as const) {
        const { role } = PROVEN_REQUESTS[name];
        proofs[name] = await prove(name, { role, model: vectors[role] });
    }
    await writeFile(GAS_VECTORS, toText({ models: vectors, proofs }));
}

try {
    if (!process.argv.includes("--snapshot")) await writeVectors();
    await writeFile(GAS_SNAPSHOT, toText(await measureGas(readGasVectors())));
} finally {
    await rm(staging, { recursive: true, force: true });
}
process.exit(0);
