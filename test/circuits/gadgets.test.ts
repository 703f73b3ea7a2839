import { expect } from "chai";
import { callOf, describeGadget, type Gadget, TEMPLATE_FILES } from "../../offchain/compiler/circuit/gadgets.ts";
import { proveUniqueness } from "../../offchain/compiler/circuit/system/uniqueness/uniqueness.ts";
import { wireNames } from "../../offchain/compiler/circuit/system/writeSym.ts";
import { ZERO_KEY } from "../../offchain/compiler/integer/floatKey.ts";
import { canonicalCircom, canonicalSystem } from "../support/canonicalSystem.ts";
import { compileInstance } from "../support/circuit.ts";
import { type GadgetCase, systemOfGadget } from "../support/gadgetSystem.ts";

type Case = GadgetCase;

const onX = (gadget: Gadget): Case => ({ gadget, inputs: [{ name: "x" }], outputs: [{ name: "y" }] });
const pack = (gadget: Gadget, count: number): Case => ({
    gadget,
    inputs: [{ name: "element", dims: [count] }],
    outputs: [{ name: "word" }],
});

const CASES: Case[] = [
    onX({ template: "Relu", bits: 1 }),
    onX({ template: "Relu", bits: 12 }),
    onX({ template: "ReluRescale", bits: 2, shift: 1 }),
    onX({ template: "ReluRescale", bits: 20, shift: 7 }),
    onX({ template: "Rescale", bits: 2, shift: 1 }),
    onX({ template: "Rescale", bits: 20, shift: 7 }),
    ...[
        [0n, 1n],
        [0n, 255n],
        [-128n, 127n],
        [0n, 16n],
        [0n, 9n],
        [-3n, 7n],
        [-1000n, 3456n],
    ].map(
        ([min = 0n, max = 0n]): Case => ({
            gadget: { template: "RangeCheckBound", min, max },
            inputs: [{ name: "x" }],
            outputs: [],
        }),
    ),
    ...[2, 3, 10].map(
        (count): Case => ({
            gadget: { template: "ArgMax", count, bits: 9 },
            inputs: [{ name: "x", dims: [count] }],
            outputs: [{ name: "index" }],
        }),
    ),
    ...[
        { min: 0n, bits: 2 },
        { min: -8n, bits: 4 },
        { min: -3n, bits: 20 },
    ].map(
        ({ min, bits }): Case => ({
            gadget: { template: "Bits", min, bits },
            inputs: [{ name: "x" }],
            outputs: [{ name: "bit", dims: [bits - 1] }],
        }),
    ),
    onX({ template: "IsZero" }),
    ...[
        [0n, 1n, 2n],
        [0n, 3n, 8n],
        [-9n, -4n, 0n, 1n, 40n],
    ].map(
        (ladder): Case => ({
            gadget: { template: "Thermometer", ladder },
            inputs: [{ name: "x" }],
            outputs: [{ name: "c", dims: [ladder.length - 2] }],
        }),
    ),
    ...[[ZERO_KEY], [ZERO_KEY - 1n, ZERO_KEY, ZERO_KEY + 1n, ZERO_KEY + 5000n]].map(
        (thresholds): Case => ({
            gadget: { template: "FloatThermometer", thresholds },
            inputs: [{ name: "x" }],
            outputs: [{ name: "c", dims: [thresholds.length] }],
        }),
    ),
    { gadget: { template: "FloatRange" }, inputs: [{ name: "x" }], outputs: [] },
    ...[
        { bits: 1, pattern: 0n },
        { bits: 5, pattern: 16n },
        { bits: 40, pattern: 0n },
    ].map(
        ({ bits, pattern }): Case => ({
            gadget: { template: "Matches", bits, pattern },
            inputs: [{ name: "x", dims: [bits] }],
            outputs: [{ name: "y" }],
        }),
    ),
    ...[1, 4, 12].map((bits) => onX({ template: "SquareRoot", bits })),
    ...[
        { min: 0n, quotientBits: 1, divisorBits: 1 },
        { min: 0n, quotientBits: 4, divisorBits: 3 },
        { min: -8n, quotientBits: 5, divisorBits: 6 },
    ].map(
        (parameters): Case => ({
            gadget: { template: "Divide", ...parameters },
            inputs: [{ name: "a" }, { name: "b" }],
            outputs: [{ name: "q" }],
        }),
    ),
    pack({ template: "PackWord", count: 31, sizeBytes: 1 }, 31),
    pack({ template: "PackWord", count: 3, sizeBytes: 4 }, 3),
    pack({ template: "PackSignedWord", count: 2, sizeBytes: 8 }, 2),
    { gadget: { template: "BindStatement" }, inputs: [{ name: "bind" }], outputs: [] },
    { gadget: { template: "Poseidon16" }, inputs: [{ name: "x", dims: [16] }], outputs: [{ name: "y" }] },
    ...[1, 15, 17].map(
        (count): Case => ({
            gadget: { template: "CommitWords", count },
            inputs: [{ name: "words", dims: [count] }, { name: "salt" }, { name: "hash" }],
            outputs: [],
        }),
    ),
    ...[2, 17].map(
        (count): Case => ({
            gadget: { template: "BindWords", count },
            inputs: [{ name: "words", dims: [count] }, { name: "r" }],
            outputs: [{ name: "c" }, { name: "e" }],
        }),
    ),
];

describe("gadgets of the direct back end", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("include every template that an instance may call", () => {
        const tested = new Set<string>(CASES.map(({ gadget }) => gadget.template));

        expect(Object.keys(TEMPLATE_FILES).filter((template) => !tested.has(template))).to.deep.equal([]);
    });

    for (const instance of CASES) {
        it(`make of ${callOf(instance.gadget)} the constraints that circom makes, under the same names`, async () => {
            const { gadget } = instance;
            const file = TEMPLATE_FILES[gadget.template].replace("lib/", "");
            const { compiled, wires } = await compileInstance({ file, call: callOf(gadget) });
            const system = systemOfGadget(instance);

            expect(system.r1cs.constraintCount).to.equal(describeGadget(gadget).constraints());
            const direct = canonicalSystem({ r1cs: system.r1cs, names: wireNames(system) });
            expect(direct).to.deep.equal(canonicalCircom(compiled));
            expect(wireNames(system).slice(1).sort()).to.deep.equal(wires.map((name) => `main.${name}`).sort());
        });

        it(`determine every wire of ${callOf(instance.gadget)} but inverses of 0`, () => {
            const system = systemOfGadget(instance);
            const names = wireNames(system);

            const { free, unproven } = proveUniqueness(system.r1cs);

            expect(unproven.map((wire) => names[wire])).to.deep.equal([]);
            expect(free.map((wire) => names[wire])).to.deep.equal(names.filter((name) => name === "main.inverse"));
        });
    }
});
