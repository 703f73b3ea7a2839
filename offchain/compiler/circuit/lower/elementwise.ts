import { bitLength, greatestOf, magnitude } from "../../integer/bigMath.ts";
import { type Bounds, magnitudeBits } from "../../integer/interval.ts";
import type { ReluNode, ReluRescaleNode, RescaleNode } from "../../integer/types.ts";
import type { Builder } from "../_builder.ts";
import type { Gadget } from "../gadgets.ts";
import type { Element } from "../plan.ts";
import { lowerEach } from "./each.ts";

type ElementwiseNode = ReluNode | RescaleNode | ReluRescaleNode;
type Lowering = { builder: Builder; node: ElementwiseNode; inputs: Element[]; bounds: Bounds[] };

const PREFIX = { relu: "relu", rescale: "scaled", reluRescale: "relu" } as const;

/** One gadget for each element whose interval leaves a choice. */
export function lowerElementwise({ builder, node, inputs, bounds }: Lowering): Element[] {
    const gadget = (element: Element) => gadgetFor({ node, bounds: builder.boundsOf(element) });
    return lowerEach({ builder, name: PREFIX[node.op], inputs, bounds, gadget });
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
            if (lo >= 0n) return rescaleGadget({ bounds, shift: node.shift });
            return { template: "ReluRescale", bits: widthFor({ bounds, shift: node.shift }), shift: node.shift };
    }
}

function rescaleGadget({ bounds, shift }: { bounds: Bounds; shift: number }): Gadget {
    return { template: "Rescale", bits: widthFor({ bounds, shift }), shift };
}

/** Templates need a bit that the shift leaves. */
function widthFor({ bounds, shift }: { bounds: Bounds; shift: number }): number {
    return Math.max(magnitudeBits(bounds), shift + 1);
}
