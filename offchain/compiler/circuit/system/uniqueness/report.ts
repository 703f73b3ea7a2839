import { at } from "../../../integer/at.ts";
import type { ConstraintSystem } from "../system.ts";
import { wireNames } from "../writeSym.ts";
import { proveUniqueness } from "./uniqueness.ts";

/** What is proven of a compiled circuit, for people. */
export type UniquenessReport = {
    wires: number;
    /** Wires that have one value for each input, whoever makes the witness. */
    determined: number;
    /** Wires that may have several values, none of which reaches anything else. */
    free: number;
    /** Names of wires of which it is not proven, the first of them; all the others of `wires` belong to them too. */
    unproven: string[];
};

/** As many names as help to find the gadget. */
const MOST_NAMES = 100;

/** Whether the inputs determine every wire of a system; for 100,000 constraints it takes a second or two. */
export function uniquenessReport(system: ConstraintSystem): UniquenessReport {
    const { determined, free, unproven } = proveUniqueness(system.r1cs);
    const names = unproven.length === 0 ? [] : wireNames(system);
    return {
        wires: system.r1cs.wireCount,
        determined,
        free: free.length,
        unproven: unproven.slice(0, MOST_NAMES).map((wire) => at(names, wire)),
    };
}
