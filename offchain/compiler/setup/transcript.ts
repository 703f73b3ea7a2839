import { type Hex, hashJson, isHex } from "@assay/protocol";
import { z } from "zod";

const hash32 = z.custom<Hex>((value) => isHex(value, 32));
const hash64 = z.custom<Hex>((value) => isHex(value, 64));
const beacon = z.strictObject({ value: z.custom<Hex>((value) => isHex(value)), iterationsLog2: z.number().int() });

/** What the setup of a circuit was made from, in a manifest. Names are only claimed. */
export const transcriptSchema = z.strictObject({
    /** sha256 of the constraint system. */
    r1cs: hash32,
    /** Phase 1. */
    ptau: z.strictObject({ sha256: hash32, log2Size: z.number().int() }),
    /** blake2b-512 of the key that contributions start from, as snarkjs prints it. */
    circuitHash: hash64,
    /** In order; a ceremony ends in the beacon. */
    contributions: z.array(z.strictObject({ name: z.string(), hash: hash64, beacon: beacon.optional() })).min(1),
});

/** What the setup of a circuit was made from. */
export type Transcript = z.output<typeof transcriptSchema>;

/** How a key came to be, in a manifest: the hash is what is registered; of a development setup, sha256 of the r1cs. */
export const setupSchema = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("dev"), transcriptHash: hash32 }),
    z.strictObject({ kind: z.enum(["single", "ceremony"]), transcriptHash: hash32, transcript: transcriptSchema }),
]);

/** How a key came to be. */
export type SetupRecord = z.output<typeof setupSchema>;

/** The record of a setup for real chains. */
export function recordOf({ kind, transcript }: { kind: "single" | "ceremony"; transcript: Transcript }): SetupRecord {
    return { kind, transcriptHash: transcriptHashOf(transcript), transcript };
}

/** keccak256 of the canonical JSON. */
export function transcriptHashOf(transcript: Transcript): Hex {
    return hashJson(transcript);
}

/** Fewest contributions of people, so that no single one knows the secret if the others are honest. */
export const CEREMONY_CONTRIBUTIONS = 2;

/** Why a transcript does not make a setup of its kind; undefined: it does. */
export function faultOfTranscript({
    kind,
    contributions,
}: {
    kind: "single" | "ceremony";
    contributions: Transcript["contributions"];
}): string | undefined {
    const people = contributions.filter(({ beacon }) => beacon === undefined).length;
    const isLast = contributions.findIndex(({ beacon }) => beacon !== undefined) === contributions.length - 1;
    if (kind === "single") {
        return contributions.length === 1 && people === 1
            ? undefined
            : "a single setup has one contribution, no beacon";
    }
    if (people < CEREMONY_CONTRIBUTIONS) {
        return `it has contributions of ${people}, a ceremony needs ${CEREMONY_CONTRIBUTIONS} and a beacon`;
    }
    return isLast ? undefined : "one beacon, at the end, makes it nobody's last word";
}
