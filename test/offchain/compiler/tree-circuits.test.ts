import { encodeTensor, isBound, publicSignals } from "@assay/protocol";
import { expect } from "chai";
import { buildCircuit } from "../../../offchain/compiler/buildCircuit.ts";
import { publicCountOf } from "../../../offchain/compiler/circuit/system/r1cs.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { bitsOfFloat } from "../../../offchain/compiler/integer/floatKey.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import type { IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { createWitnessCalculator, WitnessRefused } from "../../../offchain/compiler/proving/witness.ts";
import type { InputFormats } from "../../../offchain/compiler/quantise/inputFormats.ts";
import { ioSpecOf } from "../../../offchain/compiler/quantise/ioSpec.ts";
import { quantise } from "../../../offchain/compiler/quantise/quantise.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { thrownBy } from "./_faults.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aPrecision, FORMATS, rawGraph } from "./_treeRuns.ts";
import { aRegressor, aTree, COMPARISONS, ODD_FLOATS, someRows, type Tree } from "./_trees.ts";

const VK_HASH = `0x${"5a".repeat(32)}` as const;
const BIND = 12345678901234567890n;
/** Eighths in [-8, 8). */
const GRID: InputFormats = new Map([
    ["x", { dtype: DTYPE.INT8, bits: 7, min: -64n, max: 63n, scaleLog2: 3, zeroPoint: 0n }],
]);

function built(graph: IntegerGraph, formats: InputFormats) {
    const analysis = analyse(graph);
    const ioSpec = ioSpecOf({ analysis, formats });
    return { analysis, ioSpec, ...buildCircuit({ analysis, ioSpec, name: "trees" }) };
}

type Built = ReturnType<typeof built>;

/** Expects the witness's public signals to be those that the gate rebuilds from what the interpreter computes. */
function expectInterpreter({ analysis, ioSpec, system }: Built, inputs: readonly bigint[][]): void {
    const calculator = createWitnessCalculator(system);
    const interpreter = createInterpreter(analysis);
    const count = publicCountOf(system.r1cs);
    const signals = (x: readonly bigint[], r: bigint) => {
        const { wire } = calculator.calculate({ x, bind: [BIND], ...(isBound(ioSpec) ? { r: [r] } : {}) });
        return Array.from({ length: count }, (_, index) => wire(index + 1));
    };
    for (const x of inputs) {
        const input = encodeTensor({ dtype: ioSpec.input.dtype, values: x });
        const output = encodeTensor({ dtype: ioSpec.output.dtype, values: interpreter.run(x) });
        const c = isBound(ioSpec) ? signals(x, 0n)[0] : undefined;
        const expected = publicSignals({ ioSpec, vkHash: VK_HASH, input, output, bind: BIND, c });
        expect(signals(x, isBound(ioSpec) ? (expected[2] ?? 0n) : 0n)).to.deep.equal(expected);
    }
}

function someTrees({ seed, targets = [0], depth = 4 }: { seed: number; targets?: number[]; depth?: number }): Tree[] {
    const random = createRandom(seed);
    const threshold = () => (random.integer(0, 2) === 0 ? random.pick(ODD_FLOATS) : random.integer(-64, 64) / 8);
    return Array.from({ length: 6 }, () =>
        aTree({ random, depth, features: 4, targets, modes: seed % 2 === 0 ? COMPARISONS : ["BRANCH_LEQ"], threshold }),
    );
}

