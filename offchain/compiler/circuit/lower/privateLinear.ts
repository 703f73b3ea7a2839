import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import { type PrivateLinear, productBounds } from "../../integer/privateParameters.ts";
import type { Rows } from "../../integer/rows.ts";
import type { LinearNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Element, LinearCombination, SettledElement, SignalArray, SignalId } from "../plan.ts";

type Lowering = {
    builder: Builder;
    node: LinearNode;
    rows: Rows[];
    inputs: Element[][];
    bounds: Bounds[];
    layout: PrivateLinear;
    /** The signals of all private parameters. */
    parameters: SignalArray;
};

/** weight * element; both are signals. */
type Factors = { weight: SignalId; element: SignalId };
/** An output: products of private weights, and what is linear beside them. */
type Output = { products: Factors[]; rest: LinearCombination };

/** Sums of private weights times elements: one constraint for each product, which adds the ones before it. */
export function lowerPrivateLinear(lowering: Lowering): Element[] {
    const { builder, node, layout, inputs, bounds } = lowering;
    const settled = inputs.map((elements, kernel) =>
        layout.kernels[kernel] === undefined ? elements : builder.settle(elements),
    );
    const outputs = node.bias.map((_, output) => outputOf({ lowering, settled, output }));
    const partial = outputs.map(({ products }) => partialBounds({ builder, products }));
    const array = builder.declare({ name: "mac", bounds: partial.flat() });
    let target = array.first;
    return outputs.map(({ products, rest }, output) => {
        let sum: LinearCombination = { constant: 0n, terms: [] };
        for (const { weight, element } of products) {
            builder.product({ target, left: alone(weight), right: alone(element), plus: sum });
            sum = alone(target);
            target += 1;
        }
        const parts = [sum, rest].map((value) => ({ value, weight: 1n }));
        return elementOf({ builder, value: weightedSum({ parts }), known: at(bounds, output) });
    });
}

type Writing = { lowering: Lowering; settled: readonly (readonly Element[])[]; output: number };

function outputOf({ lowering: { node, rows, layout, parameters }, settled, output }: Writing): Output {
    const signalOf = (number: number): SignalId => parameters.first + number - 1;
    const bias = layout.bias?.[output];
    const parts: { value: LinearCombination; weight: bigint }[] = [];
    if (bias !== undefined) parts.push({ value: alone(signalOf(bias)), weight: 1n });
    const products: Factors[] = [];
    for (const [kernel, publicRows] of rows.entries()) {
        const numbers = layout.kernels[kernel];
        const { start, index, weight } = numbers ?? publicRows;
        for (let term = at(start, output); term < at(start, output + 1); term++) {
            const element = at(at(settled, kernel), at(index, term));
            if (numbers === undefined) parts.push({ value: asCombination(element), weight: BigInt(at(weight, term)) });
            else multiply({ weight: signalOf(at(weight, term)), element, products, parts });
        }
    }
    return { products, rest: weightedSum({ constant: bias === undefined ? at(node.bias, output) : 0n, parts }) };
}

type Multiplying = {
    weight: SignalId;
    element: Element;
    products: Factors[];
    parts: { value: LinearCombination; weight: bigint }[];
};

/** A weight times a number needs no product. */
function multiply({ weight, element, products, parts }: Multiplying): void {
    const settled = requireSettled(element);
    if (settled.kind === "signal") products.push({ weight, element: settled.signal });
    else parts.push({ value: alone(weight), weight: settled.value });
}

function requireSettled(element: Element): SettledElement {
    if (element.kind === "sum") throw new RangeError("What a private weight is multiplied with has become a signal");
    return element;
}

/** Bounds of the sum after each product. */
function partialBounds({ builder, products }: { builder: Builder; products: readonly Factors[] }): Bounds[] {
    let sum: Bounds = { lo: 0n, hi: 0n };
    return products.map(({ weight, element }) => {
        const factor = (signal: SignalId) => at(builder.signals, signal).bounds;
        const product = productBounds(factor(weight), factor(element));
        sum = { lo: sum.lo + product.lo, hi: sum.hi + product.hi };
        return sum;
    });
}

function alone(signal: SignalId): LinearCombination {
    return { constant: 0n, terms: [{ signal, weight: 1n }] };
}
