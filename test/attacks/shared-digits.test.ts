import type { IntegerGraph } from "../../offchain/compiler/integer/types.ts";
import { expectAgreement } from "../offchain/compiler/_agreement.ts";
import { aGraph, type NodeDraft } from "../offchain/compiler/_integerGraphs.ts";

/** x in [-2, 1], rounded away by a rescale whose digits of x are as wide as its shift; then others read x. */
function besideRescale({ shift, node, count }: { shift: number; node: NodeDraft; count: number }): IntegerGraph {
    const entry = (size: number) => ({ shape: [1, size], scaleLog2: 0, zeroPoint: 0n });
    const rescales: NodeDraft[] = [
        { op: "rescale", shift },
        { op: "compare", relation: "nonNegative" },
    ];
    const graph = aGraph({
        ...{ shape: [1, 1], min: -2n, max: 1n },
        nodes: rescales.map((rescale) => ({ node: rescale, shape: [1, 1] })),
    });
    graph.nodes.push({ ...node, name: "other", inputs: ["x"], output: "other" });
    graph.tensors.set("other", entry(count));
    graph.outputs.push("other");
    return graph;
}

describe("attacks on digits that several nodes share", () => {
    for (const shift of [20, 38, 61]) {
        it(`a rescale by 2^${shift} does not make a table of as many places`, async () => {
            const node: NodeDraft = { op: "table", min: -2n, columns: [[5n, -3n, 4n, 9n]] };
            await expectAgreement({ graph: besideRescale({ shift, node, count: 1 }), count: 4 });
        });

        it(`a rescale by 2^${shift} does not make selectors of as many places`, async () => {
            const node: NodeDraft = { op: "oneHot", min: -2n, depth: 4 };
            await expectAgreement({ graph: besideRescale({ shift, node, count: 4 }), count: 4 });
        });
    }
});
