import { bn254 } from "@noble/curves/bn254.js";
import { createGrain } from "./_grain.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";

/** Elements of the state: 16 inputs and the capacity. */
const WIDTH = 17;
const FULL_ROUNDS = 8;
const PARTIAL_ROUNDS = 68;
const ROUNDS = FULL_ROUNDS + PARTIAL_ROUNDS;

const { Fr } = bn254.fields;

/** Constants of Poseidon over bn254 with 16 inputs, made once, when they are first needed. */
type Parameters = { roundConstants: readonly (readonly bigint[])[]; matrix: readonly (readonly bigint[])[] };

const parameters = once(makeParameters);

/**
 * Poseidon over the scalar field of bn254 with circomlib's parameters (t = 17, 8 full and 68 partial rounds, x^5), by
 * its definition. Throws SIGNALS_INVALID unless it gets 16 field elements.
 *
 * @example
 * poseidon16(new Array(16).fill(0n)) < FIELD_ORDER; // true
 */
export function poseidon16(inputs: readonly bigint[]): bigint {
    if (inputs.length !== WIDTH - 1 || !inputs.every((input) => input >= 0n && input < Fr.ORDER)) {
        throw new ProtocolError({ code: "SIGNALS_INVALID", message: "Poseidon16 takes 16 field elements." });
    }
    const { roundConstants, matrix } = parameters();
    const state = roundConstants.reduce(
        (before, constants, round) => {
            const isFull = round < FULL_ROUNDS / 2 || round >= FULL_ROUNDS / 2 + PARTIAL_ROUNDS;
            const boxed = before.map((value, j) => {
                const shifted = value + (constants[j] ?? 0n);
                return isFull || j === 0 ? fifthPower(shifted) : shifted;
            });
            return matrix.map((row) => row.reduce((sum, weight, j) => sum + weight * (boxed[j] ?? 0n), 0n) % Fr.ORDER);
        },
        [0n, ...inputs],
    );
    return state[0] ?? 0n;
}

/** Words to a block of the chain; the sixteenth input is what came before. */
const BLOCK_WORDS = WIDTH - 2;

/**
 * The chain that commits to words: h_0 = start, h_(j+1) = Poseidon16(h_j, next 15 words, zero-padded); h_last. Start
 * and words are field elements.
 */
export function poseidonChain({ start, words }: { start: bigint; words: readonly bigint[] }): bigint {
    const blocks = Array.from({ length: Math.ceil(words.length / BLOCK_WORDS) }, (_, j) =>
        words.slice(BLOCK_WORDS * j, BLOCK_WORDS * (j + 1)),
    );
    return blocks.reduce((hash, block) => {
        const padding = new Array<bigint>(BLOCK_WORDS - block.length).fill(0n);
        return poseidon16([hash, ...block, ...padding]);
    }, start);
}

/** Round constants below the field order, then a Cauchy matrix of what comes next: the Poseidon reference script. */
function makeParameters(): Parameters {
    const next = createGrain({
        fieldBits: Fr.BITS,
        width: WIDTH,
        fullRounds: FULL_ROUNDS,
        partialRounds: PARTIAL_ROUNDS,
    });
    const element = (): bigint => {
        const number = next();
        return number < Fr.ORDER ? number : element();
    };
    const row = (make: () => bigint) => Array.from({ length: WIDTH }, make);
    const roundConstants = Array.from({ length: ROUNDS }, () => row(element));
    const [x, y] = [row(() => Fr.create(next())), row(() => Fr.create(next()))];
    return { roundConstants, matrix: x.map((left) => y.map((right) => Fr.inv(Fr.add(left, right)))) };
}

function fifthPower(value: bigint): bigint {
    const square = (value * value) % Fr.ORDER;
    const fourth = (square * square) % Fr.ORDER;
    return (fourth * value) % Fr.ORDER;
}

function once<T>(make: () => T): () => T {
    let made: { value: T } | undefined;
    return () => {
        made ??= { value: make() };
        return made.value;
    };
}
