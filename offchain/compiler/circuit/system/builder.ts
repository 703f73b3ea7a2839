import { ProtocolError } from "@assay/protocol";
import type { LinearCombination } from "../plan.ts";
import { createCoefficients, createMatrix } from "./_matrix.ts";
import { createVector } from "./_vector.ts";
import type { Wire } from "./r1cs.ts";
import type { ConstraintSystem, Hint, SignalNames } from "./system.ts";

/** left * right === equals. Both factors left out: equals === 0, a linear constraint in matrix C only. */
export type Constraint = { left?: LinearCombination; right?: LinearCombination; equals: LinearCombination };

/** target <== left * right + plus; factors and summand are 0 when left out. */
export type Assignment = {
    target: Wire;
    left?: LinearCombination;
    right?: LinearCombination;
    plus?: LinearCombination;
};

/** Adds to one component of a system. A term's `signal` is a wire here. */
export type SystemBuilder = {
    /** Declares `signal NAME[dims[0]][dims[1]]…`: its wires, the last index running fastest. */
    signals: (signal: { name: string; dims?: readonly number[] }) => Wire[];
    /** A constraint on wires that something else gives their values. */
    constrain: (constraint: Constraint) => void;
    /** A constraint that also says how the witness finds `target`. */
    assign: (assignment: Assignment) => void;
    /** Values for wires that constraints added with `constrain` must bind. */
    hint: (hint: Hint) => void;
    /** A component inside this one. */
    component: (name: string) => SystemBuilder;
};

/** The public and private wires of the main component, in circom's order. */
export type MainSignals = { outputs: Declared[]; publicInputs: Declared[]; privateInputs: Declared[] };
type Declared = { name: string; dims?: readonly number[] };

const ZERO: LinearCombination = { constant: 0n, terms: [] };
/** What the .r1cs format can number. */
const MOST_WIRES = 2 ** 32 - 1;

/** A system that has its main component's inputs and outputs; `wires` are theirs by name. */
export function createSystem({ outputs, publicInputs, privateInputs }: MainSignals): {
    main: SystemBuilder;
    wires: ReadonlyMap<string, readonly Wire[]>;
    finish: () => ConstraintSystem;
} {
    const coefficients = createCoefficients();
    const [a, b, c] = [createMatrix(coefficients), createMatrix(coefficients), createMatrix(coefficients)];
    const targets = createVector();
    const hints: { row: number; hint: Hint }[] = [];
    const names: SignalNames[] = [];
    let components = 0;
    let wireCount = 1;

    function declare({ component, path, name, dims = [] }: Declared & { component: number; path: string }): Wire[] {
        const count = dims.reduce((product, size) => product * size, 1);
        const first = wireCount;
        wireCount += count;
        if (wireCount > MOST_WIRES) throw new ProtocolError({ code: "R1CS_INVALID", message: "Too many wires." });
        if (count > 0) names.push({ component, name: `${path}.${name}`, dims, first });
        return Array.from({ length: count }, (_, index) => first + index);
    }

    function addRow({ left = ZERO, right = ZERO, equals }: Constraint, target: Wire): void {
        a.addRow(left);
        b.addRow(right);
        c.addRow(equals);
        targets.push(target);
    }

    function component(path: string): SystemBuilder {
        const number = components++;
        return {
            signals: (signal) => declare({ ...signal, component: number, path }),
            constrain: (constraint) => addRow(constraint, 0),
            assign: ({ target, plus = ZERO, ...factors }) => addRow({ ...factors, equals: less(target, plus) }, target),
            hint: (hint) => hints.push({ row: targets.length(), hint }),
            component: (name) => component(`${path}.${name}`),
        };
    }

    const main = component("main");
    const wires = new Map<string, readonly Wire[]>();
    for (const signal of [...outputs, ...publicInputs, ...privateInputs]) wires.set(signal.name, main.signals(signal));
    const count = (signals: Declared[]) => signals.reduce((sum, { name }) => sum + (wires.get(name)?.length ?? 0), 0);

    return {
        main,
        wires,
        finish: () => ({
            r1cs: {
                wireCount,
                publicOutputs: count(outputs),
                publicInputs: count(publicInputs),
                privateInputs: count(privateInputs),
                constraintCount: targets.length(),
                coefficients: coefficients.values(),
                a: a.finish(),
                b: b.finish(),
                c: c.finish(),
            },
            names,
            inputs: new Map([...publicInputs, ...privateInputs].map(({ name }) => [name, wires.get(name) ?? []])),
            targets: targets.finish(),
            hints,
        }),
    };
}

/** target - plus. */
function less(target: Wire, { constant, terms }: LinearCombination): LinearCombination {
    const negated = terms.map(({ signal, weight }) => ({ signal, weight: -weight }));
    return { constant: -constant, terms: [...negated, { signal: target, weight: 1n }] };
}
