import { at } from "../integer/at.ts";
import { parametersOf } from "./gadgets.ts";
import { commentText } from "./names.ts";
import type { Argument, CircuitPlan, Element, Layer, LinearCombination, SignalId, Step, Term } from "./plan.ts";

/** circom recurses over the terms of one expression and its WASM stack is small: hundreds of terms crash it. */
const TERMS_PER_STATEMENT = 16;

/** The statements of one layer, under a comment that says what they are. */
export function layerLines({ plan, layer }: { plan: CircuitPlan; layer: Layer }): string[] {
    const declared = layer.arrays.filter((array) => array !== plan.input);
    return [
        `// ${layer.op}: ${commentText(layer.name)}; constraints: ${layer.constraints}`,
        ...declared.map(({ name, count }) => `signal ${name}[${count}];`),
        ...layer.steps.flatMap((step) => stepLines({ plan, step })),
    ];
}

/** A signal by name, or a number. */
export function elementText({ plan, element }: { plan: CircuitPlan; element: Element }): string {
    return element.kind === "constant" ? `${element.value}` : signalText({ plan, signal: element.signal });
}

function signalText({ plan, signal }: { plan: CircuitPlan; signal: SignalId }): string {
    const { array, index } = at(plan.signals, signal);
    return `${array}[${index}]`;
}

function stepLines({ plan, step }: { plan: CircuitPlan; step: Step }): string[] {
    switch (step.kind) {
        case "alias":
            return [
                `${signalText({ plan, signal: step.target })} <== ${elementText({ plan, element: step.element })};`,
            ];
        case "sum":
            return [...sumLines({ plan, value: step.value }), `${signalText({ plan, signal: step.target })} <== lc;`];
        case "gadget": {
            const inputs = step.inputs.map((argument) => argumentText({ plan, argument }));
            const call = `${step.gadget.template}(${parametersOf(step.gadget).join(", ")})(${inputs.join(", ")})`;
            const [output] = step.outputs;
            return [output === undefined ? `${call};` : `${signalText({ plan, signal: output })} <== ${call};`];
        }
    }
}

function argumentText({ plan, argument }: { plan: CircuitPlan; argument: Argument }): string {
    if ("kind" in argument) return elementText({ plan, element: argument });
    return `[${argument.map((element) => elementText({ plan, element })).join(", ")}]`;
}

function sumLines({ plan, value }: { plan: CircuitPlan; value: LinearCombination }): string[] {
    const lines = [`lc = ${value.constant};`];
    for (let start = 0; start < value.terms.length; start += TERMS_PER_STATEMENT) {
        const terms = value.terms.slice(start, start + TERMS_PER_STATEMENT);
        lines.push(`lc += ${terms.map((term, index) => termText({ plan, term, isFirst: index === 0 })).join("")};`);
    }
    return lines;
}

function termText({ plan, term, isFirst }: { plan: CircuitPlan; term: Term; isFirst: boolean }): string {
    const isNegative = term.weight < 0n;
    const sign = isFirst ? (isNegative ? "-" : "") : isNegative ? " - " : " + ";
    const size = isNegative ? -term.weight : term.weight;
    return `${sign}${size} * ${signalText({ plan, signal: term.signal })}`;
}
