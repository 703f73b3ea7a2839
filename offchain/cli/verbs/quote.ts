import { describePolicy } from "@assay/protocol";
import { quote as askQuote, type Quote, type QuotedClause } from "@assay/sdk";
import { z } from "zod";
import { failureOf } from "../_failure.ts";
import { chainOptions, chainShape, openChain } from "../chain/openChain.ts";
import { needsEnclave, type SeenEnclaves, seenEnclaves } from "../chain/seenEnclaves.ts";
import type { Outcome } from "../io/outcome.ts";
import { facts } from "../io/text.ts";
import { ONE_CONFIG, type PinnedConfig, pinnedConfig, pinnedRows } from "../options/configChoice.ts";
import { wishOptions, wishShape } from "../options/wish.ts";
import { unsigned } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay quote`: would this be accepted, and what does it cost? */
export const quote = defineVerb({
    name: "quote",
    about: "Which clauses of a policy can be met now for a model, and the least fee that executors ask",
    options: [...wishOptions, { flags: "--callback-gas <units>", about: "exact gas of the callback" }, ...chainOptions],
    input: z.object({ ...wishShape, callbackGas: unsigned.default(0n), ...chainShape }).refine(...ONE_CONFIG),
    run: async ({ shell }, { model, policy, config, configHash, executor, minStakeWei, callbackGas, ...chain }) => {
        const opened = await openChain(shell, chain);
        const pinned = await pinnedConfig(opened, { config, configHash });
        const wish = {
            modelId: model,
            policy,
            configHash: pinned.configHash,
            executors: executor,
            minStakeWei,
            callbackGas,
        };
        const answer = await askQuote(opened, wish);
        const seen = answer.clauses.some(needsEnclave)
            ? await seenEnclaves(opened, { modelId: model, executors: executor })
            : undefined;
        return outcomeOf({ policy, pinned, answer, seen, named: executor.length });
    },
});

type Row = [name: string, value: string];
type Told = { seen: SeenEnclaves | undefined; named: number };

function outcomeOf({
    policy,
    pinned,
    answer,
    ...told
}: { policy: bigint; pinned: PinnedConfig; answer: Quote } & Told): Outcome {
    const rows: Row[] = [
        ["policy", describePolicy(policy)],
        ...pinnedRows(pinned),
        ...answer.clauses.flatMap((clause) => clauseRows({ clause, ...told })),
    ];
    const enclaves = told.seen === undefined ? {} : { enclaves: told.seen };
    if (answer.status === "meetable") {
        const fee: Row = ["minimum fee", `${answer.minimumFeeWei} wei at ${answer.gasPriceWei} wei per gas`];
        return { ok: true, value: { ...answer, ...pinned, ...enclaves }, text: facts([...rows, fee]) };
    }
    const { contractError, arguments: args } = answer.refusal;
    const { code, message, fix } = failureOf(answer.refusal);
    const value = { ...answer, ...pinned, ...enclaves, refusal: { error: contractError, arguments: args } };
    return { ok: false, value, text: facts([...rows, ["refused", `${code}: ${message}`], ["fix", fix]]) };
}

/** A clause, and what a gate cannot know of it: whether somebody who may answer has the enclaves. */
function clauseRows({ clause, seen, named }: { clause: QuotedClause } & Told): Row[] {
    const { families, meetable } = clause;
    const marked = families.map((family) => (seen?.simulated.includes(family) ? `${family} (SIMULATED)` : family));
    const row: Row = ["clause", `${meetable ? "yes" : "no "}  ${marked.join(" and ")}`];
    if (!meetable || seen === undefined || !needsEnclave(clause)) return [row];
    const missing = families.filter(
        (family) => needsEnclave({ families: [family] }) && !seen.families.includes(family),
    );
    if (named > 0 && missing.length === 0) return [row, ["", "     a named executor has a live enclave for it"]];
    const warning =
        named === 0
            ? "WARNING: nobody is named, so it is not known whether somebody has a live enclave"
            : `WARNING: no named executor has a live enclave of ${missing.join(", ")} that may attest this model`;
    return [row, ["", `     ${warning}`]];
}
