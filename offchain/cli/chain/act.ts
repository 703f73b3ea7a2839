import type { ActingOn, Sent } from "@assay/sdk";
import type { z } from "zod";
import type { Shell } from "../io/shell.ts";
import { resolveSigner, signerOptions, signerShape } from "../keys/signer.ts";
import type { OptionSpec } from "../verb.ts";
import { chainOptions, chainShape, openChain } from "./openChain.ts";

/** The options of every verb that sends transactions to a deployment. */
export const actingOptions: readonly OptionSpec[] = [...signerOptions, ...chainOptions];

/** What `actingOptions` are parsed into. */
export const actingShape = { ...signerShape, ...chainShape };

export type ActingChoice = z.output<z.ZodObject<typeof actingShape>>;

/** Connects, reads the deployment and opens the key: everything a transaction needs. */
export async function openActing(shell: Shell, choice: ActingChoice): Promise<ActingOn & { chainId: number }> {
    const chain = await openChain(shell, choice);
    return { ...chain, signer: await resolveSigner({ shell, ...chain }, choice) };
}

/** The lines that end the report of every transaction. */
export function sentRows({ transactionHash, blockNumber, gasUsed }: Sent): [name: string, value: string][] {
    return [
        ["transaction", transactionHash],
        ["block", String(blockNumber)],
        ["gas", String(gasUsed)],
    ];
}
