import { at } from "../../integer/at.ts";
import { squareRootFloor } from "../../integer/bigMath.ts";
import { scaled, sumOf, times } from "../system/algebra.ts";
import { bitsOf, requireBoolean } from "./_bits.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/** floor(sqrt(x)) of an x in [0, 2^(2 bits)). */
export type SquareRoot = { template: "SquareRoot"; bits: number };

/** lib/fixed-point/square-root.circom */
export const squareRoot: GadgetDefinition<SquareRoot> = {
    file: "lib/fixed-point/square-root.circom",
    parameters: ({ bits }) => [bits],
    constraints: ({ bits }) => 2 * bits + 2,
    expand: ({ system, gadget: { bits }, inputs, outputs }) => {
        const x = onlyInput({ inputs });
        const y = at(outputs, 0);
        const remainderBit = system.signals({ name: "remainderBit", dims: [bits] });
        const gapBit = system.signals({ name: "gapBit", dims: [bits] });
        system.hint({
            targets: [y, ...remainderBit, ...gapBit],
            inputs: [x],
            compute: ([value = 0n]) => {
                const root = squareRootFloor(value);
                const remainder = value - root * root;
                return [
                    root,
                    ...bitsOf({ value: remainder, from: 1, count: bits }),
                    ...bitsOf({ value: 2n * root - remainder, from: 1, count: bits }),
                ];
            },
        });
        const weighted = (wires: readonly number[]) => wires.map((wire, index) => times(wire, 1n << BigInt(index)));
        for (const [index, bit] of remainderBit.entries()) {
            requireBoolean({ system, value: times(bit) });
            requireBoolean({ system, value: times(at(gapBit, index)) });
        }
        const [u, v] = [sumOf(weighted(remainderBit)), sumOf(weighted(gapBit))];
        const low = sumOf([times(y), scaled(u, -1n), scaled(v, -1n)]);
        requireBoolean({ system, value: low });
        system.constrain({
            left: times(y),
            right: times(y),
            equals: sumOf([x, scaled(low, -1n), scaled(u, -2n)]),
        });
    },
};
