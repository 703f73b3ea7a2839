import { FIELD_ORDER } from "@assay/protocol";
import { residue } from "../circuit/system/field.ts";

const BYTES_PER_VALUE = 32;
/** Magic, version, number of sections; header section: size of a value, field order, count; values section. */
const HEADER_BYTES = 12 + 12 + (4 + BYTES_PER_VALUE + 4) + 12;
const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/** A .wtns file, iden3's format version 2, of balanced values. */
export function wtnsFile(values: readonly bigint[]): Uint8Array {
    const file = new Uint8Array(HEADER_BYTES + values.length * BYTES_PER_VALUE);
    const view = new DataView(file.buffer);
    writeHeader({ view, count: values.length });
    for (const [wire, value] of values.entries()) {
        writeValue({ view, offset: HEADER_BYTES + wire * BYTES_PER_VALUE, value: residue(value) });
    }
    return file;
}

function writeHeader({ view, count }: { view: DataView; count: number }): void {
    for (const [index, letter] of [..."wtns"].entries()) view.setUint8(index, letter.charCodeAt(0));
    view.setUint32(4, 2, true);
    view.setUint32(8, 2, true);
    view.setUint32(12, 1, true);
    view.setBigUint64(16, BigInt(4 + BYTES_PER_VALUE + 4), true);
    view.setUint32(24, BYTES_PER_VALUE, true);
    writeValue({ view, offset: 28, value: FIELD_ORDER });
    view.setUint32(28 + BYTES_PER_VALUE, count, true);
    view.setUint32(32 + BYTES_PER_VALUE, 2, true);
    view.setBigUint64(36 + BYTES_PER_VALUE, BigInt(count * BYTES_PER_VALUE), true);
}

function writeValue({ view, offset, value }: { view: DataView; offset: number; value: bigint }): void {
    let rest = value;
    for (let at = offset; rest > 0n; at += 8) {
        view.setBigUint64(at, rest & ALL_ONES, true);
        rest >>= 64n;
    }
}
