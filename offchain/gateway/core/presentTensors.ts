import { decodeTensor, dtypeOf, type JsonObject } from "@assay/protocol";
import { type OutputTensor, product } from "./tensors.ts";

/** What a response says of canonical output bytes: dtype, shape and elements by name. */
export function presentTensors({
    tensors,
    output,
}: {
    tensors: readonly OutputTensor[];
    output: Uint8Array;
}): JsonObject {
    const presented = split({ tensors, output }).map(
        ({ tensor: { name, dtype }, shape, bytes }): [string, JsonObject] => {
            const data = decodeTensor({ dtype, bytes }).map(jsonOf);
            return [name, { dtype, shape: [...shape], data }];
        },
    );
    return Object.fromEntries(presented);
}

type Part = { tensor: OutputTensor; shape: readonly number[]; bytes: Uint8Array };

/** Takes canonical bytes apart; the one tensor without a fixed size has what is left of them. */
function split({ tensors, output }: { tensors: readonly OutputTensor[]; output: Uint8Array }): Part[] {
    const fixed = tensors.reduce((sum, { dtype, count = 0 }) => sum + count * dtypeOf(dtype).size, 0);
    let start = 0;
    return tensors.map((tensor) => {
        const { size } = dtypeOf(tensor.dtype);
        const count = tensor.count ?? (output.length - fixed) / size;
        const bytes = output.subarray(start, start + count * size);
        start += count * size;
        return { tensor, shape: tensor.count === undefined ? filled({ tensor, count }) : tensor.shape, bytes };
    });
}

/** The shape with its one open size filled in; flat if more of them are open. */
function filled({ tensor: { shape }, count }: { tensor: OutputTensor; count: number }): number[] {
    const known = product(shape.filter((size) => size !== 0));
    const isOne = shape.filter((size) => size === 0).length === 1;
    return isOne ? shape.map((size) => (size === 0 ? count / known : size)) : [count];
}

/** JSON holds no larger whole numbers for sure than below 2^53, and no infinities. */
function jsonOf(value: bigint | number): number | string {
    if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
}
