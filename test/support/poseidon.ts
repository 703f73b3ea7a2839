/** Poseidon by its definition: dense rounds with the unoptimised constants of circomlib, t = 17. */
import { readFileSync } from "node:fs";
import { FIELD_ORDER } from "@assay/protocol";

const T = 17;
const FULL_ROUNDS = 8;
const PARTIAL_ROUNDS = 68;
const CONSTANTS = "node_modules/circomlib/circuits/poseidon_constants_old.circom";

const numbers = readNumbers();
const roundConstants = numbers.slice(0, T * (FULL_ROUNDS + PARTIAL_ROUNDS));
const matrix = numbers.slice(roundConstants.length);

/** Hash of 16 field elements. */
export function poseidon16(inputs: readonly bigint[]): bigint {
    if (inputs.length !== T - 1) throw new Error(`Poseidon16 takes 16 elements, not ${inputs.length}.`);
    let state = [0n, ...inputs];
    for (let round = 0; round < FULL_ROUNDS + PARTIAL_ROUNDS; round++) {
        const isFull = round < FULL_ROUNDS / 2 || round >= FULL_ROUNDS / 2 + PARTIAL_ROUNDS;
        const boxed = state.map((value, j) => {
            const shifted = (value + (roundConstants[T * round + j] ?? 0n)) % FIELD_ORDER;
            return isFull || j === 0 ? shifted ** 5n % FIELD_ORDER : shifted;
        });
        state = state.map(
            (_, i) => boxed.reduce((sum, value, j) => sum + (matrix[T * i + j] ?? 0n) * value, 0n) % FIELD_ORDER,
        );
    }
    return state[0] ?? 0n;
}

/** The commitment of DESIGN section 7: h_0 = start, h_(j+1) = Poseidon16(h_j, next 15 words, zero-padded). */
export function chainOf({ words, start }: { words: readonly bigint[]; start: bigint }): bigint {
    let hash = start;
    for (let i = 0; i < words.length; i += 15) {
        const block = words.slice(i, i + 15);
        hash = poseidon16([hash, ...block, ...new Array<bigint>(15 - block.length).fill(0n)]);
    }
    return hash;
}

/** The branches for t = 17: first of the round constants, then of the matrix. */
function readNumbers(): bigint[] {
    const text = readFileSync(CONSTANTS, "utf8");
    const branches = [...text.matchAll(/t == 17\) \{([^}]*)\}/g)].map(([, body]) => body ?? "");
    return branches.flatMap((body) =>
        [...body.matchAll(/0x[0-9a-f]+|\b\d{2,}\b/gi)].map(([literal]) => BigInt(literal)),
    );
}
