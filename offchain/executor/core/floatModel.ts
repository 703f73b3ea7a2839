import {
    dtypeOf,
    encodeIoSpec,
    type Hex,
    type ModelSpec,
    SEMANTICS,
    type Side,
    schemaHashOf,
    ZERO_BYTES32,
} from "@assay/protocol";

/** An input or output of a plain ONNX model; a size that is a name is symbolic. */
export type Port = { name: string; dtype: number; shape: readonly (number | string)[] | undefined };

/** What a plain ONNX model takes and gives. */
export type Ports = { inputs: readonly Port[]; outputs: readonly Port[] };

/** What a registration says of a plain ONNX model beyond its file. */
export type FloatRegistration = {
    /** modelId of the version it was made from; zero = none. */
    derivedFrom: Hex;
    /** In place of its own. */
    schemaHash?: Hex | undefined;
    /** In place of its own: 0 = none. */
    ioSpec?: bigint | undefined;
};

/** The schema that a plain ONNX model has by itself: name, element type and shape of every input and output. */
export function schemaOf({ inputs, outputs }: Ports) {
    const described = ({ name, dtype, shape }: Port) => ({
        name,
        dtype: dtypeOf(dtype).name,
        shape: shape === undefined ? null : [...shape],
    });
    return { inputs: inputs.map(described), outputs: outputs.map(described) };
}

/** The ioSpec that a plain ONNX model has by itself; 0 when its sides have several element types or symbolic sizes. */
export function ioSpecOf({ inputs, outputs }: Ports): bigint {
    const [input, output] = [sideOf(inputs), sideOf(outputs)];
    return input === undefined || output === undefined ? 0n : encodeIoSpec({ input, output });
}

/** The content of a plain ONNX model: ordinary floating point, no key, its own schema and ioSpec unless registered with others. */
export function floatSpecOf({
    artifactDigest,
    ports,
    registration,
}: {
    artifactDigest: Hex;
    ports: Ports;
    registration: FloatRegistration;
}): ModelSpec | undefined {
    const own = ioSpecOf(ports);
    const { derivedFrom, schemaHash = schemaHashOf(schemaOf(ports)), ioSpec = own } = registration;
    // Bytes that are encoded in another way than the model takes them would be another model's.
    if (ioSpec !== own && ioSpec !== 0n) return undefined;
    return { artifactDigest, ioSpec, schemaHash, semantics: SEMANTICS.FLOAT, vkHash: ZERO_BYTES32, derivedFrom };
}

function sideOf(ports: readonly Port[]): Side | undefined {
    const [first, ...others] = ports;
    if (first === undefined || others.some(({ dtype }) => dtype !== first.dtype)) return undefined;
    const sizes = ports.flatMap(({ shape }) => shape ?? ["?"]);
    if (!sizes.every((size) => typeof size === "number")) return undefined;
    const count = ports.reduce((sum, { shape }) => sum + (shape ?? []).reduce(times, 1), 0);
    return { dtype: first.dtype, bits: 8 * dtypeOf(first.dtype).size, committed: false, count };
}

function times(product: number, size: number | string): number {
    return product * Number(size);
}
