import path from "node:path";
import type { Contribution } from "@assay/compiler";
import { SETUP_KINDS } from "@assay/protocol";
import { z } from "zod";
import { readBytes, writeNew } from "../io/files.ts";
import { facts } from "../io/text.ts";
import { setupText } from "../model/setupText.ts";
import { count } from "../values.ts";
import { defineGroup, defineVerb, type Io } from "../verb.ts";

const keyShape = { dir: z.string(), key: z.string(), ptau: z.string() };
const keyOptions = [
    { flags: "--dir <dir>", about: "directory that `assay compile --setup ceremony` wrote" },
    { flags: "--key <file>", about: "key of the last contribution (.zkey)" },
    { flags: "--ptau <file>", about: "powers of tau that the ceremony was started with" },
] as const;

const contribute = defineVerb({
    name: "contribute",
    about: "Add randomness to a key and forget it: it takes one honest contributor to make a ceremony sound",
    options: [
        { flags: "--key <file>", about: "start.zkey of the ceremony, or the key of the contribution before" },
        { flags: "--out <file>", about: "where the next key goes" },
        { flags: "--name <name>", about: "what to call the contributor" },
    ],
    input: z.object({ key: z.string(), out: z.string(), name: z.string() }),
    run: async ({ shell, progress }, { key, out, name }) => {
        const { addContribution } = await import("@assay/compiler");
        progress("contributing randomness");
        const given = new Uint8Array(await readBytes(path.resolve(shell.cwd, key)));
        const { zkey, contribution } = await addContribution({ zkey: given, name });
        const file = path.resolve(shell.cwd, out);
        await writeNew({ file, bytes: zkey });
        const value = { key: file, name: contribution.name, hash: contribution.hash };
        return { ok: true, value, text: facts([...Object.entries(value), ["publish", "the hash, under your name"]]) };
    },
});

const verify = defineVerb({
    name: "verify",
    about: "Check every contribution of a key against the circuit and the powers of tau",
    options: keyOptions,
    input: z.object(keyShape),
    run: async (io, input) => {
        const { checkCeremony } = await import("@assay/compiler");
        const transcript = await checkCeremony(await jobOf(io, input));
        return { ok: true, value: transcript, text: facts(rowsOf(transcript.contributions)) };
    },
});

const finish = defineVerb({
    name: "finish",
    about: "Apply a beacon, check everything and make the directory a compiled model",
    options: [
        ...keyOptions,
        { flags: "--beacon <hex>", about: "public randomness fixed after the last contribution, such as a block hash" },
        { flags: "--iterations <n>", about: "2^n rounds of sha256 on it: 10 to 24 (10)" },
        { flags: "--out <dir>", about: "where the compiled model goes (default: the directory itself)" },
    ],
    input: z.object({
        ...keyShape,
        beacon: z.string().transform((text) => text.replace(/^0x/, "")),
        iterations: count.default(10),
        out: z.string().optional(),
    }),
    run: async (io, { beacon, iterations, out, ...input }) => {
        const { finishCeremony } = await import("@assay/compiler");
        const job = await jobOf(io, input);
        const outDir = out === undefined ? job.dir : path.resolve(io.shell.cwd, out);
        const manifest = await finishCeremony({
            ...job,
            outDir,
            beacon: { value: beacon, iterationsLog2: iterations },
        });
        const { vkHash, contentHash, setup } = manifest;
        const contributions = setup.kind === "dev" ? [] : rowsOf(setup.transcript.contributions);
        return {
            ok: true,
            value: { dir: outDir, manifest },
            text: facts([
                ["directory", outDir],
                ["contentHash", contentHash],
                ["vkHash", vkHash],
                ["setup", setupText(SETUP_KINDS[setup.kind])],
                ["transcriptHash", setup.transcriptHash],
                ...contributions,
            ]),
        };
    },
});

/** `assay ceremony contribute|verify|finish`: the second phase of a setup, by several people. */
export const ceremony = defineGroup({
    name: "ceremony",
    about: "Make a model's key by several people, none of whom can forge proofs alone",
    verbs: [contribute, verify, finish],
});

async function jobOf({ shell, progress }: Io, { dir, key, ptau }: { dir: string; key: string; ptau: string }) {
    const at = (file: string): string => path.resolve(shell.cwd, file);
    return { dir: at(dir), zkey: new Uint8Array(await readBytes(at(key))), ptau: at(ptau), onProgress: progress };
}

function rowsOf(contributions: readonly Contribution[]): [string, string][] {
    return contributions.map(({ name, hash, beacon }, index) => [
        `contribution ${index + 1}`,
        beacon === undefined ? `${name}: ${hash}` : `beacon ${beacon.value}, 2^${beacon.iterationsLog2} rounds`,
    ]);
}
