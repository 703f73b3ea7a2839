import { at } from "../../integer/at.ts";
import type { LinearCombination } from "../plan.ts";
import type { SystemBuilder } from "../system/builder.ts";
import type { Wire } from "../system/r1cs.ts";

/** A number, or a short array of them; long ones take circom quadratic time. */
export type Parameter = bigint | number | readonly bigint[];

/** What a template of circuits/lib is, said once: to the circom text, to the plan and to the direct back end. */
export type GadgetDefinition<G> = {
    /** Below circuits/. */
    file: string;
    /** Template parameters in order. */
    parameters: (gadget: G) => Parameter[];
    /** Constraints of one instance: the @constraints line of the template. */
    constraints: (gadget: G) => number;
    /** Adds the template's signals and constraints, under its names, and the hints that find a witness. */
    expand: (expansion: Expansion<G>) => void;
};

/** One instance of a template inside a system. */
export type Expansion<G> = {
    system: SystemBuilder;
    gadget: G;
    /** By input of the template: its elements, row-major; a single signal is one element. */
    inputs: readonly (readonly LinearCombination[])[];
    /** Elements of all outputs; they are declared already, under the caller's names. */
    outputs: readonly Wire[];
};

/** The input of a template that takes one signal, and of one that takes one array. */
export function onlyInput({ inputs }: Pick<Expansion<unknown>, "inputs">): LinearCombination {
    return at(at(inputs, 0), 0);
}
