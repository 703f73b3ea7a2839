import { decodeIoSpec } from "@assay/protocol";
import { circomText } from "./circuit/circomText.ts";
import { lower } from "./circuit/lower.ts";
import { publicSignalNames } from "./circuit/mainSignals.ts";
import { templateName } from "./circuit/names.ts";
import { analyse } from "./integer/analyse.ts";
import type { CompiledModel } from "./loadModel.ts";

/** What circuits/circuits.json says of a compiled circuit, and its source as it stands in circuits/generated. */
export function describeInstance({ manifest, graph }: CompiledModel) {
    const plan = lower({ analysis: analyse(graph), ioSpec: decodeIoSpec(manifest.ioSpec) });
    return {
        source: circomText({ plan, name: manifest.name, root: "../" }),
        template: templateName(manifest.name),
        parameters: [],
        publicSignals: publicSignalNames(plan.binding),
        constraints: plan.constraints,
        ptau: null,
        vkHash: manifest.vkHash,
    };
}
