/** Reads one ONNX file in a thread of its own, so that the thread's memory can be limited, and posts what came of it. */
import { parentPort, workerData } from "node:worker_threads";
import { isProtocolError } from "@assay/protocol";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";

function outcome(): string {
    try {
        readOnnx(workerData);
        return "model";
    } catch (error) {
        if (isProtocolError(error)) return error.code;
        throw error;
    }
}

parentPort?.postMessage(outcome());
