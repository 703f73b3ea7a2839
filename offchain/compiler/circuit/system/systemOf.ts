import { at } from "../../integer/at.ts";
import { describeGadget, type Gadget } from "../gadgets.ts";
import type {
    Argument,
    BindingPlan,
    CircuitPlan,
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
    assembly.place(plan.input, wires.get(plan.input.name) ?? []);
    for (const layer of plan.layers) {
        for (const array of layer.arrays) {
            if (array === plan.input) continue;
            assembly.place(array, main.signals({ name: array.name, dims: [array.count] }));
        }
        for (const step of layer.steps) assembly.step(step);
    }
    const named = (name: string) => wires.get(name) ?? [];
    addBinding({ binding: plan.binding, main, assembly, named });
    return finish();
}

function mainSignals({ input, binding: { isBound, inputWords, outputWords } }: CircuitPlan): MainSignals {
    const privateInputs = [{ name: input.name, dims: [input.count] }];
    if (isBound) {
        return {
            outputs: [{ name: "c" }, { name: "e" }],
            publicInputs: [{ name: "r" }, { name: "bind" }],
            privateInputs,
        };
    }
    return {
        outputs: [
            { name: "outputWords", dims: [outputWords.length] },
            { name: "inputWords", dims: [inputWords.length] },
        ],
        publicInputs: [{ name: "bind" }],
        privateInputs,
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

/** The words of DESIGN section 4 and what the proof is for. */
function addBinding({ binding: { isBound, inputWords, outputWords }, main, assembly, named }: Binding): void {
    const pack = (words: WordPlan[], wires: readonly Wire[]) => {
        for (const [index, word] of words.entries()) {
            assembly.call({
                gadget: packGadget(word),
                inputs: [word.elements.map(assembly.combinationOf)],
                outputs: [at(wires, index)],
            });
        }
    };
    if (isBound) {
        const words = [...inputWords, ...outputWords];
        const wires = main.signals({ name: "words", dims: [words.length] });
        pack(words, wires);
        assembly.call({
            gadget: { template: "BindWords", count: words.length },
            inputs: [wires.map((wire) => times(wire)), named("r").map((wire) => times(wire))],
            outputs: [...named("c"), ...named("e")],
        });
    } else {
        pack(outputWords, named("outputWords"));
        pack(inputWords, named("inputWords"));
    }
    const bind = named("bind").map((wire) => times(wire));
    assembly.call({ gadget: { template: "BindStatement" }, inputs: [bind], outputs: [] });
}

function packGadget({ isSigned, sizeBytes, elements }: WordPlan): Gadget {
    return { template: isSigned ? "PackSignedWord" : "PackWord", count: elements.length, sizeBytes };
}
