/** The committed models, proofs and signature that gas is measured with: a fresh proof would change the calldata's price. */
import { readFileSync } from "node:fs";
import { type Hex, toHex } from "@assay/protocol";
import { z } from "zod";

/** Written by scripts/vectors-gas.ts. */
export const GAS_VECTORS = new URL("../../test/vectors/gas.json", import.meta.url);

/** Gas of every row, compared exactly by the tests; also written by scripts/vectors-gas.ts. */
export const GAS_SNAPSHOT = new URL("../../test/vectors/gas-snapshot.json", import.meta.url);

const hex = z.string().transform((text): Hex => toHex(text));
const integer = z.string().transform((text) => BigInt(text));

const modelSchema = z.object({
    spec: z.object({
        artifactDigest: hex,
        ioSpec: integer,
        schemaHash: hex,
        semantics: integer,
        vkHash: hex,
        derivedFrom: hex,
    }),
    key: hex,
    knownAnswer: z.object({ input: hex, output: hex, proof: z.array(integer).length(8), c: integer }),
    /** The inference that is asked for. */
    input: hex,
    output: hex,
});
/** One model version and one inference of it. */
export type ModelVector = z.output<typeof modelSchema>;

const vectorsSchema = z.object({
    models: z.object({ digits: modelSchema, small: modelSchema, bound: modelSchema }),
    /** ZK_GROTH16 evidence for the request of that name in bench/gas/world.ts. */
    proofs: z.record(z.string(), hex),
});
/** Everything in test/vectors/gas.json. */
export type GasVectors = z.output<typeof vectorsSchema>;

/** Reads the committed vectors. */
export function readGasVectors(): GasVectors {
    return vectorsSchema.parse(JSON.parse(readFileSync(GAS_VECTORS, "utf8")));
}
