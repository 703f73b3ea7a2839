import path from "node:path";
import { bytesToHex, SETUP_KINDS } from "@assay/protocol";
import { type CompiledModelSpec, readCompiledModel } from "@assay/sdk";
import { z } from "zod";
import { readBytes, readJson } from "../io/files.ts";
import { facts } from "../io/text.ts";
import { type Check, knownInference, offChainChecks, signalsOf } from "../model/checks.ts";
import { type ProvenInference, proofFile } from "../model/proofFile.ts";
import { setupText } from "../model/setupText.ts";
import { defineVerb, type Io } from "../verb.ts";

type Job = { dir: string; model: CompiledModelSpec; claim: ProvenInference; onnx: string | undefined };

/** `assay verify`: does this compiled model prove what it says? */
export const verify = defineVerb({
    name: "verify",
    about: "Check a compiled model: its files, its key, and its known answer or a proof made with it",
    options: [
        { flags: "--dir <dir>", about: "directory that `assay compile` wrote" },
        { flags: "--proof <file>", about: "proof that `assay prove --out` wrote (default: the known answer)" },
        { flags: "--evm", about: "also by both contracts in an EVM of this process, with their gas" },
        { flags: "--rebuild", about: "also recompute circuit and development key: unmasks one under another name" },
        { flags: "--ptau <file>", about: "with --rebuild: the powers of tau that a single or ceremony key is made of" },
        { flags: "--onnx <file>", about: "with --rebuild, also that the model is this ONNX file, quantised" },
    ],
    input: z.object({
        dir: z.string(),
        proof: z.string().optional(),
        evm: z.boolean().default(false),
        rebuild: z.boolean().default(false),
        ptau: z.string().optional(),
        onnx: z.string().optional(),
    }),
    run: async (io, { dir, proof, evm, rebuild, ptau, onnx }) => {
        const { cwd } = io.shell;
        const model = await readCompiledModel({ dir: path.resolve(cwd, dir) });
        const claim =
            proof === undefined
                ? knownInference(model)
                : await readJson({ file: path.resolve(cwd, proof), schema: proofFile });
        const { loadModel } = await import("@assay/compiler");
        await loadModel(path.resolve(cwd, dir)); // throws MODEL_DIR_INVALID
        const job = { dir: path.resolve(cwd, dir), model, claim, onnx };
        const checks: Check[] = [
            { name: "files", ok: true, detail: "have the hashes of the manifest, and one key" },
            ...offChainChecks({ model, claim }),
            ...(evm ? await evmChecks(io, job) : []),
            ...(rebuild ? [await rebuildCheck(io, job), ...(await setupChecks(io, { ...job, ptau }))] : []),
        ];
        const accepted = checks.every(({ ok }) => ok);
        const { name, spec, setup } = model;
        const rows = checks.map(({ name, ok, detail }): [string, string] => [name, `${ok ? "yes" : "NO "}  ${detail}`]);
        return {
            ok: accepted,
            value: { accepted, model: name, vkHash: spec.vkHash, development: setup.kind === SETUP_KINDS.dev, checks },
            text: facts([
                ["model", name],
                ["vkHash", spec.vkHash],
                ["setup", setupText(setup.kind)],
                ...rows,
                ["accepted", accepted ? "yes" : "NO"],
            ]),
        };
    },
});

async function evmChecks({ progress }: Io, { dir, model, claim }: Job): Promise<Check[]> {
    progress("verifying in an EVM of this process");
    const { verifyOnEvm } = await import("../evm/verifyOnEvm.ts");
    const source = await readBytes(path.join(dir, "Verifier.sol"));
    const verdicts = await verifyOnEvm({
        key: model.key,
        verifierSource: Buffer.from(source).toString("utf8"),
        signals: signalsOf({ model, claim }),
        proof: claim.proof,
    });
    return Object.entries(verdicts).map(([name, { accepted, gas }]) => ({
        name: `evm ${name}`,
        ok: accepted,
        detail: gas === undefined ? "reverts" : `${gas} gas, whole transaction`,
        ...(gas === undefined ? {} : { gas }),
    }));
}

/** A development key is what the rebuild gives, byte for byte; any other key must not be. */
async function rebuildCheck({ progress, shell }: Io, { dir, model, onnx }: Job): Promise<Check> {
    progress("recomputing the development key from the model");
    const { rebuildKey } = await import("@assay/compiler");
    const source = onnx === undefined ? {} : { onnx: await readBytes(path.resolve(shell.cwd, onnx)) };
    const isSame = bytesToHex(await rebuildKey({ modelDir: dir, ...source })) === bytesToHex(model.key);
    const isDevelopment = model.setup.kind === SETUP_KINDS.dev;
    const same = isDevelopment ? "the same, byte for byte" : "THE SAME: this is a development key under another name";
    const other = isDevelopment
        ? "ANOTHER ONE: this is not the development key of this model"
        : "another one, as it must be";
    return { name: "rebuilt key", ok: isSame === isDevelopment, detail: isSame ? same : other };
}

/** That the key of a real chain is made of the rebuilt circuit, the powers of tau and the contributions it names. */
async function setupChecks(
    { progress, shell }: Io,
    { dir, model, ptau }: Job & { ptau: string | undefined },
): Promise<(Check & { isPhase1Public?: boolean })[]> {
    if (model.setup.kind === SETUP_KINDS.dev) return [];
    if (ptau === undefined)
        return [{ name: "setup", ok: false, detail: "NOT CHECKED: give the powers of tau by --ptau" }];
    const { verifySetup } = await import("@assay/compiler");
    const verdict = await verifySetup({ modelDir: dir, ptau: path.resolve(shell.cwd, ptau), onProgress: progress });
    if (verdict.status === "refused") return [{ name: "setup", ok: false, detail: verdict.why }];
    const names = verdict.transcript.contributions.map(({ name }) => name).join(", ");
    const { isPhase1Public } = verdict;
    const phase1 = isPhase1Public ? "the public powers of tau" : "powers of tau of UNKNOWN ORIGIN";
    const danger = isPhase1Public ? "" : ": whoever made those alone can forge proofs";
    return [{ name: "setup", ok: true, detail: `follows from ${phase1} by ${names}${danger}`, isPhase1Public }];
}
