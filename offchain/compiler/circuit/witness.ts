import { wtns } from "snarkjs";

/** Input signals of a compiled model's circuit. */
export type CircuitInput = {
    /** Elements of the input tensor, as integers. */
    x: readonly bigint[];
    bind: bigint;
    /** Challenge; bound models only. */
    r?: bigint | undefined;
};

/** The .wtns file for an input; throws what circom's code throws when no witness exists. */
export async function calculateWitness({
    wasm,
    input,
}: {
    wasm: Uint8Array;
    input: CircuitInput;
}): Promise<Uint8Array> {
    const witness: { type: "mem"; data?: Uint8Array } = { type: "mem" };
    const { x, bind, r } = input;
    await wtns.calculate({ x, bind, ...(r === undefined ? {} : { r }) }, wasm, witness);
    if (witness.data === undefined) throw new RangeError("snarkjs wrote a witness");
    return witness.data;
}

const VALUES_SECTION = 2;
const BYTES_PER_VALUE = 32;

/** The value of one wire of a .wtns file: wire 0 is 1, then come outputs, public inputs, private inputs. */
export function wireValue({ witness, wire }: { witness: Uint8Array; wire: number }): bigint {
    const view = new DataView(witness.buffer, witness.byteOffset, witness.byteLength);
    let position = 12;
    while (view.getUint32(position, true) !== VALUES_SECTION)
        position += 12 + Number(view.getBigUint64(position + 4, true));
    const start = position + 12 + wire * BYTES_PER_VALUE;
    let value = 0n;
    for (let byte = BYTES_PER_VALUE - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(view.getUint8(start + byte));
    return value;
}
