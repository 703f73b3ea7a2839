import { at } from "../../integer/at.ts";
import { floorDivide } from "../../integer/bigMath.ts";
import { constant, scaled, shifted, sumOf, times } from "../system/algebra.ts";
import { bitsOf, decompose, requireBoolean } from "./_bits.ts";
import type { GadgetDefinition } from "./definition.ts";

/** floor(a / b), in [min, min + 2^quotientBits), of a positive b up to 2^divisorBits. */
export type Divide = { template: "Divide"; min: bigint; quotientBits: number; divisorBits: number };

/** lib/fixed-point/divide.circom */
export const divide: GadgetDefinition<Divide> = {
    file: "lib/fixed-point/divide.circom",
    parameters: ({ min, quotientBits, divisorBits }) => [min, quotientBits, divisorBits],
    constraints: ({ quotientBits, divisorBits }) => quotientBits + 2 * divisorBits + 1,
    expand: ({ system, gadget: { min, quotientBits, divisorBits }, inputs, outputs }) => {
        const [a, b] = [at(at(inputs, 0), 0), at(at(inputs, 1), 0)];
        const q = at(outputs, 0);
        const remainderBit = system.signals({ name: "remainderBit", dims: [divisorBits] });
        const gapBit = system.signals({ name: "gapBit", dims: [divisorBits - 1] });
        const quotientBit = system.signals({ name: "quotientBit", dims: [quotientBits - 1] });
        system.hint({
            targets: [q, ...remainderBit, ...gapBit, ...quotientBit],
            inputs: [a, b],
            compute: ([dividend = 0n, divisor = 0n]) => {
                const quotient = divisor === 0n ? min : floorDivide(dividend, divisor);
                const remainder = dividend - quotient * divisor;
                return [
                    quotient,
                    ...bitsOf({ value: remainder, from: 0, count: divisorBits }),
                    ...bitsOf({ value: divisor - 1n - remainder, from: 1, count: divisorBits - 1 }),
                    ...bitsOf({ value: quotient - min, from: 1, count: quotientBits - 1 }),
                ];
            },
        });
        for (const bit of remainderBit) requireBoolean({ system, value: times(bit) });
        const remainder = sumOf(remainderBit.map((bit, index) => times(bit, 1n << BigInt(index))));
        system.constrain({ left: times(q), right: b, equals: sumOf([a, scaled(remainder, -1n)]) });
        decompose({ system, bits: gapBit, value: sumOf([b, scaled(remainder, -1n), constant(-1n)]) });
        decompose({ system, bits: quotientBit, value: shifted(times(q), -min) });
    },
};
