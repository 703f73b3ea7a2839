import { decodeIoSpec, ProtocolError } from "@assay/protocol";
import { lower } from "../circuit/lower.ts";
import { compilationPlan, operatorsOf } from "../forecast/compilationPlan.ts";
import { sha256 } from "../hash.ts";
import { analyse } from "../integer/analyse.ts";
import { loadModel } from "../loadModel.ts";
import { readOnnx } from "../onnx/readOnnx.ts";
import { page } from "./page.ts";
import { samplePairs } from "./samplePairs.ts";
import { soundnessFacts } from "./soundness.ts";

type Question = {
    modelDir: string;
    /** The ONNX file that was compiled. */
    onnx: Uint8Array;
    /** As given to the compiler. */
    calibration?: readonly (readonly number[])[];
};

/**
 * A self-contained HTML page about a compiled model: layers and their cost, float against integer scores, approximations,
 * what a proof rests on. Throws MODEL_SOURCE_MISMATCH for a directory of another ONNX file.
 *
 * @example
 * await writeFile("digits.html", await modelReport({ modelDir: "build/digits", onnx, calibration }));
 */
export async function modelReport({ modelDir, onnx, calibration }: Question): Promise<string> {
    const model = await loadModel(modelDir);
    const { manifest, graph } = model;
    if (sha256(onnx) !== manifest.source.sha256) {
        throw new ProtocolError({
            code: "MODEL_SOURCE_MISMATCH",
            message: `${modelDir} was compiled from another file.`,
        });
    }
    const plan = lower({ analysis: analyse(graph), ioSpec: decodeIoSpec(manifest.ioSpec) });
    return page({
        manifest,
        plan: compilationPlan({ operators: operatorsOf(readOnnx(onnx)), plan, signals: manifest.signals }),
        outputs: samplePairs({ onnx, model, calibration }),
        soundness: soundnessFacts(model),
    });
}
