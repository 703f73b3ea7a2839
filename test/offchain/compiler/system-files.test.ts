import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import { buildBn128 } from "ffjavascript";
import { readR1cs as readByR1csfile } from "r1csfile";
import { wtns } from "snarkjs";
import type { R1cs, SparseMatrix } from "../../../offchain/compiler/circuit/system/r1cs.ts";
import { readR1cs } from "../../../offchain/compiler/circuit/system/readR1cs.ts";
import { writeR1cs } from "../../../offchain/compiler/circuit/system/writeR1cs.ts";
import { wireNames } from "../../../offchain/compiler/circuit/system/writeSym.ts";
import { createWitnessCalculator, WitnessRefused } from "../../../offchain/compiler/proving/witness.ts";
import { mod } from "../../../offchain/compiler/setup/_field.ts";
import { CIRCUIT_GRAPHS, circuitOfGraph } from "./_circuitGraphs.ts";

const [{ graph } = expect.fail("no graph")] = CIRCUIT_GRAPHS;
const circuit = circuitOfGraph(graph);
const SILENT = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const INPUT = { x: [1n, -4n, 5n], bind: [FIELD_ORDER - 1n] };

function littleEndian(bytes: Uint8Array, offset: number): bigint {
    return bytes.subarray(offset, offset + 32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** A row as r1csfile gives it. */
function rowOf({ r1cs, matrix, row }: { r1cs: R1cs; matrix: SparseMatrix; row: number }): Record<number, bigint> {
    const [first, end] = [matrix.start[row] ?? 0, matrix.start[row + 1] ?? 0];
    const terms = Array.from(matrix.wire.subarray(first, end), (wire, index) => {
        return [wire, mod(r1cs.coefficients[matrix.coefficient[first + index] ?? 0] ?? 0n)] as const;
    });
    return Object.fromEntries(terms);
}

describe("files of a constraint system", () => {
    after(async () => {
        // wtns.check started the worker threads of the process-wide curve
        await (await buildBn128()).terminate();
    });

    it("are read by r1csfile as what was written", async () => {
        const { r1cs } = circuit.system;
        const field = { F: { p: FIELD_ORDER, fromRprLE: littleEndian } };

        const { nVars, nConstraints, constraints } = await readByR1csfile({ type: "mem", data: circuit.r1cs }, field);

        expect({ nVars, nConstraints }).to.deep.equal({ nVars: r1cs.wireCount, nConstraints: r1cs.constraintCount });
        const rows = constraints.map((_, row) =>
            [r1cs.a, r1cs.b, r1cs.c].map((matrix) => rowOf({ r1cs, matrix, row })),
        );
        expect(constraints.map((row) => row.map((terms) => ({ ...terms })))).to.deep.equal(rows);
    });

    it("are read back and written again byte for byte", () => {
        expect(writeR1cs(readR1cs(circuit.r1cs))).to.deep.equal(circuit.r1cs);
    });

    it("name every wire once, in order", () => {
        const lines = new TextDecoder().decode(circuit.sym).trim().split("\n");

        expect(lines.map((line) => line.split(",")[3])).to.deep.equal(wireNames(circuit.system).slice(1));
        expect(new Set(wireNames(circuit.system)).size).to.equal(circuit.system.r1cs.wireCount);
        for (const [index, line] of lines.entries()) expect(line).to.match(new RegExp(`^${index + 1},${index + 1},`));
        expect(wireNames(circuit.system)).to.include("main.x[2]").and.to.include("main.relu1[0]");
    });

    it("hold a witness that snarkjs accepts, and refuses with one value changed", async () => {
        const { file } = createWitnessCalculator(circuit.system).calculate(INPUT);
        const offset = file.length - 32;

        expect(await wtns.check(circuit.r1cs, { type: "mem", data: file }, SILENT)).to.equal(true);
        const changed = file.with(offset, (file[offset] ?? 0) ^ 1);
        expect(await wtns.check(circuit.r1cs, { type: "mem", data: changed }, SILENT)).to.equal(false);
    });

    describe("find no witness", () => {
        const calculator = createWitnessCalculator(circuit.system);

        for (const [why, input] of [
            ["too few values", { ...INPUT, x: [1n, 2n] }],
            ["too many values", { ...INPUT, x: [1n, 2n, 3n, 4n] }],
            ["a missing input", { x: INPUT.x }],
            ["an unknown input", { ...INPUT, r: [1n] }],
            ["a value outside its range", { ...INPUT, x: [1n, -5n, 5n] }],
        ] as const) {
            it(`for ${why}`, () => {
                expect(() => calculator.calculate(input)).to.throw(WitnessRefused);
            });
        }

        it("but take a value by any of its residues", () => {
            const [plain, shifted] = [INPUT.x, INPUT.x.map((value) => value + FIELD_ORDER)];

            expect(calculator.calculate({ ...INPUT, x: shifted }).file).to.deep.equal(
                calculator.calculate({ ...INPUT, x: plain }).file,
            );
        });
    });
});