describe("circuit of trees", () => {
    for (const seed of [1, 2, 3, 4]) {
        it(`computes random ensemble ${seed} from raw bits as the interpreter does`, () => {
            const targets = seed < 3 ? [0] : [0, 1, 2, 3];
            const trees = someTrees({ seed, targets });
            const circuit = built(rawGraph(aRegressor({ trees, features: 4, targets: targets.length })), FORMATS);

            const rows = someRows({ trees, features: 4, count: 40, seed });
            expectInterpreter(
                circuit,
                rows.map((row) => row.map(bitsOfFloat)),
            );
        });

        it(`computes random ensemble ${seed} from whole numbers as the interpreter does`, () => {
            const model = aRegressor({ trees: someTrees({ seed }), features: 4 });
            const graph = quantise({ graph: readModel(model), precision: aPrecision(GRID) });
            const random = createRandom(seed);

            const inputs = Array.from({ length: 40 }, () =>
                Array.from({ length: 4 }, () => BigInt(random.integer(-64, 63))),
            );
            expectInterpreter(built(graph, GRID), inputs);
        });
    }

    it("has no witness for a NaN, and the interpreter refuses it by name", () => {
        const trees = someTrees({ seed: 1 });
        const { analysis, system } = built(rawGraph(aRegressor({ trees, features: 4 })), FORMATS);
        const calculator = createWitnessCalculator(system);
        for (const nan of [0x7f80_0001n, 0x7fc0_0000n, 0xff80_0001n, 0xffff_ffffn]) {
            for (const place of [0, 1, 2, 3]) {
                const x = [0n, 0n, 0n, 0n].with(place, nan);
                expect(() => calculator.calculate({ x, bind: [BIND] })).to.throw(WitnessRefused);
                const fault = thrownBy(() => createInterpreter(analysis).run(x));
                expect(fault.code).to.equal("MODEL_INPUT_RANGE");
            }
        }
        expect(thrownBy(() => createInterpreter(analysis).run([0x7fc0_0000n, 0n, 0n, 0n])).message).to.contain(
            'Element 0 of input "x" is NaN',
        );
    });

    it("costs a threshold each, 64 for each feature, and 7 for each tree of depth 4", () => {
        const random = createRandom(100);
        const trees = Array.from({ length: 100 }, () => fullTree({ random, features: 30 }));
        const graph = rawGraph(aRegressor({ trees, features: 30 }));

        const { plan } = built(graph, FORMATS);

        const [thermometer] = graph.nodes;
        const thresholds = thermometer?.op === "thermometer" ? thermometer.boundaries.length : 0;
        expect(thresholds).to.equal(1500);
        expect(plan.constraints.model).to.be.at.most(thresholds + 30 * 64 + 100 * 7 + 1);
        expect(plan.constraints.model).to.be.at.most(4500);
    });

    it("takes the cheaper way for many outputs: one for each split but a root, whatever their number", () => {
        const random = createRandom(101);
        const targets = [0, 1, 2, 3, 4, 5, 6, 7];
        const trees = Array.from({ length: 3 }, () => fullTree({ random, features: 5, targets }));
        const graph = rawGraph(aRegressor({ trees, features: 5, targets: 8 }));

        const { plan } = built(graph, FORMATS);

        const node = graph.nodes.find(({ op }) => op === "trees");
        const splits = node?.op === "trees" ? node.bits.length : 0;
        expect(plan.layers.find(({ op }) => op === "trees")?.constraints).to.equal(splits - 3);
    });

    it("skips splits that others have decided, and shares equal parts", () => {
        const split = (threshold: number, whenTrue: number, whenFalse: number) => ({
            mode: "BRANCH_LEQ",
            feature: 0,
            threshold,
            whenTrue,
            whenFalse,
        });
        const leaf = (weight: number) => ({ mode: "LEAF" as const, weights: { 0: weight } });
        // x <= 1 ? (x <= 2 ? 3 : never) : (x <= 1 ? never : 5)
        const decided: Tree = [split(1, 1, 4), split(2, 2, 3), leaf(3), leaf(9), split(1, 5, 6), leaf(9), leaf(5)];
        const graph = rawGraph(aRegressor({ trees: [decided, decided], features: 1 }));

        const trees = graph.nodes.find(({ op }) => op === "trees");

        expect(trees).to.deep.include({ bits: [0], roots: [0, 0] });
        expect(createInterpreter(analyse(graph)).run([bitsOfFloat(1)])).to.deep.equal([6n]);
        expect(createInterpreter(analyse(graph)).run([bitsOfFloat(1.5)])).to.deep.equal([10n]);
    });
});

/** All 15 splits of depth 4, no threshold twice on a path or elsewhere. */
function fullTree({
    random,
    features,
    targets = [0],
}: {
    random: ReturnType<typeof createRandom>;
    features: number;
    targets?: number[];
}): Tree {
    const nodes: Tree = [];
    const grow = (left: number): number => {
        const place = nodes.length;
        nodes.push({
            mode: "LEAF",
            weights: Object.fromEntries(targets.map((target) => [target, random.integer(-999, 999) / 256])),
        });
        if (left === 0) return place;
        const feature = random.integer(0, features - 1);
        const threshold = Math.fround(random.integer(-(2 ** 30), 2 ** 30) / 2 ** 20);
        nodes[place] = { mode: "BRANCH_LEQ", feature, threshold, whenTrue: grow(left - 1), whenFalse: grow(left - 1) };
        return place;
    };
    grow(4);
    return nodes;
}
