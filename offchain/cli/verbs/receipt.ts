import path from "node:path";
import { z } from "zod";
import { chainOptions, chainShape, LOCAL_NODE, nodeUrl } from "../chain/openChain.ts";
import { writeText } from "../io/files.ts";
import { toJson } from "../io/outcome.ts";
import { findReceipt, judgeReceipt } from "../receipt/findReceipt.ts";
import { receiptText, verdictText } from "../receipt/receiptText.ts";
import { defineGroup, defineVerb, type OptionSpec } from "../verb.ts";

/** The receipt's own bytes stay as they are; whoever shows an opening shows it for good. */
const openingOption = {
    flags: "--opening <file>",
    about: "what opens the committed sides, as `assay prove --opening` kept it",
} as const;

const sourceArg = [
    {
        term: "<source>",
        about: "requestId (the receipt is built from the chain), receipt file, or a gateway's answer in a file",
    },
] as const;

/** The options of a chain, where a file needs no node. */
function withNode(change: Partial<OptionSpec>): OptionSpec[] {
    return chainOptions.map((option) => (option.flags.startsWith("--rpc") ? { ...option, ...change } : option));
}

const oneNode = withNode({
    about: `JSON-RPC of a node that a requestId is read from (else ASSAY_RPC_URL, else ${LOCAL_NODE}); a file asks none`,
});

const show = defineVerb({
    name: "show",
    about: "Show the receipt of an answered request, built from logs and state alone",
    args: sourceArg,
    options: [{ flags: "--out <file>", about: "also write the receipt as JSON" }, openingOption, ...oneNode],
    input: z.object({
        source: z.string(),
        out: z.string().optional(),
        opening: z.string().optional(),
        ...chainShape,
    }),
    run: async ({ shell }, { source, out, opening, ...chain }) => {
        const receipt = await findReceipt(shell, { source, opening, ...chain });
        if (out !== undefined) await writeText({ file: path.resolve(shell.cwd, out), text: `${toJson(receipt)}\n` });
        return { ok: true, value: receipt, text: receiptText(receipt) };
    },
});

/** Whoever does not trust one node asks several; one that says otherwise than the others ends it. */
const manyNodes = withNode({
    about: [
        "JSON-RPC of a node to hold it against; repeat it for more, which all have to agree",
        `(a file alone asks none; a requestId, or a file with --deployment: else ASSAY_RPC_URL, else ${LOCAL_NODE})`,
    ].join(" "),
    repeat: true,
});

const verify = defineVerb({
    name: "verify",
    about: "Verify a receipt: a file by itself, or against nodes when --rpc or --deployment is given",
    args: sourceArg,
    options: [openingOption, ...manyNodes],
    input: z.object({
        source: z.string(),
        opening: z.string().optional(),
        ...chainShape,
        rpc: z.array(nodeUrl).min(1).optional(),
    }),
    run: async ({ shell }, input) => {
        const judged = await judgeReceipt(shell, input);
        return { ok: judged.verdict.accepted, value: judged.verdict, text: verdictText(judged) };
    },
});

/** `assay receipt show|verify`: the portable record of one inference. */
export const receipt = defineGroup({ name: "receipt", about: "Receipts", verbs: [show, verify] });
