import path from "node:path";
import { bindOf, bytesToHex, encodeGroth16, hexToBytes, statementDigest, unboundBind } from "@assay/protocol";
import type { ProverOptions, ProvingJob } from "@assay/prover";
import { readCompiledModel } from "@assay/sdk";
import { z } from "zod";
import { readJson, writeText } from "../io/files.ts";
import { toJson } from "../io/outcome.ts";
import { facts } from "../io/text.ts";
import { readInput } from "../model/input.ts";
import { openingOf, openingOption, openOpening, saltsFor } from "../model/opening.ts";
import { outputValues } from "../model/outputValues.ts";
import { proverOptions } from "../model/proverOptions.ts";
import { setupText } from "../model/setupText.ts";
import { expectSpeaksOf, statementFile } from "../model/statement.ts";
import { INPUT_GIVEN } from "../options/inputGiven.ts";
import { hexBytes } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay prove`: one inference with its proof, bound to a statement or, without one, to nothing a gate accepts. */
export const prove = defineVerb({
    name: "prove",
    about: "Run a compiled model on one input and prove it",
    options: [
        { flags: "--dir <dir>", about: "directory that `assay compile` wrote" },
        { flags: "--input <file>", about: 'numbers as {"input_data": [[…]]}' },
        { flags: "--input-hex <hex>", about: "canonical input bytes, instead of --input" },
        { flags: "--statement <file>", about: "{chainId, gate, statement} to bind to (default: UNBOUND)" },
        openingOption,
        { flags: "--out <file>", about: "where the proof goes (default: only printed)" },
    ],
    input: z
        .object({
            dir: z.string(),
            input: z.string().optional(),
            inputHex: hexBytes.optional(),
            statement: z.string().optional(),
            opening: z.string().optional(),
            out: z.string().optional(),
        })
        .refine(...INPUT_GIVEN),
    run: async ({ shell, progress }, { dir, input, inputHex, statement, opening: file, out }) => {
        const modelDir = path.resolve(shell.cwd, dir);
        const { spec, name, setup } = await readCompiledModel({ dir: modelDir });
        const bytes = inputHex === undefined ? undefined : hexToBytes(inputHex);
        const stated = statement === undefined ? undefined : path.resolve(shell.cwd, statement);
        const about = stated === undefined ? undefined : await readJson({ file: stated, schema: statementFile });
        const bind = about === undefined ? unboundBind(spec.vkHash) : bindOf(statementDigest(about));

        const { opening, keep } = await openOpening(shell, { ioSpec: spec.ioSpec, file });
        const salts = saltsFor({ ioSpec: spec.ioSpec, opening });

        progress(`proving one inference of ${name}`);
        const canonical = bytes ?? (await readInput(shell, { dir, file: input ?? "" }));
        const proven = await proveOnce({ options: proverOptions(shell), modelDir, input: canonical, bind, salts });
        if (about !== undefined) expectSpeaksOf({ ...about, ...proven });
        await keep(openingOf({ salts, bytes: { input: canonical, output: proven.output } }));

        const { output, proof, c, signals, inputHash, outputHash } = proven;
        const shown = {
            input: salts.input === undefined ? canonical : inputHash,
            output: salts.output === undefined ? output : outputHash,
        };
        const value = {
            model: name,
            vkHash: spec.vkHash,
            bound: about === undefined ? "UNBOUND" : about.statement.requestId,
            ...{ ...shown, inputHash, outputHash, bind, proof, c, signals },
            evidence: encodeGroth16({ proof, c }).data,
            values: salts.output === undefined ? await valuesOf({ modelDir, output }) : undefined,
        };
        if (out !== undefined) await writeText({ file: path.resolve(shell.cwd, out), text: `${toJson(value)}\n` });
        const rows = {
            model: name,
            setup: setupText(setup.kind),
            bound: value.bound,
            output: salts.output === undefined ? bytesToHex(output) : `committed: ${outputHash}`,
            evidence: value.evidence,
        };
        const reals = Object.entries(value.values ?? {}).map(([name, numbers]) => [name, numbers.join(" ")] as const);
        return { ok: true, value, text: facts([...Object.entries(rows), ...reals]) };
    },
});

async function valuesOf({ modelDir, output }: { modelDir: string; output: Uint8Array }) {
    const { loadModel } = await import("@assay/compiler");
    return outputValues((await loadModel(modelDir)).manifest, output);
}

type Once = ProvingJob & { modelDir: string; options: ProverOptions };

async function proveOnce({ modelDir, options, ...job }: Once) {
    const { createProver } = await import("@assay/prover");
    const prover = await createProver({ modelDir, ...options });
    try {
        return await prover.prove(job);
    } finally {
        await prover.close();
    }
}
