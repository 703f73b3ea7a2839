/** The figures of one row; the process that calls it should do nothing else, since its memory is a figure. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileModel, loadModel, type Manifest, openCircuit } from "@assay/compiler";
import { decodeIntegers, decodeIoSpec, encodeGroth16, hexToBytes, unboundBind, verifyGroth16 } from "@assay/protocol";
import { createProver, type Prover } from "@assay/prover";
import { verifyOnEvm } from "../../offchain/cli/evm/verifyOnEvm.ts";
import { domainOf } from "../../offchain/compiler/forecast/expectedCost.ts";
import { exactInputs } from "./exactness.ts";
import { loadRowModel, paramsOf, type RowModel } from "./models.ts";

/** Runs after one that warms up; their median counts. */
const RUNS = 5;

/** Compiles, proves and verifies a row's model; `inputs` is how many inputs exactness is tested on. */
export async function measureRow({ name, inputs }: { name: string; inputs: number }) {
    const row = await loadRowModel(name);
    const outDir = await mkdtemp(join(tmpdir(), "assay-bench-"));
    try {
        const { manifest, compileMs, setupMs } = await compile({ row, outDir });
        const { constraints, signals, quantisation } = manifest;
        const proving = await prove({ outDir, manifest });
        return {
            params: paramsOf(row.onnx),
            constraints: constraints.model,
            constraintsTotal: constraints.total,
            domain: domainOf({ constraints: constraints.total, signals }),
            compileMs,
            setupMs,
            ...proving,
            meanAbsPctDiff: quantisation.meanAbsPctDiff,
            top1Agreement: quantisation.top1Agreement,
            exactInputs: await exactInputs({ model: await loadModel(outDir), calibration: row.calibration, inputs }),
        };
    } finally {
        await rm(outDir, { recursive: true, force: true });
    }
}

/** Compiles without a cache; setup is what lies between the compiler's own progress lines about keys and known answer. */
async function compile({ row: { name, onnx, calibration }, outDir }: { row: RowModel; outDir: string }) {
    const began = performance.now();
    const at = new Map<string, number>();
    const onProgress = (line: string) => at.set(line, performance.now());
    const manifest = await compileModel({ onnx, name, outDir, calibration, onProgress });
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
        const peak = peakRssMb(prover);
        const verifierSource = await readFile(join(outDir, "Verifier.sol"), "utf8");
        const verdicts = await verifyOnEvm({ key, verifierSource, signals: last.signals, proof: last.proof });
        return {
            witnessMs: await witnessMs({ outDir, manifest, r: manifest.bound ? last.signals[2] : undefined }),
            proveMs,
            verifyMs,
            verifyGas: Number(verdicts.generic?.gas),
            proofBytes: hexToBytes(encodeGroth16(last).data).length,
            peakRssMb: peak,
        };
    } finally {
        await prover.close();
    }
}

/** Peak of this process, which compiled and set up, and of the proving program: more than both ever had together. */
function peakRssMb(prover: Prover): number {
    return Math.round(process.resourceUsage().maxRSS / 1024 + (prover.peakRssMb() ?? 0));
}

/** Time of the witness alone, which `proveMs` contains. */
async function witnessMs({ outDir, manifest, r }: { outDir: string; manifest: Manifest; r: bigint | undefined }) {
    const calculator = openCircuit(await loadModel(outDir));
    const { dtype } = decodeIoSpec(manifest.ioSpec).input;
    const x = decodeIntegers({ dtype, bytes: hexToBytes(manifest.knownAnswer.input) });
    const input = { x, bind: [unboundBind(manifest.vkHash)], ...(r === undefined ? {} : { r: [r] }) };
    return medianMs(() => Promise.resolve(calculator.calculate(input)));
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
