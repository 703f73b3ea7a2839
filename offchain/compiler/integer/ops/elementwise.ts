import { squareRootFloor } from "../bigMath.ts";
import type {
    ClampNode,
    CompareNode,
    ReluNode,
    ReluRescaleNode,
    RescaleNode,
    ReshapeNode,
    RoundEvenNode,
    SquareRootNode,
} from "../types.ts";
import { outsideDomain } from "./_outside.ts";
import { monotone, type Semantics } from "./semantics.ts";

const positivePart = (value: bigint) => (value > 0n ? value : 0n);

/** max(0, x). */
export const relu = monotone<ReluNode>((_node, value) => positivePart(value));

/** floor(x / 2^shift): BigInt's >> rounds towards minus infinity. */
export const rescale = monotone<RescaleNode>(({ shift }, value) => value >> BigInt(shift));

/** max(0, floor(x / 2^shift)). */
export const reluRescale = monotone<ReluRescaleNode>(({ shift }, value) => positivePart(value) >> BigInt(shift));

/** x. */
export const reshape = monotone<ReshapeNode>((_node, value) => value);

/** Nearest whole number to x / 2^shift, ties to even. */
export const roundEven = monotone<RoundEvenNode>(({ shift }, value) => {
    const [step, half] = [1n << BigInt(shift), 1n << BigInt(shift - 1)];
    const nearest = (value + half) >> BigInt(shift);
    const isTie = value - (nearest * step - half) === 0n;
    return isTie && (nearest & 1n) === 1n ? nearest - 1n : nearest;
});

/** min(max(x, least), greatest). */
export const clamp = monotone<ClampNode>(({ min, max }, value) => (value < min ? min : value > max ? max : value));

const roots = monotone<SquareRootNode>((_node, value) => squareRootFloor(value));

/** floor(sqrt(x)); throws MODEL_DIR_INVALID for an argument that may be negative: no compilation gives one. */
export const squareRoot: Semantics<SquareRootNode> = {
    ...roots,
    interval: (bounds) => {
        const { node, inputs } = bounds;
        const isNegative = inputs.some(({ lo }) => lo.some((least) => least < 0n));
        if (isNegative) throw outsideDomain({ node, why: "its argument may be negative" });
        return roots.interval(bounds);
    },
};

/** 1 where the relation with 0 holds, else 0. */
export const compare: Semantics<CompareNode> = {
    interval: ({ node: { relation }, inputs: [input = { lo: [], hi: [] }] }) => {
        const always = input.lo.map((lo, index) => {
            const hi = input.hi[index] ?? lo;
            return relation === "nonNegative" ? lo >= 0n : lo === 0n && hi === 0n;
        });
        const possible = input.lo.map((lo, index) => {
            const hi = input.hi[index] ?? lo;
            return relation === "nonNegative" ? hi >= 0n : lo <= 0n && hi >= 0n;
        });
        return { lo: always.map(bit), hi: possible.map(bit) };
    },
    evaluate: ({ node: { relation }, inputs: [values = []] }) =>
        values.map((value) => bit(relation === "nonNegative" ? value >= 0n : value === 0n)),
};

function bit(isTrue: boolean): bigint {
    return isTrue ? 1n : 0n;
}
