import { expect } from "chai";
import type { Gadget } from "../../../offchain/compiler/circuit/gadgets.ts";
import { describeGadget } from "../../../offchain/compiler/circuit/gadgets.ts";
import { constant, shifted, sumOf, times } from "../../../offchain/compiler/circuit/system/algebra.ts";
import { createSystem } from "../../../offchain/compiler/circuit/system/builder.ts";
import type { R1cs, SparseMatrix, Wire } from "../../../offchain/compiler/circuit/system/r1cs.ts";
import type { ConstraintSystem } from "../../../offchain/compiler/circuit/system/system.ts";
import { proveUniqueness } from "../../../offchain/compiler/circuit/system/uniqueness/uniqueness.ts";
import { wireNames } from "../../../offchain/compiler/circuit/system/writeSym.ts";
import { CIRCUIT_GRAPHS, circuitOfGraph } from "./_circuitGraphs.ts";

/** Names of the wires that are not proven, and of those that are free. */
function namesOf(system: ConstraintSystem) {
    const names = wireNames(system);
    const { free, unproven } = proveUniqueness(system.r1cs);
    const named = (wires: number[]) => wires.map((wire) => names[wire] ?? "");
    return { free: named(free), unproven: named(unproven) };
}

/** A system of one private input x and one output y. */
function systemOf(fill: (parts: { main: ReturnType<typeof createSystem>["main"]; x: Wire; y: Wire }) => void) {
    const { main, wires, finish } = createSystem({
        outputs: [{ name: "y" }],
        publicInputs: [],
        privateInputs: [{ name: "x" }],
    });
    const only = (name: string) => wires.get(name)?.[0] ?? 0;
    fill({ main, x: only("x"), y: only("y") });
    return finish();
}

function systemOfGadget({ gadget, inputs, outputs }: { gadget: Gadget; inputs: number; outputs: number }) {
    const { main, wires, finish } = createSystem({
        outputs: [{ name: "y", dims: [outputs] }],
        publicInputs: [],
        privateInputs: [{ name: "x", dims: [inputs] }],
    });
    const x = (wires.get("x") ?? []).map((wire) => times(wire));
    const isDivision = gadget.template === "Divide";
    const given = isDivision ? x.map((element) => [element]) : [x];
    describeGadget(gadget).expand({ system: main, inputs: given, outputs: wires.get("y") ?? [] });
    return finish();
}

/** The system with one constraint emptied. */
function without(r1cs: R1cs, row: number): R1cs {
    const emptied = ({ start, wire, coefficient }: SparseMatrix): SparseMatrix => {
        const [first, end] = [start[row] ?? 0, start[row + 1] ?? 0];
        const cut = (values: Uint32Array) => Uint32Array.from([...values.subarray(0, first), ...values.subarray(end)]);
        return {
            start: start.map((position) => (position >= end ? position - (end - first) : position)),
            wire: cut(wire),
            coefficient: cut(coefficient),
        };
    };
    return { ...r1cs, a: emptied(r1cs.a), b: emptied(r1cs.b), c: emptied(r1cs.c) };
}

