import { ProtocolError } from "@assay/protocol";

/** Most characters of a name from the file that a message repeats. */
const MAX_QUOTED = 80;

/** A name from the file as it may stand in a message: escaped, since it may hold control characters, and cut. */
export function quote(name: string): string {
    return JSON.stringify(name.length > MAX_QUOTED ? `${name.slice(0, MAX_QUOTED)}…` : name);
}

/** ONNX_MALFORMED; `what` completes "The file is not a valid ONNX model: …". */
export function malformed({ what, cause }: { what: string; cause?: unknown }): ProtocolError {
    return new ProtocolError({
        code: "ONNX_MALFORMED",
        message: `The file is not a valid ONNX model: ${what}.`,
        cause,
    });
}

/** ONNX_DUPLICATE_NAME. */
export function duplicate({ name, where }: { name: string; where: string }): ProtocolError {
    const message = `The name ${quote(name)} in ${where} is empty or given before.`;
    return new ProtocolError({ code: "ONNX_DUPLICATE_NAME", message });
}

/** ONNX_UNSUPPORTED_FEATURE. */
export function unsupported(message: string): ProtocolError {
    return new ProtocolError({ code: "ONNX_UNSUPPORTED_FEATURE", message });
}
