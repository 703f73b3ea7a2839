import { at } from "../../integer/at.ts";
import { describeGadget, type Gadget } from "../gadgets.ts";
import { committedWords, packedSides, publicInputsOf, saltsOf } from "../mainSignals.ts";
import type {
    Argument,
    BindingPlan,
    CircuitPlan,
    CommitmentPlan,
    GadgetOutput,
    LinearCombination,
    SettledElement,
    SignalArray,
    Step,
    WordPlan,
} from "../plan.ts";
import { constant, times } from "./algebra.ts";
import { createSystem, type MainSignals, type SystemBuilder } from "./builder.ts";
import type { Wire } from "./r1cs.ts";
import type { ConstraintSystem } from "./system.ts";

/** The constraint system of a plan: what circom makes of its source, without circom. Equal plans give equal systems. */
export function systemOf(plan: CircuitPlan): ConstraintSystem {
    const { main, wires, finish } = createSystem(mainSignals(plan));
    const assembly = createAssembly({ plan, main });
    const given = [plan.input, ...(plan.parameters === undefined ? [] : [plan.parameters.array])];
    for (const array of given) assembly.place(array, wires.get(array.name) ?? []);
    for (const layer of plan.layers) {
        for (const array of layer.arrays) {
            if (given.includes(array)) continue;
            assembly.place(array, main.signals({ name: array.name, dims: [array.count] }));
        }
        for (const step of layer.steps) assembly.step(step);
    }
    const named = (name: string) => wires.get(name) ?? [];
    addBinding({ binding: plan.binding, main, assembly, named });
    return { ...finish(), fixed: fixedInputs(plan) };
}

/** The model's own private inputs: whoever has the model need not give them. */
function fixedInputs({ parameters }: CircuitPlan): ConstraintSystem["fixed"] {
    if (parameters === undefined) return new Map();
    return new Map([
        [parameters.array.name, parameters.values],
        ["parametersSalt", [parameters.salt]],
    ]);
}

function mainSignals({ input, parameters, binding }: CircuitPlan): MainSignals {
    const own = parameters === undefined ? [] : [parameters.array];
    return {
        outputs: binding.isBound
            ? [{ name: "c" }, { name: "e" }]
            : packedSides(binding).map(({ name, words }) => ({ name, dims: [words.length] })),
        publicInputs: publicInputsOf(binding).map((name) => ({ name })),
        privateInputs: [
            ...[input, ...own].map(({ name, count }) => ({ name, dims: [count] })),
            ...saltsOf(binding).map((name) => ({ name })),
        ],
    };
}

/** Puts the steps of a plan into a system. */
type Assembly = {
    /** Says which wires the signals of an array are. */
    place: (array: SignalArray, wires: readonly Wire[]) => void;
    step: (step: Step) => void;
    /** Calls a template; the k-th call of all is the component TEMPLATE_k. */
    call: (call: { gadget: Gadget; inputs: LinearCombination[][]; outputs: readonly Wire[] }) => void;
    combinationOf: (element: SettledElement) => LinearCombination;
};

function createAssembly({ plan, main }: { plan: CircuitPlan; main: SystemBuilder }): Assembly {
    const wireOf = new Uint32Array(plan.signals.length);
    let calls = 0;

    const wire = (signal: number): Wire => wireOf[signal] ?? 0;
    const onWires = ({ constant, terms }: LinearCombination): LinearCombination => ({
        constant,
        terms: terms.map(({ signal, weight }) => ({ signal: wire(signal), weight })),
    });
    const combinationOf = (element: SettledElement): LinearCombination =>
        element.kind === "constant" ? constant(element.value) : times(wire(element.signal));
    const elementsOf = (argument: Argument): LinearCombination[] =>
        "kind" in argument ? [combinationOf(argument)] : argument.map(combinationOf);
    const outputsOf = (output: GadgetOutput): Wire[] => {
        switch (output.kind) {
            case "none":
                return [];
            case "signal":
                return [wire(output.signal)];
            case "array":
                return Array.from({ length: output.array.count }, (_, index) => wire(output.array.first + index));
        }
    };
    const call: Assembly["call"] = ({ gadget, inputs, outputs }) => {
        const system = main.component(`${gadget.template}_${calls}`);
        calls += 1;
        describeGadget(gadget).expand({ system, inputs, outputs });
    };

    return {
        place: ({ first }, wires) => wireOf.set(wires, first),
        step: (step) => {
            switch (step.kind) {
                case "sum":
                    return main.assign({ target: wire(step.target), plus: onWires(step.value) });
                case "product": {
                    const [left, right] = [onWires(step.left), onWires(step.right)];
                    return main.assign({ target: wire(step.target), left, right, plus: onWires(step.plus) });
                }
                case "gadget":
                    return call({
                        gadget: step.gadget,
                        inputs: step.inputs.map(elementsOf),
                        outputs: outputsOf(step.output),
                    });
            }
        },
        call,
        combinationOf,
    };
}

type Binding = {
    binding: BindingPlan;
    main: SystemBuilder;
    assembly: Assembly;
    named: (name: string) => readonly Wire[];
};

/** The words of DESIGN section 4, the commitments and what the proof is for. */
function addBinding(parts: Binding): void {
    const { binding, assembly, named } = parts;
    if (binding.isBound) bindWords(parts);
    else for (const { name, words } of packedSides(binding)) pack({ assembly, words, wires: named(name) });
    for (const commitment of binding.commitments) commitWords(parts, commitment);
    assembly.call({ gadget: { template: "BindStatement" }, inputs: [signalsOf(named("bind"))], outputs: [] });
}

function bindWords({ binding: { inputWords, outputWords }, main, assembly, named }: Binding): void {
    const words = [...inputWords, ...outputWords];
    const wires = main.signals({ name: "words", dims: [words.length] });
    pack({ assembly, words, wires });
    assembly.call({
        gadget: { template: "BindWords", count: words.length },
        inputs: [signalsOf(wires), signalsOf(named("r"))],
        outputs: [...named("c"), ...named("e")],
    });
}

function commitWords({ main, assembly, named }: Binding, commitment: CommitmentPlan): void {
    const { name, words, hash } = commitment;
    const wires = main.signals({ name: committedWords(commitment), dims: [words.length] });
    pack({ assembly, words, wires });
    assembly.call({
        gadget: { template: "CommitWords", count: words.length },
        inputs: [
            signalsOf(wires),
            signalsOf(named(`${name}Salt`)),
            hash === undefined ? signalsOf(named(`${name}Hash`)) : [constant(hash)],
        ],
        outputs: [],
    });
}

type Packing = { assembly: Assembly; words: readonly WordPlan[]; wires: readonly Wire[] };

function pack({ assembly, words, wires }: Packing): void {
    for (const [index, word] of words.entries()) {
        const elements = word.elements.map(assembly.combinationOf);
        assembly.call({ gadget: packGadget(word), inputs: [elements], outputs: [at(wires, index)] });
    }
}

function signalsOf(wires: readonly Wire[]): LinearCombination[] {
    return wires.map((wire) => times(wire));
}

function packGadget({ isSigned, sizeBytes, elements }: WordPlan): Gadget {
    return { template: isSigned ? "PackSignedWord" : "PackWord", count: elements.length, sizeBytes };
}
