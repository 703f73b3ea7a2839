import { expect } from "chai";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import {
    bitsOfFloat,
    floatOfKey,
    GREATEST_BITS,
    GREATEST_KEY,
    isNumber,
    keyOfBits,
    LEAST_KEY,
    ZERO_KEY,
} from "../../../offchain/compiler/integer/floatKey.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { decodeGraph, encodeGraph } from "../../../offchain/compiler/integer/serialise.ts";
import {
    found,
    type IntegerGraph,
    type ThermometerNode,
    type TreesNode,
} from "../../../offchain/compiler/integer/types.ts";
import { thrownBy } from "./_faults.ts";
import { aGraph, createRandom, type NodeDraft, someInputs } from "./_integerGraphs.ts";
import { ODD_FLOATS } from "./_trees.ts";

type Changes = { thermometer?: Partial<ThermometerNode>; trees?: Partial<TreesNode> };

/** A graph of two features and one tree, some of it changed. */
function aTreeGraph({ thermometer = {}, trees = {} }: Changes = {}): IntegerGraph {
    const bits: NodeDraft = { op: "thermometer", order: "integer", features: [0, 0, 1], boundaries: [-1n, 2n, 0n] };
    const tree: NodeDraft = {
        op: "trees",
        width: 1,
        bits: [0, 2],
        low: [-1, 0],
        high: [-2, -3],
        leaves: [1, 5, -9],
        roots: [1],
        groups: [0],
        bias: [3n],
    };
    const nodes = [
        { node: { ...bits, ...thermometer }, shape: [3] },
        { node: { ...tree, ...trees }, shape: [1] },
    ];
    return aGraph({ shape: [1, 2], min: -4n, max: 3n, nodes });
}

const faultOf = (graph: IntegerGraph) => thrownBy(() => decodeGraph(encodeGraph(graph)));

describe("float32 keys", () => {
    it("keep the order of the numbers, -0 just below +0", () => {
        const random = createRandom(1);
        const numbers = [
            ...ODD_FLOATS,
            ...Array.from({ length: 500 }, () => floatOfBits(random.integer(0, 2 ** 32 - 1))),
        ];
        const sorted = numbers.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
        for (const [index, value] of sorted.entries()) {
            const key = keyOfBits(bitsOfFloat(value));
            expect(Object.is(floatOfKey(key), value)).to.equal(true);
            const before = sorted[index - 1] ?? Number.NEGATIVE_INFINITY;
            if (before !== value) expect(key > keyOfBits(bitsOfFloat(before))).to.equal(before < value);
        }
        expect(keyOfBits(bitsOfFloat(0)) - keyOfBits(bitsOfFloat(-0))).to.equal(1n);
        expect(keyOfBits(0n)).to.equal(ZERO_KEY);
        expect([keyOfBits(0xff80_0000n), keyOfBits(0x7f80_0000n)]).to.deep.equal([LEAST_KEY, GREATEST_KEY]);
    });

    it("exist for every number and for no NaN", () => {
        for (const bits of [0x7f80_0001n, 0x7fff_ffffn, 0xff80_0001n, 1n << 32n, -1n]) {
            expect(isNumber(bits)).to.equal(false);
            expect(() => keyOfBits(bits)).to.throw(RangeError);
        }
        for (const bits of [0n, 0x7f80_0000n, 0x8000_0000n, 0xff80_0000n]) expect(isNumber(bits)).to.equal(true);
    });
});

