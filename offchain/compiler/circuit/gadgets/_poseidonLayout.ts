import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { FIELD_ORDER } from "@assay/protocol";
import { at } from "../../integer/at.ts";
import { balanced } from "../system/field.ts";

/** A linear expression in the outputs of S-boxes. */
export type Mix = { constant: bigint; terms: readonly { box: number; weight: bigint }[] };

/** Poseidon over 16 elements without its capacity's first S-box, which is a constant. */
export type PoseidonLayout = {
    /** What enters each S-box x^5, in order; the first 16 take one element of the input each, plus the constant. */
    boxes: readonly Mix[];
    output: Mix;
};

const T = 17;
const FULL_ROUNDS = 8;
const PARTIAL_ROUNDS = 68;
/** Number of S-boxes. */
export const POSEIDON_BOXES = T * FULL_ROUNDS - 1 + PARTIAL_ROUNDS;

/** Costly to work out, always the same: made when it is first needed. */
const known: { layout?: PoseidonLayout } = {};

/** The S-boxes of Poseidon with circomlib's parameters, every linear layer between them multiplied out. */
export function poseidonLayout(): PoseidonLayout {
    known.layout ??= layoutOf(readParameters());
    return known.layout;
}

/** Optimised form of circomlib: round constants, sparse matrices of the partial rounds, the mix, the mix before them. */
type Parameters = { constants: bigint[]; sparse: bigint[]; mix: bigint[]; preSparse: bigint[] };

/** constant + sum of weights[i] * box (first + i). */
type Row = { constant: bigint; first: number; weights: bigint[] };

function layoutOf({ constants, sparse, mix, preSparse }: Parameters): PoseidonLayout {
    const boxes: Mix[] = [];
    const wanted: readonly Row[] = range(T - 1).map((j) => ({ constant: at(constants, j + 1), first: 0, weights: [] }));
    let used = T;
    let state = [...wanted];
    for (let round = 0; round < FULL_ROUNDS; round++) {
        const first = boxes.length;
        boxes.push(...state.map(mixOf));
        const isLast = round === FULL_ROUNDS - 1;
        const added = range(T).map((j) => (isLast ? 0n : at(constants, used + j)));
        const capacity = round === 0 ? at(constants, 0) ** 5n : undefined; // it starts at 0: no S-box of its own
        const isMiddle = round === FULL_ROUNDS / 2 - 1;
        state = mixed({ matrix: isMiddle ? preSparse : mix, first, added, capacity });
        used += T;
        if (!isMiddle) continue;
        partialRounds({ state, boxes, constants: constants.slice(used, used + PARTIAL_ROUNDS), sparse });
        used += PARTIAL_ROUNDS;
    }
    return { boxes, output: mixOf(at(state, 0)) };
}

type Mixing = { matrix: bigint[]; first: number; added: bigint[]; capacity: bigint | undefined };

/** Every state element a sum over the S-boxes of the round, each with its constant added. */
function mixed({ matrix, first, added, capacity }: Mixing): Row[] {
    return range(T).map((i) => {
        const column = range(T).map((j) => at(matrix, T * j + i));
        const constant = column.reduce((sum, weight, j) => sum + weight * at(added, j), 0n);
        if (capacity === undefined) return { constant: constant % FIELD_ORDER, first, weights: column };
        const [own = 0n, ...others] = column;
        return { constant: (constant + own * capacity) % FIELD_ORDER, first, weights: others };
    });
}

type Partial = { state: Row[]; boxes: Mix[]; constants: bigint[]; sparse: bigint[] };

/** One S-box a round, on the first element; the state's rows then grow by that box. */
function partialRounds({ state, boxes, constants, sparse }: Partial): void {
    const size = 2 * T - 1;
    for (const [round, constant] of constants.entries()) {
        boxes.push(mixOf(at(state, 0)));
        const matrix = sparse.slice(size * round, size * (round + 1));
        const others = state.slice(1);
        const weightOf = (i: number) => at(matrix, i + 1);
        const width = at(others, 0).weights.length;
        const sums = range(width).map((box) =>
            others.reduce((sum, row, i) => sum + weightOf(i) * at(row.weights, box), 0n),
        );
        const own = at(matrix, 0);
        const rest = others.reduce((sum, row, i) => sum + weightOf(i) * row.constant, own * constant);
        state[0] = {
            constant: rest % FIELD_ORDER,
            first: at(others, 0).first,
            weights: [...sums.map((sum) => sum % FIELD_ORDER), own],
        };
        for (const [i, row] of others.entries()) {
            const weight = at(matrix, T + i);
            row.weights.push(weight);
            row.constant = (row.constant + weight * constant) % FIELD_ORDER;
        }
    }
}

function mixOf({ constant, first, weights }: Row): Mix {
    return {
        constant: balanced(constant),
        terms: weights.map((weight, index) => ({ box: first + index, weight: balanced(weight) })),
    };
}

/** The branches for t = 17 of circomlib's tables, which the circom template includes too. */
function readParameters(): Parameters {
    const file = createRequire(import.meta.url).resolve("circomlib/circuits/poseidon_constants.circom");
    const text = readFileSync(file, "utf8");
    const branches = [...text.matchAll(/t\s*==\s*17\) \{([^}]*)\}/g)].map(([, body = ""]) =>
        [...body.matchAll(/0x[0-9a-f]+/g)].map(([literal]) => BigInt(literal)),
    );
    const [constants, mix, preSparse, sparse] = branches;
    if (
        constants?.length !== T * FULL_ROUNDS + PARTIAL_ROUNDS ||
        mix?.length !== T * T ||
        preSparse?.length !== T * T ||
        sparse?.length !== PARTIAL_ROUNDS * (2 * T - 1)
    ) {
        throw new RangeError("circomlib's Poseidon tables are not the pinned ones");
    }
    return { constants, sparse, mix, preSparse };
}

function range(count: number): number[] {
    return Array.from({ length: count }, (_, index) => index);
}
