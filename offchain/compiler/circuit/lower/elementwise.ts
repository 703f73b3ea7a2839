import { at } from "../../integer/at.ts";
import { bitLength, greatestOf, magnitude } from "../../integer/bigMath.ts";
import { type Bounds, magnitudeBits } from "../../integer/interval.ts";
import type { ReluNode, ReluRescaleNode, RescaleNode } from "../../integer/types.ts";
import type { Builder } from "../_builder.ts";
import type { Gadget } from "../gadgets.ts";
import type { Element } from "../plan.ts";

type ElementwiseNode = ReluNode | RescaleNode | ReluRescaleNode;

type Lowering = {
    builder: Builder;
    node: ElementwiseNode;
    inputs: Element[];
    inputBounds: Bounds[];
    bounds: Bounds[];
};

const PREFIX = { relu: "relu", rescale: "scaled", reluRescale: "relu" } as const;

/** One gadget for each element whose interval leaves a choice. */
export function lowerElementwise({ builder, node, inputs, inputBounds, bounds }: Lowering): Element[] {
    const array = builder.declare({ name: PREFIX[node.op], bounds });
    return inputs.map((element, index) => {
        const target = array.first + index;
        const { lo, hi } = at(bounds, index);
        if (lo === hi) return builder.alias({ target, element: { kind: "constant", value: lo } });
        const gadget = gadgetFor({ node, bounds: at(inputBounds, index) });
        if (gadget === undefined) return builder.alias({ target, element });
        builder.gadget({ gadget, inputs: [element], outputs: [target] });
        return { kind: "signal", signal: target };
    });
}

/** The cheapest template that is right on the whole interval; undefined where the operation changes nothing. */
function gadgetFor({ node, bounds }: { node: ElementwiseNode; bounds: Bounds }): Gadget | undefined {
    const { lo, hi } = bounds;
    switch (node.op) {
        case "relu":
            if (lo >= 0n) return undefined;
            return { template: "Relu", bits: bitLength(greatestOf([magnitude(lo), magnitude(hi)])) };
        case "rescale":
            return rescaleGadget({ bounds, shift: node.shift });
        case "reluRescale":
            // A varying output needs hi >= 2^shift, so there are more bits than the shift drops
            if (lo >= 0n) return rescaleGadget({ bounds, shift: node.shift });
            return { template: "ReluRescale", bits: magnitudeBits(bounds), shift: node.shift };
    }
}

function rescaleGadget({ bounds, shift }: { bounds: Bounds; shift: number }): Gadget {
    return { template: "Rescale", bits: Math.max(magnitudeBits(bounds), shift + 1), shift };
}