describe("thermometers and trees of the integer graph", () => {
    it("have intervals that hold for every input and are reached", () => {
        const graph = aTreeGraph();
        const analysis = analyse(graph);
        const interpreter = createInterpreter(analysis);
        const seen = new Map<string, Set<bigint>>();

        for (let a = -4n; a <= 3n; a++) {
            for (let b = -4n; b <= 3n; b++) {
                for (const [name, [value = 0n]] of interpreter.trace([a, b])) {
                    seen.set(name, (seen.get(name) ?? new Set()).add(value));
                }
            }
        }

        const { lo, hi } = found({ map: analysis.intervals, name: "t1" });
        expect([lo, hi]).to.deep.equal([[-6n], [8n]]);
        expect(found({ map: seen, name: "t1" })).to.deep.equal(new Set([4n, 8n, -6n]));
    });

    it("know which bits never vary, and what then cannot be reached", () => {
        const graph = aTreeGraph({ thermometer: { boundaries: [-4n, 9n, 0n] } });
        const { intervals } = analyse(graph);

        expect(found({ map: intervals, name: "t0" })).to.deep.equal({ lo: [1n, 0n, 0n], hi: [1n, 0n, 1n] });
        expect(found({ map: intervals, name: "t1" })).to.deep.equal({ lo: [-6n], hi: [8n] });
    });

    it("refuse to route by what is no bit", () => {
        const graph = aTreeGraph();
        for (const node of graph.nodes) if (node.op === "trees") node.inputs = ["x"];

        const fault = thrownBy(() => analyse(graph));
        expect(fault.code).to.equal("MODEL_INTERVAL_OVERFLOW");
        expect(fault.message).to.contain("node 1");
    });

    const faults: { what: string; graph: IntegerGraph; says: string }[] = [
        {
            what: "boundaries that do not ascend",
            graph: aTreeGraph({ thermometer: { boundaries: [2n, 2n, 0n] } }),
            says: "does not fit",
        },
        {
            what: "features that do not ascend",
            graph: aTreeGraph({ thermometer: { features: [1, 0, 1] } }),
            says: "does not fit",
        },
        {
            what: "a feature that does not exist",
            graph: aTreeGraph({ thermometer: { features: [0, 0, 2] } }),
            says: "does not fit",
        },
        { what: "a split that leads to itself", graph: aTreeGraph({ trees: { low: [-1, 1] } }), says: "does not fit" },
        {
            what: "a split that leads to a later one",
            graph: aTreeGraph({ trees: { high: [1, -3] } }),
            says: "does not fit",
        },
        { what: "a leaf that does not exist", graph: aTreeGraph({ trees: { high: [-4, -3] } }), says: "does not fit" },
        { what: "a bit that does not exist", graph: aTreeGraph({ trees: { bits: [0, 3] } }), says: "does not fit" },
        { what: "a group beyond the outputs", graph: aTreeGraph({ trees: { groups: [1] } }), says: "does not fit" },
        {
            what: "numbers read as raw bits",
            graph: aTreeGraph({
                thermometer: { order: "float32", boundaries: [LEAST_KEY, ZERO_KEY + 1n, GREATEST_KEY] },
            }),
            says: "takes raw bits for numbers, or numbers for raw bits",
        },
        {
            what: "the key of +0 as a boundary",
            graph: aTreeGraph({ thermometer: { order: "float32", boundaries: [LEAST_KEY, ZERO_KEY, GREATEST_KEY] } }),
            says: "does not fit",
        },
        {
            what: "raw bits read as numbers",
            graph: { ...aTreeGraph(), inputs: [{ tensor: "x", min: 0n, max: GREATEST_BITS, encoding: "float32" }] },
            says: "takes raw bits for numbers",
        },
        {
            what: "raw bits of another range",
            graph: { ...aTreeGraph(), inputs: [{ tensor: "x", min: 0n, max: 9n, encoding: "float32" }] },
            says: "has not the range of float32 numbers",
        },
    ];
    for (const { what, graph, says } of faults) {
        it(`are refused in graph.json for ${what}`, () => {
            expect(faultOf(graph).code).to.equal("MODEL_DIR_INVALID");
            expect(faultOf(graph).message).to.contain(says);
        });
    }

    it("come back from graph.json as they were", () => {
        const graph = aTreeGraph();

        expect(decodeGraph(encodeGraph(graph))).to.deep.equal(graph);
        expect(someInputs({ graph, count: 1, seed: 1 })[0]).to.deep.equal([-4n, -4n]);
    });
});

function floatOfBits(bits: number): number {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, bits);
    return view.getFloat32(0);
}
