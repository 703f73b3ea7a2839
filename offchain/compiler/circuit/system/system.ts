import type { LinearCombination } from "../plan.ts";
import type { R1cs, Wire } from "./r1cs.ts";

/** A constraint system with the names of its wires and the program that finds a witness. */
export type ConstraintSystem = {
    r1cs: R1cs;
    /** By ascending wire; wire 0 has no name. */
    names: readonly SignalNames[];
    /** Wires of the main component's inputs by name. */
    inputs: ReadonlyMap<string, readonly Wire[]>;
    /** Values of inputs that are always the same and need not be given. */
    fixed?: ReadonlyMap<string, readonly bigint[]> | undefined;
    /** By constraint: the wire that it defines, or 0 where it only restricts wires that have their values already. */
    targets: Uint32Array;
    /** In order; `row` is the constraint before which a hint runs. */
    hints: readonly { row: number; hint: Hint }[];
};

/**
 * `targets <-- compute(inputs)`. Values are signed: above half of the field, v stands for v - p. A term's `signal` is a
 * wire here.
 */
export type Hint = {
    targets: readonly Wire[];
    inputs: readonly LinearCombination[];
    /** One value for each target. */
    compute: (inputs: readonly bigint[]) => readonly bigint[];
};

/** `signal NAME[dims[0]][dims[1]]…` on consecutive wires, the last index running fastest. */
export type SignalNames = { component: number; name: string; dims: readonly number[]; first: Wire };
