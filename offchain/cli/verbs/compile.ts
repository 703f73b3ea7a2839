import path from "node:path";
import type { CompilationPlan, Manifest } from "@assay/compiler";
import { decodeIoSpec, SETUP_KINDS } from "@assay/protocol";
import { z } from "zod";
import { readBytes, readJson, writeText } from "../io/files.ts";
import { facts } from "../io/text.ts";
import { inputFile } from "../model/inputFile.ts";
import { planText } from "../model/planText.ts";
import { qualityRows, warningsText } from "../model/qualityText.ts";
import { setupText } from "../model/setupText.ts";
import { count, percent } from "../values.ts";
import { defineVerb } from "../verb.ts";

const visibility = z.enum(["public", "committed"]).default("public");

/** `assay compile`: ONNX to integer model, circuit, keys, verifier and manifest. */
export const compile = defineVerb({
    name: "compile",
    about: "Compile an ONNX model: integer twin, circuit, proving and verifying key, Solidity verifier, manifest",
    args: [{ term: "<model>", about: "the .onnx file" }],
    options: [
        { flags: "--out <dir>", about: "where the compiled model goes (default: beside the file, without .onnx)" },
        { flags: "--calibration <file>", about: 'samples as {"input_data": [[…], …]}: they set the input range' },
        { flags: "--input <file>", about: "without calibration: one input, whose range is widened four times" },
        { flags: "--bits <n>", about: "significant bits of weights and activations" },
        { flags: "--input-bits <n>", about: "significant bits of the input" },
        { flags: "--accuracy <percent>", about: "most that answers and scores may change by quantising (1)" },
        {
            flags: "--input-visibility <mode>",
            about: "public, or committed: only a commitment to it is shown (public)",
        },
        { flags: "--output-visibility <mode>", about: "public, or committed (public)" },
        { flags: "--parameters <mode>", about: "constants, or committed: weights stay in the directory (constants)" },
        {
            flags: "--setup <kind>",
            about: "dev: public secret, for chains 31337 and 1337; single: one random contribution; ceremony: starts one",
        },
        { flags: "--ptau <file>", about: "powers of tau, prepared for phase 2: for single and ceremony" },
        { flags: "--report <file>", about: "also write an HTML page: cost by layer, accuracy, what a proof rests on" },
    ],
    input: z
        .object({
            model: z.string(),
            out: z.string().optional(),
            calibration: z.string().optional(),
            input: z.string().optional(),
            bits: count.optional(),
            inputBits: count.optional(),
            accuracy: percent.optional(),
            inputVisibility: visibility,
            outputVisibility: visibility,
            parameters: z.enum(["constants", "committed"]).default("constants"),
            setup: z.enum(["dev", "single", "ceremony"]).default("dev"),
            ptau: z.string().optional(),
            report: z.string().optional(),
        })
        .refine(({ setup, report }) => setup !== "ceremony" || report === undefined, {
            path: ["report"],
            message: "a ceremony has no key to report on before it is finished",
        }),
    run: async (
        { shell, progress },
        { model, out, calibration, input, bits, inputBits, accuracy, setup, ptau, report, ...choices },
    ) => {
        const { compileModel, startCeremony } = await import("@assay/compiler");
        const file = path.resolve(shell.cwd, model);
        const name = path.basename(file).replace(/\.onnx$/, "");
        const outDir = out === undefined ? path.join(path.dirname(file), name) : path.resolve(shell.cwd, out);
        const shown = calibration ?? input;
        const samples = shown === undefined ? undefined : await readSamples(path.resolve(shell.cwd, shown));
        const plans: CompilationPlan[] = [];
        const job = {
            onnx: await readBytes(file),
            name,
            outDir,
            ...choices,
            onProgress: progress,
            onPlan: (plan: CompilationPlan) => {
                progress(planText(plan));
                plans.push(plan);
            },
            ...(samples === undefined ? {} : { calibration: samples }),
            ...(bits === undefined ? {} : { bits }),
            ...(inputBits === undefined ? {} : { inputBits }),
            ...(accuracy === undefined ? {} : { accuracyPct: accuracy }),
            ...(ptau === undefined ? {} : { ptau: path.resolve(shell.cwd, ptau) }),
        };
        if (setup === "ceremony") {
            const started = { dir: outDir, ...(await startCeremony(job)) };
            const next = "assay ceremony contribute, by two people or more, then assay ceremony finish";
            return { ok: true, value: started, text: facts([...Object.entries(started), ["next", next]]) };
        }
        const manifest = await compileModel({ ...job, setup });
        const page = report === undefined ? undefined : path.resolve(shell.cwd, report);
        if (page !== undefined) await writeReport({ job, page });
        return {
            ok: true,
            value: { dir: outDir, manifest, plan: plans[0], report: page },
            text: `${facts([
                ["directory", outDir],
                ...rows(manifest),
                ...(page === undefined ? [] : [["report", page] as const]),
                ...qualityRows(manifest),
            ])}${warningsText(manifest)}`,
        };
    },
});

type Reported = { job: { outDir: string; onnx: Uint8Array; calibration?: number[][] }; page: string };

async function writeReport({ job: { outDir, ...source }, page }: Reported): Promise<void> {
    const { modelReport } = await import("@assay/compiler");
    await writeText({ file: page, text: await modelReport({ modelDir: outDir, ...source }) });
}

async function readSamples(file: string): Promise<number[][]> {
    return (await readJson({ file, schema: inputFile })).input_data;
}

function rows({ constraints, setup, ...manifest }: Manifest): [string, string][] {
    const { input, output } = decodeIoSpec(manifest.ioSpec);
    const shown = ({ committed }: { committed: boolean }) => (committed ? "committed" : "public");
    const hidden = manifest.parameters;
    return [
        ["visibility", `input ${shown(input)}, output ${shown(output)}`],
        ["parameters", hidden === undefined ? "constants" : `${hidden.count}, committed: ${hidden.commitment}`],
        ["contentHash", manifest.contentHash],
        ["vkHash", manifest.vkHash],
        ["constraints", `${constraints.total} (model ${constraints.model}, binding ${constraints.binding})`],
        ["setup", setupText(SETUP_KINDS[setup.kind])],
    ];
}
