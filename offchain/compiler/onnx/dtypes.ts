/** The element types we read and write, by the numbers of ONNX TensorProto.DataType. */
export const DTYPE = {
    FLOAT: 1,
    UINT8: 2,
    INT8: 3,
    UINT16: 4,
    INT16: 5,
    INT32: 6,
    INT64: 7,
    BOOL: 9,
    DOUBLE: 11,
    UINT32: 12,
    UINT64: 13,
} as const;

/** One of the numbers in DTYPE. */
export type Dtype = (typeof DTYPE)[keyof typeof DTYPE];

/** Elements of a tensor, row-major; bool is one byte of 0 or 1. */
export type TensorData =
    | Float32Array
    | Float64Array
    | Uint8Array
    | Int8Array
    | Uint16Array
    | Int16Array
    | Int32Array
    | Uint32Array
    | BigInt64Array
    | BigUint64Array;

/** How one element type lies in memory, and which TensorProto field holds it when raw_data does not. */
export type DtypeLayout = {
    /** As onnxruntime calls the type. */
    name: "float32" | "float64" | "bool" | `${"" | "u"}int${8 | 16 | 32 | 64}`;
    sizeBytes: number;
    field: "floatData" | "doubleData" | "int32Data" | "int64Data" | "uint64Data";
    view: (buffer: ArrayBuffer) => TensorData;
};

const LAYOUTS = new Map<number, DtypeLayout & { dtype: Dtype }>(
    (
        [
            { dtype: 1, name: "float32", sizeBytes: 4, field: "floatData", view: (b) => new Float32Array(b) },
            { dtype: 2, name: "uint8", sizeBytes: 1, field: "int32Data", view: (b) => new Uint8Array(b) },
            { dtype: 3, name: "int8", sizeBytes: 1, field: "int32Data", view: (b) => new Int8Array(b) },
            { dtype: 4, name: "uint16", sizeBytes: 2, field: "int32Data", view: (b) => new Uint16Array(b) },
            { dtype: 5, name: "int16", sizeBytes: 2, field: "int32Data", view: (b) => new Int16Array(b) },
            { dtype: 6, name: "int32", sizeBytes: 4, field: "int32Data", view: (b) => new Int32Array(b) },
            { dtype: 7, name: "int64", sizeBytes: 8, field: "int64Data", view: (b) => new BigInt64Array(b) },
            { dtype: 9, name: "bool", sizeBytes: 1, field: "int32Data", view: (b) => new Uint8Array(b) },
            { dtype: 11, name: "float64", sizeBytes: 8, field: "doubleData", view: (b) => new Float64Array(b) },
            { dtype: 12, name: "uint32", sizeBytes: 4, field: "uint64Data", view: (b) => new Uint32Array(b) },
            { dtype: 13, name: "uint64", sizeBytes: 8, field: "uint64Data", view: (b) => new BigUint64Array(b) },
        ] satisfies (DtypeLayout & { dtype: Dtype })[]
    ).map((layout) => [layout.dtype, layout]),
);

/** Whether the elements of an ONNX data type are whole numbers. */
export function isInteger(dtype: number): boolean {
    return dtype !== DTYPE.FLOAT && dtype !== DTYPE.DOUBLE;
}

/** The layout of an ONNX data type number, or undefined for the types we do not read (strings, halves, complex, …). */
export function layoutOf(dtype: number): (DtypeLayout & { dtype: Dtype }) | undefined {
    return LAYOUTS.get(dtype);
}
