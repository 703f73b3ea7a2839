import { readFileSync } from "node:fs";
import { hexToBytes } from "@assay/protocol";
import { z } from "zod";

const schema = z.object({
    cases: z.array(
        z.object({
            name: z.string(),
            signals: z.array(z.string().transform(BigInt)),
            proof: z.array(z.string().transform(BigInt)),
            key: z.string().transform(hexToBytes),
            vkHash: z.string(),
            unfinishedKey: z.string().transform(hexToBytes),
        }),
    ),
});

/** Keys and proofs that an independent prover made. */
export function snarkjsVectors(): z.output<typeof schema>["cases"] {
    return schema.parse(JSON.parse(readFileSync("test/vectors/groth16.json", "utf8"))).cases;
}
