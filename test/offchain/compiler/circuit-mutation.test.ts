import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import { buildCircuit } from "../../../offchain/compiler/buildCircuit.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import type { IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { ioSpecOf } from "../../../offchain/compiler/quantise/ioSpec.ts";
import { type Circuit, forge, openCircuit, type Witness } from "../../support/circuit.ts";
import { aGraph, createRandom, formatsOf, type NodeDraft, someInputs } from "./_integerGraphs.ts";

const SLOW_MS = 60_000;

/** Every kind of gadget behind one another: range checks, sums, ReLU with and without rescale, rescale, arg-max, words. */
function everyGadget(): IntegerGraph {
    const random = createRandom(11);
    const dense = ({ rows, columns }: { rows: number; columns: number }): NodeDraft => ({
        op: "linear",
        kernels: [
            {
                kind: "dense",
                positions: 1,
                rows,
                columns,
                weights: Array.from({ length: rows * columns }, () => random.integer(-7, 7)),
            },
        ],
        bias: Array.from({ length: rows }, () => BigInt(random.integer(-20, 20))),
    });
    const nodes: { node: NodeDraft; shape: number[] }[] = [
        { node: dense({ rows: 3, columns: 3 }), shape: [1, 3] },
        { node: { op: "relu" }, shape: [1, 3] },
        { node: dense({ rows: 3, columns: 3 }), shape: [1, 3] },
        { node: { op: "reluRescale", shift: 3 }, shape: [1, 3] },
        { node: dense({ rows: 3, columns: 3 }), shape: [1, 3] },
        { node: { op: "rescale", shift: 2 }, shape: [1, 3] },
        { node: { op: "argMax", outer: 1, length: 3, inner: 1 }, shape: [1] },
    ];
    return aGraph({ shape: [1, 3], min: -4n, max: 5n, nodes });
}

async function open(graph: IntegerGraph): Promise<Circuit> {
    const analysis = analyse(graph);
    const format = { dtype: DTYPE.INT8, bits: 8, min: -4n, max: 5n, scaleLog2: 0, zeroPoint: 0n };
    return openCircuit(
        (
            await buildCircuit({
                analysis,
                ioSpec: ioSpecOf({ analysis, formats: formatsOf({ graph: analysis.graph, format }) }),
                name: "mutated",
            })
        ).compiled,
    );
}

/** Other values for one wire: neighbours, its negation, its complement as a bit, shifts by powers of two, an alias of p/2^k. */
function mutations(value: bigint): bigint[] {
    const inverseOfTwo = (FIELD_ORDER + 1n) / 2n;
    const others = [
        value + 1n,
        value - 1n,
        -value,
        1n - value,
        0n,
        value + 8n,
        value - 8n,
        value * 2n,
        value * inverseOfTwo,
        value + inverseOfTwo,
    ];
    return others.filter((other) => (other - value) % FIELD_ORDER !== 0n);
}

/** What is accepted although one wire was changed; bind is left out, because every bind is a statement of its own. */
function accepted({ circuit, witness }: { circuit: Circuit; witness: Witness }): string[] {
    const determined = circuit.wires.filter((wire) => wire !== "bind");
    return determined.flatMap((wire) =>
        mutations(witness.get(wire) ?? 0n)
            .filter((value) => circuit.accepts(forge(witness, { [wire]: value })))
            .map((value) => `${wire} = ${value}`),
    );
}

describe("mutated witness of a compiled model", () => {
    it("is refused whichever wire is changed, sign of zero and ties included", async () => {
        const graph = everyGadget();
        const circuit = await open(graph);
        for (const x of someInputs({ graph, count: 6, seed: 3 })) {
            const witness = await circuit.witness({ x, bind: [7n] });
            expect(circuit.accepts(witness)).to.equal(true);

            expect(accepted({ circuit, witness })).to.deep.equal([]);
        }
    }).timeout(SLOW_MS);

    it("is refused when an output word and everything that only it depends on is changed", async () => {
        const graph = everyGadget();
        const circuit = await open(graph);
        const [x = []] = someInputs({ graph, count: 1, seed: 3 });
        const witness = await circuit.witness({ x, bind: [7n] });
        const weight = 1n << 128n; // of the first int64 of a word
        const index = (witness.get("index1[0]") ?? 0n) + 1n;

        const forged = forge(witness, {
            "index1[0]": index,
            "outputWords[0]": (witness.get("outputWords[0]") ?? 0n) + weight,
        });

        expect(circuit.accepts(forged)).to.equal(false);
    }).timeout(SLOW_MS);

    it("is refused for an input of the same residues but outside the range", async () => {
        const graph = everyGadget();
        const circuit = await open(graph);
        const witness = await circuit.witness({ x: [5n, 5n, 5n], bind: [7n] });

        const word = witness.get("inputWords[0]") ?? 0n;
        const forged = forge(witness, { "x[0]": 6n, "inputWords[0]": word + (1n << 240n) });

        expect(circuit.accepts(forged)).to.equal(false);
    }).timeout(SLOW_MS);
});
