import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import type { Steps } from "./_steps.ts";
import type { OperatorCall, TensorOperand } from "./operator.ts";
import { reducedLayout } from "./reduce.ts";

/** Positions of a tensor that belong together; every position is in one group, all groups are of one size. */
export type Groups = number[][];

type Along = { call: OperatorCall; input: TensorOperand; axes: readonly number[]; keepsAxes: boolean };

/** Positions that differ only along some axes, and the shape with one element for each group. */
export function groupsAlong({ call, input, axes, keepsAxes }: Along): { groups: Groups; shape: number[] } {
    const { targets, shape } = reducedLayout({ call, operand: input, axes, keepsAxes });
    const groups = Array.from({ length: countOf(shape) }, (): number[] => []);
    for (const [position, target] of targets.entries()) at(groups, target).push(position);
    return { groups, shape };
}

/** `length` positions after `length` others. */
export function consecutive({ count, length }: { count: number; length: number }): Groups {
    return Array.from({ length: count / length }, (_, group) =>
        Array.from({ length }, (_entry, place) => group * length + place),
    );
}

/** For every position its group. */
export function groupOfEach(groups: Groups): number[] {
    const result = new Array<number>(groups.length * at(groups, 0).length);
    for (const [group, positions] of groups.entries()) for (const position of positions) result[position] = group;
    return result;
}

type Grouped = { steps: Steps; input: TensorOperand; groups: Groups; shape: number[] };

/**
 * The greatest of each group, what the elements are below it, the exponentials of that, and their sums: at least 1,
 * since one of the exponentials is.
 */
export function exponentials({ steps, input, groups, shape }: Grouped) {
    const greatest = steps.greatest({ tensor: input, groups, shape, label: "greatest" });
    const indices = groupOfEach(groups);
    const spread = steps.select({ tensor: greatest, indices, shape: input.shape, label: "greatests" });
    const below = steps.combine({ parts: [{ tensor: input }, { tensor: spread, factor: -1 }], label: "below" });
    const powers = steps.lookUp({ tensor: below, name: "exp", greatest: 0, label: "exp" });
    const sum = steps.sums({ tensor: powers, groups, shape, label: "sum" });
    const range = { op: "clamp", min: 1, max: Number.POSITIVE_INFINITY } as const;
    return { greatest, below, powers, total: steps.map({ tensor: sum, draft: range, label: "total" }) };
}
