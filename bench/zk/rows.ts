/** What a model costs: constraints, time to compile, set up, prove and verify, gas, memory. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileModel, loadModel, type Manifest, openCircuit, readOnnx } from "@assay/compiler";
import { decodeIntegers, decodeIoSpec, encodeGroth16, hexToBytes, unboundBind, verifyGroth16 } from "@assay/protocol";
import { createProver } from "@assay/prover";
import { z } from "zod";
import { verifyOnEvm } from "../../offchain/cli/evm/verifyOnEvm.ts";

/** Row name and the file in models/ that it measures. */
const MODELS = { "digits-mlp": "digits", "argmax-8-4-2": "argmax-8-4-2", "linear-784-10": "linear-784-10" };
const MODELS_DIR = new URL("../../models/", import.meta.url);
/** Runs after one that warms up; their median counts. */
const RUNS = 5;

const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

/** Rows of the zk suite, in the order of MODELS. */
export async function* zkRows(only: string | undefined) {
    for (const [name, file] of Object.entries(MODELS)) {
        if (only === undefined || only === name) yield { name, ...(await measure(file)) };
    }
}

async function measure(file: string) {
    const outDir = await mkdtemp(join(tmpdir(), "assay-bench-"));
    try {
        const onnx = new Uint8Array(await readFile(new URL(`${file}.onnx`, MODELS_DIR)));
        const { manifest, compileMs, setupMs } = await compile({ file, onnx, outDir });
        const proving = await prove({ outDir, manifest });
        return {
            params: [...readOnnx(onnx).initializers.values()].reduce((sum, tensor) => sum + tensor.data.length, 0),
            constraints: manifest.constraints.model,
            constraintsTotal: manifest.constraints.total,
            domain: 2 ** Math.ceil(Math.log2(manifest.constraints.total + manifest.signals + 1)),
            compileMs,
            setupMs,
            ...proving,
            peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
            meanAbsPctDiff: manifest.quantisation.meanAbsPctDiff,
            top1Agreement: manifest.quantisation.top1Agreement,
        };
    } finally {
        await rm(outDir, { recursive: true, force: true });
    }
}

/** Compiles without a cache; setup is what lies between the compiler's own progress lines about keys and known answer. */
async function compile({ file, onnx, outDir }: { file: string; onnx: Uint8Array; outDir: string }) {
    const text = await readFile(new URL(`${file}.calibration.json`, MODELS_DIR), "utf8");
    const { input_data: calibration } = calibrationFile.parse(JSON.parse(text));
    const began = performance.now();
    const at = new Map<string, number>();
    const onProgress = (line: string) => at.set(line, performance.now());
    const manifest = await compileModel({ onnx, name: file, outDir, calibration, onProgress });
    const moment = (part: string) => [...at].find(([line]) => line.includes(part))?.[1] ?? Number.NaN;
    const setupMs = Math.round(moment("known answer") - moment("keys"));
    return { manifest, setupMs, compileMs: Math.round(performance.now() - began) - setupMs };
}

async function prove({ outDir, manifest }: { outDir: string; manifest: Manifest }) {
    const prover = await createProver({ modelDir: outDir });
    try {
        const job = { input: hexToBytes(manifest.knownAnswer.input), bind: unboundBind(manifest.vkHash) };
        await prover.prove(job);
        const last = await prover.prove(job);
        const proveMs = await medianMs(() => prover.prove(job));
        const key = new Uint8Array(await readFile(join(outDir, "verifying.key")));
        const began = performance.now();
        if (!verifyGroth16({ key, signals: last.signals, proof: last.proof })) throw new Error("The proof is wrong.");
        const verifyMs = Math.round(performance.now() - began);
        const verifierSource = await readFile(join(outDir, "Verifier.sol"), "utf8");
        const verdicts = await verifyOnEvm({ key, verifierSource, signals: last.signals, proof: last.proof });
        return {
            witnessMs: await witnessMs({ outDir, manifest, r: manifest.bound ? last.signals[2] : undefined }),
            proveMs,
            verifyMs,
            verifyGas: Number(verdicts.generic?.gas),
            proofBytes: hexToBytes(encodeGroth16(last).data).length,
        };
    } finally {
        await prover.close();
    }
}

/** Time of the witness alone, which `proveMs` contains. */
async function witnessMs({ outDir, manifest, r }: { outDir: string; manifest: Manifest; r: bigint | undefined }) {
    const calculator = openCircuit(await loadModel(outDir));
    const x = decodeIntegers({
        dtype: decodeIoSpec(manifest.ioSpec).input.dtype,
        bytes: hexToBytes(manifest.knownAnswer.input),
    });
    const input = { x, bind: [unboundBind(manifest.vkHash)], ...(r === undefined ? {} : { r: [r] }) };
    return medianMs(async () => calculator.calculate(input));
}

/** Median time of several runs. */
async function medianMs(run: () => Promise<unknown>): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < RUNS; i++) {
        const began = performance.now();
        await run();
        times.push(performance.now() - began);
    }
    return Math.round(times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN);
}
