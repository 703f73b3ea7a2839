import { bytesToHex, type Hex, keccak256 } from "@assay/protocol";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Outcome, ServedModel } from "./servedModel.ts";

/** An outcome of a model for an input. */
export type Answer = { model: Pick<ServedModel, "key">; inputHash: Hex; outcome: Outcome };

/** What was produced here lately. */
export type AnswerBook = {
    /** Notes an outcome; the oldest one is forgotten when there are too many. */
    note: (answer: Answer) => void;
    /** Whether this very outcome was produced here. */
    has: (answer: Answer) => boolean;
};

/** Remembers `capacity` outcomes, 32 bytes each: enough to know one again, nothing of what it says. */
export function createAnswerBook({ capacity }: { capacity: number }): AnswerBook {
    // In the order in which they were last produced.
    const entries = new Set<string>();
    return {
        note: (answer) => {
            const entry = entryOf(answer);
            entries.delete(entry);
            entries.add(entry);
            for (const oldest of entries) {
                if (entries.size <= capacity) break;
                entries.delete(oldest);
            }
        },
        has: (answer) => entries.has(entryOf(answer)),
    };
}

function entryOf({ model, inputHash, outcome: { resultCode, output } }: Answer): string {
    const parts = [model.key, inputHash, String(resultCode), keccak256(output)];
    return bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(parts))));
}
