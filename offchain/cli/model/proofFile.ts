import { type Hex, type Proof, toHex } from "@assay/protocol";
import { z } from "zod";

const hex = z.string().transform((text) => toHex(text));
const integer = z.union([z.string().regex(/^(0x[0-9a-fA-F]+|\d+)$/), z.int().nonnegative()]).transform(BigInt);

/** What `assay prove` writes, as far as it is checked again. */
export const proofFile = z.object({
    input: hex,
    output: hex,
    bind: integer,
    proof: z.tuple([integer, integer, integer, integer, integer, integer, integer, integer]),
    c: integer.nullish().transform((c) => c ?? undefined),
});

/** One proven inference: bytes of public sides and commitments of the others, what it is bound to, and the proof. */
export type ProvenInference = { input: Hex; output: Hex; bind: bigint; proof: Proof; c: bigint | undefined };
