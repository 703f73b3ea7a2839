import path from "node:path";
import { z } from "zod";
import { chainOptions, chainShape } from "../chain/openChain.ts";
import { writeText } from "../io/files.ts";
import { toJson } from "../io/outcome.ts";
import { findReceipt, judgeReceipt } from "../receipt/findReceipt.ts";
import { receiptText, verdictText } from "../receipt/receiptText.ts";
import { defineGroup, defineVerb } from "../verb.ts";

const sourceArg = [
    { term: "<source>", about: "requestId (the receipt is built from the chain) or receipt file" },
] as const;

const show = defineVerb({
    name: "show",
    about: "Show the receipt of an answered request, built from logs and state alone",
    args: sourceArg,
    options: [{ flags: "--out <file>", about: "also write the receipt as JSON" }, ...chainOptions],
    input: z.object({ source: z.string(), out: z.string().optional(), ...chainShape }),
    run: async ({ shell }, { source, out, ...chain }) => {
        const receipt = await findReceipt(shell, { source, ...chain });
        if (out !== undefined) await writeText({ file: path.resolve(shell.cwd, out), text: `${toJson(receipt)}\n` });
        return { ok: true, value: receipt, text: receiptText(receipt) };
    },
});

const verify = defineVerb({
    name: "verify",
    about: "Verify a receipt: a file by itself, or against a node when --rpc or --deployment is given",
    args: sourceArg,
    options: chainOptions,
    input: z.object({ source: z.string(), ...chainShape }),
    run: async ({ shell }, input) => {
        const judged = await judgeReceipt(shell, input);
        return { ok: judged.verdict.accepted, value: judged.verdict, text: verdictText(judged) };
    },
});

/** `assay receipt show|verify`: the portable record of one inference. */
export const receipt = defineGroup({ name: "receipt", about: "Receipts", verbs: [show, verify] });
