/** A wire of a constraint system: 0 is the constant 1, then outputs, public inputs, private inputs, internal wires. */
export type Wire = number;

/** One matrix, row by row: the terms of row i are start[i] .. start[i + 1] - 1. */
export type SparseMatrix = {
    start: Uint32Array;
    wire: Uint32Array;
    /** Index into `R1cs.coefficients`. */
    coefficient: Uint32Array;
};

/** A constraint system over the scalar field of bn254: A·w ∘ B·w = C·w. */
export type R1cs = {
    wireCount: number;
    publicOutputs: number;
    publicInputs: number;
    privateInputs: number;
    constraintCount: number;
    /** Every value that stands in a matrix, once; the representative nearest to 0. */
    coefficients: readonly bigint[];
    a: SparseMatrix;
    b: SparseMatrix;
    c: SparseMatrix;
};

/** Outputs and public inputs: the wires after wire 0 that a verifier knows. */
export function publicCountOf({ publicOutputs, publicInputs }: Pick<R1cs, "publicOutputs" | "publicInputs">): number {
    return publicOutputs + publicInputs;
}
