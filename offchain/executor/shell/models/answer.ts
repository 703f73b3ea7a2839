import { decodeIoSpec, decodeTensor, isProtocolError, RESULT_CODES, sideBytes, sideDtype } from "@assay/protocol";
import type { OpenedModel } from "./openModel.ts";

/** What came of one run: a code of the table of result codes, and the canonical output, empty unless it is 0. */
export type Answer = { resultCode: number; output: Uint8Array };

/** Runs a model. What is wrong with input or model is an outcome; anything else, such as a file that was changed, throws. */
export async function answerOf({
    model: { ioSpec, inputFault },
    input,
    run,
}: {
    model: Pick<OpenedModel, "inputFault"> & { ioSpec: bigint };
    input: Uint8Array;
    run: (input: Uint8Array) => Promise<Uint8Array>;
}): Promise<Answer> {
    const fault = inputFault(input);
    if (fault !== undefined) return failure(fault);
    try {
        const output = await run(input);
        return isOutputSound({ ioSpec, output }) ? { resultCode: 0, output } : failure("OUTPUT_INVALID");
    } catch (error) {
        if (isProtocolError(error, "RUNTIME_INPUT_MISMATCH")) return failure("INPUT_SHAPE");
        if (isProtocolError(error, "RUNTIME_FAILED")) return failure("MODEL_FAILED");
        throw error;
    }
}

/** The outcome of a name of tables/result-codes.json other than OK: it has no output. */
export function failure(name: string): Answer {
    const resultCode = RESULT_CODES.find((row) => row.name === name)?.code;
    if (resultCode === undefined) throw new Error(`${name} is not in the table of result codes.`);
    return { resultCode, output: new Uint8Array() };
}

/** An output of the length that the version declares, in which every float is a number. */
function isOutputSound({ ioSpec, output }: { ioSpec: bigint; output: Uint8Array }): boolean {
    if (ioSpec === 0n) return true;
    const side = decodeIoSpec(ioSpec).output;
    if (output.length !== sideBytes(side)) return false;
    const { name, float } = sideDtype(side);
    return !float || !decodeTensor({ dtype: name, bytes: output }).some(Number.isNaN);
}
