import { DTYPE, type Dtype, layoutOf } from "../onnx/dtypes.ts";
import type { OnnxAttribute, OnnxNode, OnnxTensor } from "../onnx/model.ts";

/** A value of the ONNX graph that is being written. */
export type Value = { name: string; dtype: Dtype; shape: readonly number[] };

/** Adds nodes and constants to an ONNX graph. */
export type Writer = {
    nodes: OnnxNode[];
    initializers: Map<string, OnnxTensor>;
    /** One operator; `inputs` are names. */
    node: (node: { op: string; inputs: string[]; output: Value; attributes?: [string, OnnxAttribute][] }) => Value;
    /** A constant of whole numbers (or powers of two) that the type holds exactly. */
    constant: (constant: { dtype: Dtype; shape: readonly number[]; values: readonly (number | bigint)[] }) => string;
    /** A name that nothing has yet. */
    fresh: (name: string) => string;
    cast: (cast: { value: Value; dtype: Dtype }) => Value;
    reshape: (reshape: { value: Value; shape: readonly number[]; name?: string }) => Value;
};

/** An empty ONNX graph in which some names are taken. */
export function createWriter({ reserved }: { reserved: Iterable<string> }): Writer {
    const taken = new Set(reserved);
    const nodes: OnnxNode[] = [];
    const initializers = new Map<string, OnnxTensor>();

    const fresh: Writer["fresh"] = (name) => {
        let candidate = name;
        for (let number = 2; taken.has(candidate); number++) candidate = `${name}_${number}`;
        taken.add(candidate);
        return candidate;
    };
    const node: Writer["node"] = ({ op, inputs, output, attributes = [] }) => {
        nodes.push({
            op,
            domain: "",
            name: output.name,
            inputs,
            outputs: [output.name],
            attributes: new Map(attributes),
        });
        return output;
    };
    const constant: Writer["constant"] = ({ dtype, shape, values }) => {
        const name = fresh("constant");
        initializers.set(name, { dtype, shape, data: typedArray({ dtype, values }) });
        return name;
    };

    return {
        nodes,
        initializers,
        node,
        constant,
        fresh,
        cast: ({ value, dtype }) => {
            if (value.dtype === dtype) return value;
            const attributes: [string, OnnxAttribute][] = [["to", { type: "int", value: BigInt(dtype) }]];
            const output = { ...value, name: fresh(`${value.name}/cast`), dtype };
            return node({ op: "Cast", inputs: [value.name], output, attributes });
        },
        reshape: ({ value, shape, name }) => {
            const size = constant({ dtype: DTYPE.INT64, shape: [shape.length], values: shape });
            const output = { ...value, name: name ?? fresh(`${value.name}/shape`), shape };
            return node({ op: "Reshape", inputs: [value.name, size], output });
        },
    };
}

function typedArray({ dtype, values }: { dtype: Dtype; values: readonly (number | bigint)[] }) {
    const layout = layoutOf(dtype);
    if (layout === undefined) throw new RangeError(`ONNX type ${dtype} has no layout`);
    const data = layout.view(new ArrayBuffer(values.length * layout.sizeBytes));
    for (const [index, value] of values.entries()) {
        if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[index] = BigInt(value);
        else data[index] = Number(value);
    }
    return data;
}
