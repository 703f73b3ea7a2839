import { ProtocolError } from "./errors/ProtocolError.ts";
import rows from "./tables/dtypes.json" with { type: "json" };

/** One element type: ONNX number, width in bytes, and whether words for circuits exist for it. */
export interface Dtype {
    name: string;
    /** Number of the type in ONNX TensorProto.DataType. */
    onnx: number;
    /** Bytes per element. */
    size: number;
    signed: boolean;
    float: boolean;
    /** Whether words for circuits exist for it. */
    provable: boolean;
}

/** Every element type that canonical tensors know. */
export const DTYPES: readonly Dtype[] = rows.map(({ kind, ...row }) => ({
    ...row,
    signed: kind === "signed",
    float: kind === "float",
}));

const BY_KEY = new Map<string | number, Dtype>(
    DTYPES.flatMap((dtype) => [
        [dtype.name, dtype],
        [dtype.onnx, dtype],
    ]),
);

/** Finds an element type by name or ONNX number; throws DTYPE_UNKNOWN. */
export function dtypeOf(key: string | number): Dtype {
    const dtype = BY_KEY.get(key);
    if (dtype) return dtype;
    throw new ProtocolError({
        code: "DTYPE_UNKNOWN",
        message: `${typeof key === "string" ? `"${key}"` : `ONNX type ${key}`}.`,
    });
}
