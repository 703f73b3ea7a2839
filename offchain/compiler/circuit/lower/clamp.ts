import { at } from "../../integer/at.ts";
import { bitLength, greatestOf, magnitude } from "../../integer/bigMath.ts";
import type { Bounds } from "../../integer/interval.ts";
import type { ClampNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { ClampDigits, Digits } from "../digits.ts";
import type { Element, LinearCombination } from "../plan.ts";
import { atLeast, constantOf, less, matching, multiply, scaled, sum } from "./_logic.ts";
import { bitAt, decompose, numberOf } from "./decompose.ts";

type Lowering = { builder: Builder; node: ClampNode; inputs: Element[]; bounds: Bounds[] };
type Clamping = { builder: Builder; element: Element; min: bigint; max: bigint; known: Bounds };

/** The cheapest of three ways for each element that may leave the range. */
export function lowerClamp({ builder, node: { min, max }, inputs, bounds }: Lowering): Element[] {
    return inputs.map((element, index) => {
        const known = at(bounds, index);
        const { lo, hi } = builder.boundsOf(element);
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        if (lo >= min && hi <= max) return element;
        return clampElement({ builder, element, min, max, known });
    });
}

function clampElement({ builder, element, min, max, known }: Clamping): Element {
    const { lo, hi } = builder.boundsOf(element);
    const isKnown = builder.notes.digitsOf(element) !== undefined;
    if (!isPowerOfTwo(max - min + 1n) && !isKnown) {
        if (lo >= min) return clampEnd({ builder, element, end: max, sign: -1n, known });
        if (hi <= max) return clampEnd({ builder, element, end: min, sign: 1n, known });
    }
    const digits = decompose({ builder, element, purpose: { anchor: min } });
    const block = blockOf({ digits, min, max });
    if (block !== undefined) return clampToBlock({ builder, block, digits, min, max, known });
    return clampBetween({ builder, element, digits, min, max, known });
}

/** end + relu(x - end), or mirrored: end - relu(end - x). */
function clampEnd({
    builder,
    element,
    end,
    sign,
    known,
}: Omit<Clamping, "min" | "max"> & { end: bigint; sign: bigint }) {
    const value = weightedSum({ constant: -sign * end, parts: [{ value: asCombination(element), weight: sign }] });
    const beyond = elementOf({ builder, value });
    const { lo, hi } = builder.boundsOf(beyond);
    const [input] = builder.settle([beyond]);
    if (input === undefined) throw new RangeError("One element was settled");
    const signal = builder.declare({ name: "relu", bounds: [{ lo: 0n, hi }] }).first;
    const bits = bitLength(greatestOf([magnitude(lo), magnitude(hi)]));
    builder.gadget({ gadget: { template: "Relu", bits }, inputs: [input], output: { kind: "signal", signal } });
    const result = weightedSum({
        constant: end,
        parts: [{ value: asCombination({ kind: "signal", signal }), weight: sign }],
    });
    return elementOf({ builder, value: result, known });
}

/** How the range lies among the digits: `inner` bits count inside it, the others must write `number`. */
type Block = { innerBits: number; number: bigint };

/** The range as one aligned block of a power of two, or undefined. */
function blockOf({ digits, min, max }: { digits: Digits; min: bigint; max: bigint }): Block | undefined {
    const size = max - min + 1n;
    const start = min - digits.base;
    if (!isPowerOfTwo(size) || start < 0n || start % size !== 0n) return undefined;
    const innerBits = bitLength(size) - 1;
    const number = start / size;
    return number < 1n << BigInt(Math.max(0, digits.bits.length - innerBits)) ? { innerBits, number } : undefined;
}

type ToBlock = Omit<Clamping, "element"> & { digits: Digits; block: Block };

function clampToBlock({ builder, block: { innerBits, number }, digits, min, max, known }: ToBlock): Element {
    const inner = { base: min, bits: digits.bits.slice(0, innerBits) };
    const outer = digits.bits.slice(innerBits);
    const isInside = matching({ builder, bits: outer, pattern: number });
    const isAbove = isAboveBlock({ builder, digits, outer, number, isInside, max });
    const span = max - min;
    const steps = less(numberOf(inner), constantOf(min));
    const within = multiply({ builder, left: isInside, right: steps, bounds: { lo: 0n, hi: span } });
    const value = sum(constantOf(min), sum(within, scaled(isAbove, span)));
    const element = elementOf({ builder, value, known });
    const clamp: ClampDigits = { min, max, inner, isInside, isAbove };
    builder.notes.noteClamp(element, clamp);
    return element;
}

type Above = {
    builder: Builder;
    digits: Digits;
    outer: readonly LinearCombination[];
    number: bigint;
    isInside: LinearCombination;
    max: bigint;
};

/** In the middle the highest bit tells what lies below: it is 1 inside too. */
function isAboveBlock({ builder, digits, outer, number, isInside, max }: Above): LinearCombination {
    const middle = outer.length === 0 ? 0n : 1n << BigInt(outer.length - 1);
    if (number === middle) return less(bitAt({ base: 0n, bits: outer }, outer.length - 1), isInside);
    if (number === 0n) return less(constantOf(1n), isInside);
    return atLeast({ builder, digits, threshold: max + 1n });
}

type Between = Clamping & { digits: Digits };

/** min + (isAtLeastMin - isAtLeastMax) * (x - min) + isAtLeastMax * (max - min). */
function clampBetween({ builder, element, digits, min, max, known }: Between): Element {
    const isAtLeastMin = atLeast({ builder, digits, threshold: min });
    const isAtLeastMax = atLeast({ builder, digits, threshold: max });
    const [settled] = builder.settle([element]);
    if (settled === undefined) throw new RangeError("One element was settled");
    const within = multiply({
        builder,
        left: less(isAtLeastMin, isAtLeastMax),
        right: less(asCombination(settled), constantOf(min)),
        bounds: { lo: 0n, hi: max - min },
    });
    const value = sum(constantOf(min), sum(within, scaled(isAtLeastMax, max - min)));
    return elementOf({ builder, value, known });
}

function isPowerOfTwo(value: bigint): boolean {
    return value === 1n << BigInt(bitLength(value) - 1);
}
