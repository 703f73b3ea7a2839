import { type ExecutorFacts, type Hex, toHex } from "@assay/protocol";
import type { Provider } from "ethers";
import { z } from "zod";
import { findEvents, isBefore, type Moment } from "./_events.ts";
import { executorRegistryAbi } from "./abi.ts";
import type { Deployment } from "./deployment.ts";

const hex = z.string().transform((text) => toHex(text));
const seconds = z.bigint().transform(Number);
const event = z.discriminatedUnion("name", [
    z.object({ name: z.literal("KeySet"), values: z.object({ key: hex, notBefore: seconds, notAfter: seconds }) }),
    z.object({ name: z.literal("KeyRetired"), values: z.object({ key: hex }) }),
    z.object({ name: z.literal("KeyCompromised"), values: z.object({ key: hex }) }),
    z.object({ name: z.literal("StakeDeposited"), values: z.object({ amountWei: z.bigint() }) }),
    z.object({ name: z.literal("WithdrawalAnnounced"), values: z.object({ amountWei: z.bigint() }) }),
    z.object({ name: z.literal("WithdrawalCancelled"), values: z.object({ amountWei: z.bigint() }) }),
]);
type RegistryEvent = z.output<typeof event>;
type Replayed = Omit<ExecutorFacts, "stakeWei"> & { stakeWei: bigint };

const NOBODY: Replayed = {
    signingKey: `0x${"00".repeat(20)}`,
    notBefore: 0,
    notAfter: 0,
    state: "none",
    stakeWei: 0n,
};

/**
 * Key and stake of an executor as they stood at a moment, replayed from the registry's events: state of old blocks
 * is something that most nodes no longer have.
 */
export async function executorFactsAt(
    { provider, deployment }: { provider: Provider; deployment: Deployment },
    { executor, at }: { executor: Hex; at: Moment },
): Promise<ExecutorFacts> {
    const found = await findEvents(
        { provider },
        {
            abi: executorRegistryAbi,
            names: event.options.map(({ shape }) => shape.name.value),
            address: deployment.contracts.ExecutorRegistry,
            topics: [null, `0x${executor.slice(2).padStart(64, "0")}`],
            fromBlock: deployment.blockNumber,
            toBlock: at.blockNumber,
        },
    );
    const replayed = found
        .filter(({ place }) => isBefore({ place, at }))
        .map((item) => event.parse(item))
        .reduce(applied, NOBODY);
    return { ...replayed, stakeWei: replayed.stakeWei.toString() };
}

function applied(facts: Replayed, { name, values }: RegistryEvent): Replayed {
    switch (name) {
        case "KeySet":
            return { ...facts, ...keyOf(values), state: "active" };
        case "KeyRetired":
            return values.key === facts.signingKey ? { ...facts, state: "retired" } : facts;
        case "KeyCompromised":
            return values.key === facts.signingKey ? { ...facts, state: "compromised" } : facts;
        case "StakeDeposited":
        case "WithdrawalCancelled":
            return { ...facts, stakeWei: facts.stakeWei + values.amountWei };
        case "WithdrawalAnnounced":
            return { ...facts, stakeWei: facts.stakeWei - values.amountWei };
    }
}

function keyOf({ key, notBefore, notAfter }: { key: Hex; notBefore: number; notAfter: number }) {
    return { signingKey: key, notBefore, notAfter };
}
