import type { Manifest } from "@assay/compiler";
import { decodeIntegers, dtypeOf } from "@assay/protocol";

type Output = Manifest["outputs"][number];

/** The real values of every output tensor, by name, that canonical bytes stand for. */
export function outputValues({ outputs }: Pick<Manifest, "outputs">, bytes: Uint8Array): Record<string, number[]> {
    let start = 0;
    const values = outputs.map((output) => {
        const { name, shape, dtype } = output;
        const end = start + shape.reduce((product, size) => product * size, dtypeOf(dtype).size);
        const integers = decodeIntegers({ dtype, bytes: bytes.subarray(start, end) });
        start = end;
        return [name, integers.map((integer) => realOf({ output, integer }))] as const;
    });
    return Object.fromEntries(values);
}

function realOf({ output, integer }: { output: Output; integer: bigint }): number {
    const { quantisation, zeroPoint, scaleLog2 } = output;
    if (quantisation === undefined) return Number(integer - zeroPoint) * 2 ** -scaleLog2;
    return Math.fround((Number(integer) - quantisation.zeroPoint) * quantisation.scale);
}
