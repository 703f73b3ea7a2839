import { at } from "../integer/at.ts";
import { callOf } from "./gadgets.ts";
import { commentText } from "./names.ts";
import type {
    Argument,
    CircuitPlan,
    GadgetOutput,
    Layer,
    LinearCombination,
    SettledElement,
    SignalId,
    Step,
    Term,
} from "./plan.ts";

/** circom recurses over the terms of one expression and its WASM stack is small: hundreds of terms crash it. */
const TERMS_PER_STATEMENT = 16;

/** The statements of one layer, under a comment that says what they are. */
export function layerLines({ plan, layer }: { plan: CircuitPlan; layer: Layer }): string[] {
    const declared = layer.arrays.filter((array) => array !== plan.input && array !== plan.parameters?.array);
    return [
        `// ${layer.op}: ${commentText(layer.name)}; constraints: ${layer.constraints}`,
        ...declared.map(({ name, count }) => `signal ${name}[${count}];`),
        ...layer.steps.flatMap((step) => stepLines({ plan, step })),
    ];
}

/** A signal by name, or a number. */
export function elementText({ plan, element }: { plan: CircuitPlan; element: SettledElement }): string {
    return element.kind === "constant" ? `${element.value}` : signalText({ plan, signal: element.signal });
}

function signalText({ plan, signal }: { plan: CircuitPlan; signal: SignalId }): string {
    const { array, index } = at(plan.signals, signal);
    return `${array}[${index}]`;
}

function stepLines({ plan, step }: { plan: CircuitPlan; step: Step }): string[] {
    switch (step.kind) {
        case "sum":
            return [...sumLines({ plan, value: step.value }), `${signalText({ plan, signal: step.target })} <== lc;`];
        case "product":
            return productLines({ plan, step });
        case "gadget": {
            const inputs = step.inputs.map((argument) => argumentText({ plan, argument }));
            const call = `${callOf(step.gadget)}(${inputs.join(", ")})`;
            const output = outputText({ plan, output: step.output });
            return [output === undefined ? `${call};` : `${output} <== ${call};`];
        }
    }
}

function outputText({ plan, output }: { plan: CircuitPlan; output: GadgetOutput }): string | undefined {
    switch (output.kind) {
        case "none":
            return undefined;
        case "signal":
            return signalText({ plan, signal: output.signal });
        case "array":
            return output.array.name;
    }
}

type Product = Extract<Step, { kind: "product" }>;

/** A long factor is built up in a variable of its own: one expression of hundreds of terms crashes circom. */
function productLines({ plan, step: { target, left, right, plus } }: { plan: CircuitPlan; step: Product }): string[] {
    const parts = [
        { name: "left", value: left },
        { name: "right", value: right },
        { name: "lc", value: plus },
    ];
    const isAdded = plus.terms.length > 0 || plus.constant !== 0n;
    const lines = parts.slice(0, isAdded ? 3 : 2).flatMap(({ name, value }) => sumLines({ plan, value, name }));
    return [...lines, `${signalText({ plan, signal: target })} <== left * right${isAdded ? " + lc" : ""};`];
}

function argumentText({ plan, argument }: { plan: CircuitPlan; argument: Argument }): string {
    if ("kind" in argument) return elementText({ plan, element: argument });
    return `[${argument.map((element) => elementText({ plan, element })).join(", ")}]`;
}

type Sum = { plan: CircuitPlan; value: LinearCombination; name?: string };

function sumLines({ plan, value, name = "lc" }: Sum): string[] {
    const lines = [`${name} = ${value.constant};`];
    for (let start = 0; start < value.terms.length; start += TERMS_PER_STATEMENT) {
        const terms = value.terms.slice(start, start + TERMS_PER_STATEMENT);
        lines.push(
            `${name} += ${terms.map((term, index) => termText({ plan, term, isFirst: index === 0 })).join("")};`,
        );
    }
    return lines;
}

function termText({ plan, term, isFirst }: { plan: CircuitPlan; term: Term; isFirst: boolean }): string {
    const isNegative = term.weight < 0n;
    const sign = isFirst ? (isNegative ? "-" : "") : isNegative ? " - " : " + ";
    const size = isNegative ? -term.weight : term.weight;
    return `${sign}${size} * ${signalText({ plan, signal: term.signal })}`;
}