describe("uniqueness of witnesses", () => {
    for (const { name, graph } of CIRCUIT_GRAPHS) {
        it(`is proven for every wire of ${name}, inverses of 0 excepted`, () => {
            const { free, unproven } = namesOf(circuitOfGraph(graph).system);

            expect(unproven).to.deep.equal([]);
            expect(free.filter((wire) => !wire.endsWith(".inverse"))).to.deep.equal([]);
        });
    }

    describe("needs every constraint of", () => {
        const gadgets: { gadget: Gadget; inputs: number; outputs: number }[] = [
            { gadget: { template: "Relu", bits: 5 }, inputs: 1, outputs: 1 },
            { gadget: { template: "ReluRescale", bits: 6, shift: 2 }, inputs: 1, outputs: 1 },
            { gadget: { template: "Rescale", bits: 6, shift: 2 }, inputs: 1, outputs: 1 },
            { gadget: { template: "ArgMax", count: 2, bits: 4 }, inputs: 2, outputs: 1 },
            { gadget: { template: "ArgMax", count: 4, bits: 4 }, inputs: 4, outputs: 1 },
            { gadget: { template: "Bits", min: -8n, bits: 4 }, inputs: 1, outputs: 3 },
            { gadget: { template: "IsZero" }, inputs: 1, outputs: 1 },
            { gadget: { template: "Matches", bits: 5, pattern: 9n }, inputs: 5, outputs: 1 },
            { gadget: { template: "SquareRoot", bits: 4 }, inputs: 1, outputs: 1 },
            { gadget: { template: "Divide", min: -8n, quotientBits: 5, divisorBits: 4 }, inputs: 2, outputs: 1 },
            { gadget: { template: "Thermometer", ladder: [-9n, -4n, 0n, 1n, 40n] }, inputs: 1, outputs: 3 },
        ];
        for (const { gadget, inputs, outputs } of gadgets) {
            it(`${gadget.template} with ${inputs} inputs`, () => {
                const { r1cs } = systemOfGadget({ gadget, inputs, outputs });
                const rows = Array.from({ length: r1cs.constraintCount }, (_, row) => row);

                expect(proveUniqueness(r1cs).unproven).to.deep.equal([]);
                expect(rows.filter((row) => proveUniqueness(without(r1cs, row)).unproven.length === 0)).to.deep.equal(
                    [],
                );
            });
        }
    });

    describe("is not proven for", () => {
        it("254 bits without a check that they are below p, by which 5 becomes negative", () => {
            const { unproven } = namesOf(
                systemOf(({ main, x, y }) => {
                    const bits = main.signals({ name: "bit", dims: [254] });
                    for (const bit of bits) {
                        main.constrain({ left: times(bit), right: shifted(times(bit), -1n), equals: constant(0n) });
                    }
                    const sum = bits.map((bit, index) => times(bit, 1n << BigInt(index)));
                    main.constrain({ equals: sumOf([times(x), ...sum.map(negated)]) });
                    main.assign({ target: y, left: times(bits[253] ?? 0), right: times(x) });
                }),
            );

            expect(unproven).to.include("main.y");
            expect(unproven).to.include("main.bit[253]");
        });

        it("a quotient whose remainder is only asserted, by which any output passes", () => {
            const { unproven } = namesOf(
                systemOf(({ main, x, y }) => {
                    const [remainder = 0] = main.signals({ name: "remainder" });
                    main.constrain({ equals: sumOf([times(x), times(y, -16n), times(remainder, -1n)]) });
                    main.constrain({ left: times(remainder), right: times(y), equals: times(remainder) });
                }),
            );

            expect(unproven).to.deep.equal(["main.y", "main.remainder"]);
        });

        it("a comparison that takes more bits than the difference has", () => {
            const { unproven } = namesOf(
                systemOf(({ main, x, y }) => {
                    for (const bit of [y]) {
                        main.constrain({ left: times(bit), right: shifted(times(bit), -1n), equals: constant(0n) });
                    }
                    const bits = main.signals({ name: "bit", dims: [4] });
                    for (const bit of bits) {
                        main.constrain({ left: times(bit), right: shifted(times(bit), -1n), equals: constant(0n) });
                    }
                    const sum = bits.map((bit, index) => times(bit, 1n << BigInt(index)));
                    main.constrain({ equals: sumOf([times(x), times(y, -8n), ...sum.map(negated)]) }); // 8 twice
                }),
            );

            expect(unproven).to.include("main.y");
        });

        it("an output that stands in one constraint with a wire that nothing else restricts", () => {
            const { unproven, free } = namesOf(
                systemOf(({ main, x, y }) => {
                    const [inverse = 0] = main.signals({ name: "inverse" });
                    main.constrain({ left: times(x), right: times(inverse), equals: shifted(times(y, -1n), 1n) });
                }),
            );

            expect(unproven).to.deep.equal(["main.y"]);
            expect(free).to.deep.equal(["main.inverse"]);
        });
    });
});

function negated({ constant: value, terms }: ReturnType<typeof times>) {
    return { constant: -value, terms: terms.map(({ signal, weight }) => ({ signal, weight: -weight })) };
}
