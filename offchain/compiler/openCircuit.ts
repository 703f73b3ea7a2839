import { decodeIoSpec, ProtocolError } from "@assay/protocol";
import { lower } from "./circuit/lower.ts";
import { systemOf } from "./circuit/system/systemOf.ts";
import { writeR1cs } from "./circuit/system/writeR1cs.ts";
import { MODEL_FILES } from "./files.ts";
import { sha256 } from "./hash.ts";
import { analyse } from "./integer/analyse.ts";
import type { CompiledModel } from "./loadModel.ts";
import { createWitnessCalculator, type WitnessCalculator } from "./proving/witness.ts";

/**
 * What finds witnesses for a compiled model: its circuit, made again from its graph. Throws MODEL_DIR_INVALID when that
 * is not the circuit of its key, because another version of the compiler made it: its proofs would not verify.
 */
export function openCircuit({ dir, manifest, graph }: CompiledModel): WitnessCalculator {
    const system = systemOf(lower({ analysis: analyse(graph), ioSpec: decodeIoSpec(manifest.ioSpec) }));
    if (sha256(writeR1cs(system.r1cs)) !== manifest.files[MODEL_FILES.r1cs]) {
        throw new ProtocolError({
            code: "MODEL_DIR_INVALID",
            message: `${dir}: ${MODEL_FILES.r1cs} is not what this version of the compiler makes of the graph.`,
        });
    }
    return createWitnessCalculator(system);
}
