import type { Operator } from "./operator.ts";

/** What to use in place of operators that no circuit of fixed size computes, or that others say as well. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
    ["Compress", "Gather with constant indices; the size of its output depends on the data"],
    ["DynamicQuantizeLinear", "QuantizeLinear, that is static quantisation; its scale depends on the input"],
    ["Einsum", "MatMul, Transpose and ReduceSum"],
    ["If", "Where over both branches"],
    ["Loop", "the loop written out, for example by exporting with a fixed length"],
    ["LRN", "BatchNormalization or LayerNormalization"],
    ["LpPool", "AveragePool or MaxPool"],
    ["Multinomial", "ArgMax; randomness cannot be proven"],
    ["NonMaxSuppression", "a model that ends before it; its output has no fixed size"],
    ["NonZero", "OneHot or Where; the size of its output depends on the data"],
    ["RandomNormal", "a constant or an input; randomness cannot be proven"],
    ["RandomUniform", "a constant or an input; randomness cannot be proven"],
    ["Scan", "the loop written out, for example by exporting with a fixed length"],
    ["Unique", "a model that ends before it; its output has no fixed size"],
]);

const MOST_NAMED = 3;

/** What is closest to an operator that is not supported, in words. */
export function closestTo({ op, operators }: { op: string; operators: ReadonlyMap<string, Operator> }): string {
    const instead = INSTEAD.get(op);
    if (instead !== undefined) return `Use ${instead}.`;
    const ranked = [...operators]
        .map(([name, { supported }]) => ({ supported, likeness: likeness({ left: op, right: plainName(name) }) }))
        .toSorted((left, right) => right.likeness - left.likeness);
    const closest = ranked.slice(0, MOST_NAMED).map(({ supported }) => supported);
    return `The closest supported forms are: ${closest.join("; ")}. docs/operators.md lists all.`;
}

function plainName(name: string): string {
    return name.slice(name.indexOf(":") + 1);
}

/** Part of all pairs of neighbouring letters that two names share (Dice's coefficient). */
function likeness({ left, right }: { left: string; right: string }): number {
    const [first, second] = [pairsOf(left), pairsOf(right)];
    const shared = [...first].filter((pair) => second.has(pair)).length;
    return (2 * shared) / (first.size + second.size);
}

function pairsOf(name: string): Set<string> {
    const lower = name.toLowerCase();
    return new Set(Array.from({ length: lower.length - 1 }, (_, index) => lower.slice(index, index + 2)));
}
