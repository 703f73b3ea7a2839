import { at } from "../integer/at.ts";
import type {
    Argument,
    CircuitPlan,
    Layer,
    LinearCombination,
    SettledElement,
    Signal,
    SignalArray,
    SignalId,
    Step,
} from "./plan.ts";

type Steps = Pick<CircuitPlan, "signals" | "layers" | "input" | "parameters">;
/** `output` are the signals that are needed at the end. */
type Pruned = Steps & { output: SettledElement[] };

/**
 * The same steps without the sums and products that nothing reads: a clamp whose digits go straight into a table needs
 * no value of its own. Gadgets stay, since they may enforce something. Signals are numbered anew.
 */
export function prune(plan: Pruned): Pruned {
    const { signals, layers, input, parameters, output } = plan;
    const needed = neededSignals({ layers, output });
    const defined = new Set(layers.flatMap(({ steps }) => steps.flatMap(definedSignal)));
    if (defined.isSubsetOf(needed)) return plan;
    const isKept = (signal: SignalId) => needed.has(signal) || !defined.has(signal);
    const ids = new Map<SignalId, SignalId>();
    const kept: Signal[] = [];
    const keep = (array: SignalArray): SignalArray => {
        const first = kept.length;
        for (let id = array.first; id < array.first + array.count; id++) {
            if (!isKept(id)) continue;
            ids.set(id, kept.length);
            kept.push({ ...at(signals, id), index: kept.length - first });
        }
        return { ...array, first, count: kept.length - first };
    };
    const arrays = new Map(layers.flatMap((layer) => layer.arrays.map((array) => [array, keep(array)])));
    const renumber = createRenumbering({ ids, arrays });
    return {
        signals: kept,
        layers: layers.map((layer) => prunedLayer({ layer, arrays, isKept, renumber })),
        input: arrays.get(input) ?? input,
        parameters: parameters && { ...parameters, array: arrays.get(parameters.array) ?? parameters.array },
        output: output.map(renumber.element),
    };
}

/** What the outputs and the gadgets need, and what that needs in turn: from the last step to the first. */
function neededSignals({ layers, output }: Pick<CircuitPlan, "layers"> & { output: readonly SettledElement[] }) {
    const needed = new Set<SignalId>(output.flatMap(signalsOfElement));
    for (const step of layers.flatMap(({ steps }) => steps).toReversed()) {
        const [target] = definedSignal(step);
        if (target !== undefined && !needed.has(target)) continue;
        for (const signal of readSignals(step)) needed.add(signal);
    }
    return needed;
}

/** The signal of a step that may go; none of a gadget. */
function definedSignal(step: Step): SignalId[] {
    return step.kind === "gadget" ? [] : [step.target];
}

function readSignals(step: Step): SignalId[] {
    switch (step.kind) {
        case "sum":
            return signalsOfSum(step.value);
        case "product":
            return [step.left, step.right, step.plus].flatMap(signalsOfSum);
        case "gadget":
            return step.inputs
                .flatMap((argument) => ("kind" in argument ? [argument] : argument))
                .flatMap(signalsOfElement);
    }
}

function signalsOfSum({ terms }: LinearCombination): SignalId[] {
    return terms.map(({ signal }) => signal);
}

function signalsOfElement(element: SettledElement): SignalId[] {
    return element.kind === "signal" ? [element.signal] : [];
}

type Renumbering = ReturnType<typeof createRenumbering>;
type Numbers = { ids: ReadonlyMap<SignalId, SignalId>; arrays: ReadonlyMap<SignalArray, SignalArray> };

function createRenumbering({ ids, arrays }: Numbers) {
    const signal = (old: SignalId) =>
        at(
            [ids.get(old)].filter((id) => id !== undefined),
            0,
        );
    const element = (old: SettledElement): SettledElement =>
        old.kind === "signal" ? { kind: "signal", signal: signal(old.signal) } : old;
    const value = ({ constant, terms }: LinearCombination): LinearCombination => ({
        constant,
        terms: terms.map((term) => ({ ...term, signal: signal(term.signal) })),
    });
    const argument = (old: Argument): Argument => ("kind" in old ? element(old) : old.map(element));
    const step = (old: Step): Step => {
        switch (old.kind) {
            case "sum":
                return { ...old, target: signal(old.target), value: value(old.value) };
            case "product": {
                const [left, right, plus] = [value(old.left), value(old.right), value(old.plus)];
                return { ...old, target: signal(old.target), left, right, plus };
            }
            case "gadget":
                return { ...old, inputs: old.inputs.map(argument), output: output(old.output) };
        }
    };
    const output = (old: Extract<Step, { kind: "gadget" }>["output"]) => {
        switch (old.kind) {
            case "none":
                return old;
            case "signal":
                return { ...old, signal: signal(old.signal) };
            case "array":
                return { ...old, array: arrays.get(old.array) ?? old.array };
        }
    };
    return { element, step };
}

type Pruning = {
    layer: Layer;
    arrays: ReadonlyMap<SignalArray, SignalArray>;
    isKept: (signal: SignalId) => boolean;
    renumber: Renumbering;
};

function prunedLayer({ layer, arrays, isKept, renumber }: Pruning): Layer {
    const steps = layer.steps.filter((step) => definedSignal(step).every(isKept));
    return {
        ...layer,
        arrays: layer.arrays.map((array) => arrays.get(array) ?? array).filter(({ count }) => count > 0),
        steps: steps.map(renumber.step),
        constraints: layer.constraints - (layer.steps.length - steps.length), // a sum and a product are one each
    };
}
