import { expect } from "chai";
import { callOf, type Gadget } from "../../offchain/compiler/circuit/gadgets.ts";
import { systemOfGadget } from "../support/gadgetSystem.ts";
import { modulo, outputsOf } from "../support/smallField.ts";

/** Room for every sum of bits below, so that what cannot wrap in bn254's field cannot wrap here. */
const PRIME = 97;

/** What the gadget gives for inputs that it accepts; undefined for those it must refuse. */
type Meaning = (...inputs: number[]) => number[] | undefined;
/** Inputs beyond the declared range that the template may refuse, but never answer wrongly. */
type Margin = (...inputs: number[]) => boolean;
type Case = {
    gadget: Gadget;
    inputs: { name: string; dims?: number[] }[];
    outputs: { name: string; dims?: number[] }[];
    /** Inputs that are tried; every element of the field unless told. */
    domain?: number[];
    means: Meaning;
    mayRefuse?: Margin;
};

/** Every element of the field by the number nearest to 0 that it stands for. */
const FIELD = Array.from({ length: PRIME }, (_, value) => (value <= PRIME / 2 ? value : value - PRIME));

const within = (value: number, min: number, max: number) => value >= min && value <= max;
const x = [{ name: "x" }];
const y = [{ name: "y" }];

const CASES: Case[] = [
    {
        gadget: { template: "Relu", bits: 3 },
        inputs: x,
        outputs: y,
        means: (value) => (within(value, -7, 7) ? [Math.max(0, value)] : undefined),
    },
    {
        gadget: { template: "Rescale", bits: 4, shift: 2 },
        inputs: x,
        outputs: y,
        means: (value) => (within(value, -16, 15) ? [Math.floor(value / 4)] : undefined),
    },
    {
        gadget: { template: "ReluRescale", bits: 4, shift: 2 },
        inputs: x,
        outputs: y,
        means: (value) => (within(value, -16, 15) ? [Math.max(0, Math.floor(value / 4))] : undefined),
    },
    ...[
        { min: 0n, max: 9n },
        { min: -3n, max: 7n },
        { min: 0n, max: 16n },
    ].map(
        ({ min, max }): Case => ({
            gadget: { template: "RangeCheckBound", min, max },
            inputs: x,
            outputs: [],
            means: (value) => (within(value, Number(min), Number(max)) ? [] : undefined),
        }),
    ),
    {
        gadget: { template: "Bits", min: -4n, bits: 3 },
        inputs: x,
        outputs: [{ name: "bit", dims: [2] }],
        means: (value) => (within(value, -4, 3) ? [((value + 4) >> 1) & 1, ((value + 4) >> 2) & 1] : undefined),
    },
    {
        gadget: { template: "IsZero" },
        inputs: x,
        outputs: y,
        means: (value) => [Number(value === 0)],
    },
    {
        gadget: { template: "Matches", bits: 3, pattern: 5n },
        inputs: [{ name: "x", dims: [3] }],
        outputs: y,
        domain: [0, 1], // it takes booleans only
        means: (...bits) => [Number(bits.join() === "1,0,1")],
    },
    {
        gadget: { template: "Thermometer", ladder: [-9n, -4n, 0n, 6n] },
        inputs: x,
        outputs: [{ name: "c", dims: [2] }],
        means: (value) => (within(value, -9, 5) ? [Number(value >= -4), Number(value >= 0)] : undefined),
    },
    {
        gadget: { template: "SquareRoot", bits: 2 },
        inputs: x,
        outputs: y,
        domain: FIELD.map((value) => modulo(value, PRIME)),
        means: (value) => [Math.floor(Math.sqrt(value))],
        mayRefuse: (value) => value >= 16,
    },
    {
        gadget: { template: "Divide", min: 0n, quotientBits: 2, divisorBits: 2 },
        inputs: [{ name: "a" }, { name: "b" }],
        outputs: [{ name: "q" }],
        means: (a, b) => {
            const quotient = Math.floor(a / b);
            return b >= 1 && within(quotient, 0, 3) ? [quotient] : undefined;
        },
        mayRefuse: (_a, b) => b > 4,
    },
    {
        gadget: { template: "ArgMax", count: 3, bits: 2 },
        inputs: [{ name: "x", dims: [3] }],
        outputs: [{ name: "index" }],
        domain: [-2, -1, 0, 1], // it takes elements that differ by less than 2^bits
        means: (...values) => [values.indexOf(Math.max(...values))],
    },
];

function tuples({ domain, count }: { domain: number[]; count: number }): number[][] {
    if (count === 0) return [[]];
    const shorter = tuples({ domain, count: count - 1 });
    return domain.flatMap((value) => shorter.map((rest) => [value, ...rest]));
}

describe("gadgets over a small prime", function () {
    this.timeout(60_000);

    for (const { domain = FIELD, means, mayRefuse = () => false, ...instance } of CASES) {
        it(`${callOf(instance.gadget)} has for every input the one output that it means, or none`, () => {
            const { r1cs } = systemOfGadget(instance);

            for (const inputs of tuples({ domain, count: r1cs.privateInputs })) {
                const wanted = means(...inputs)?.map((value) => modulo(value, PRIME));

                const outputs = outputsOf({ r1cs, prime: PRIME, inputs });

                if (outputs.length === 0 && mayRefuse(...inputs)) continue;
                expect(outputs, `inputs ${inputs.join(", ")}`).to.deep.equal(wanted === undefined ? [] : [wanted]);
            }
        });
    }
});
