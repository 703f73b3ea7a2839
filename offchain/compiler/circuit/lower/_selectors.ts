import { at } from "../../integer/at.ts";
import type { Builder } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { LinearCombination } from "../plan.ts";
import { constantOf, less, multiply, sum } from "./_logic.ts";

type Selection = {
    builder: Builder;
    /** Lowest first. */
    bits: readonly LinearCombination[];
    /** The number that the bits write lies in [first, last]; what lies outside costs nothing. */
    first: number;
    last: number;
};

type Node = { prefix: number; isReached: LinearCombination };

/**
 * For each number of [first, last] a combination that is 1 where the bits write it, else 0. A tree from the highest bit
 * down: a node splits by one product, but the last split of a level follows from the sum of the others, and a node with
 * one reachable child does not split.
 */
export function selectors({ builder, bits, first, last }: Selection): LinearCombination[] {
    let nodes: Node[] = [{ prefix: 0, isReached: constantOf(1n) }];
    for (let level = bits.length - 1; level >= 0; level--) {
        const isReachable = (prefix: number) => (prefix + 1) * 2 ** level > first && prefix * 2 ** level <= last;
        nodes = split({ builder, nodes, bit: at(bits, level), isReachable });
    }
    return nodes.map(({ isReached }) => isReached);
}

type Split = {
    builder: Builder;
    nodes: readonly Node[];
    bit: LinearCombination;
    isReachable: (prefix: number) => boolean;
};

function split({ builder, nodes, bit, isReachable }: Split): Node[] {
    const forks = nodes.filter(({ prefix }) => isReachable(2 * prefix) && isReachable(2 * prefix + 1));
    const always = nodes.filter(({ prefix }) => !isReachable(2 * prefix)).map(({ isReached }) => isReached);
    const upper = new Map<Node, LinearCombination>();
    for (const node of forks.slice(0, -1)) {
        const bounds = { lo: 0n, hi: 1n };
        upper.set(node, multiply({ builder, left: node.isReached, right: bit, bounds }));
    }
    const last = forks.at(-1);
    const others = weightedSum({ parts: [...upper.values(), ...always].map((value) => ({ value, weight: 1n })) });
    if (last !== undefined) upper.set(last, less(bit, others));
    return nodes.flatMap((node) => childrenOf({ node, upper: upper.get(node), isReachable }));
}

type Children = { node: Node; upper: LinearCombination | undefined; isReachable: (prefix: number) => boolean };

function childrenOf({ node: { prefix, isReached }, upper, isReachable }: Children): Node[] {
    if (upper === undefined) return [{ prefix: 2 * prefix + (isReachable(2 * prefix) ? 0 : 1), isReached }];
    return [
        { prefix: 2 * prefix, isReached: less(isReached, upper) },
        { prefix: 2 * prefix + 1, isReached: upper },
    ];
}

/** Sum of the selectors of some places. */
export function anyOf(parts: readonly LinearCombination[]): LinearCombination {
    return parts.reduce(sum, constantOf(0n));
}

/** Products that `selectors` takes. */
export function selectorCost({ bits, first, last }: { bits: number; first: number; last: number }): number {
    let cost = 0;
    for (let level = bits - 1; level >= 0; level--) {
        const block = 2 ** (level + 1);
        const [from, to] = [Math.floor(first / block), Math.floor(last / block)];
        let forks = to - from + 1;
        if (first % block >= block / 2) forks -= 1;
        if (last % block < block / 2 && !(to === from && first % block >= block / 2)) forks -= 1;
        cost += Math.max(0, forks - 1);
    }
    return cost;
}
