import { describePolicy } from "@assay/protocol";
import { quote as askQuote, type Quote } from "@assay/sdk";
import { z } from "zod";
import { chainOptions, chainShape, openChain } from "../chain/openChain.ts";
import type { Outcome } from "../io/outcome.ts";
import { facts } from "../io/text.ts";
import { wishOptions, wishShape } from "../options/wish.ts";
import { unsigned } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay quote`: would this be accepted, and what does it cost? */
export const quote = defineVerb({
    name: "quote",
    about: "Which clauses of a policy can be met now for a model, and the least fee that executors ask",
    options: [...wishOptions, { flags: "--callback-gas <units>", about: "exact gas of the callback" }, ...chainOptions],
    input: z.object({ ...wishShape, callbackGas: unsigned.default(0n), ...chainShape }),
    run: async ({ shell }, { model, policy, config, executor, minStakeWei, callbackGas, ...chain }) => {
        const { provider, deployment } = await openChain(shell, chain);
        const wish = { modelId: model, policy, configHash: config, executors: executor, minStakeWei, callbackGas };
        return outcomeOf({ policy, answer: await askQuote({ provider, deployment }, wish) });
    },
});

function outcomeOf({ policy, answer }: { policy: bigint; answer: Quote }): Outcome {
    const clauses = answer.clauses.map(({ families, meetable }): [string, string] => [
        "clause",
        `${meetable ? "yes" : "no "}  ${families.join(" and ")}`,
    ]);
    const rows: [string, string][] = [["policy", describePolicy(policy)], ...clauses];
    if (answer.status === "meetable") {
        const fee: [string, string] = [
            "minimum fee",
            `${answer.minimumFeeWei} wei at ${answer.gasPriceWei} wei per gas`,
        ];
        return { ok: true, value: answer, text: facts([...rows, fee]) };
    }
    const { contractError, arguments: args, message } = answer.refusal;
    const value = { ...answer, refusal: { error: contractError, arguments: args } };
    return { ok: false, value, text: facts([...rows, ["refused", message]]) };
}
