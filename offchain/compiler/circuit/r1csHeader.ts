/** Sizes of a constraint system, from the header of an .r1cs file. */
export type R1csHeader = {
    wires: number;
    publicOutputs: number;
    publicInputs: number;
    privateInputs: number;
    constraints: number;
};

const SECTION_HEADER = 1;

/** Reads the header section: magic, version, then sections of (type u32, size u64, bytes), all little-endian. */
export function readR1csHeader(r1cs: Uint8Array): R1csHeader {
    const view = new DataView(r1cs.buffer, r1cs.byteOffset, r1cs.byteLength);
    const sections = view.getUint32(8, true);
    let position = 12;
    for (let section = 0; section < sections; section++) {
        const type = view.getUint32(position, true);
        const size = Number(view.getBigUint64(position + 4, true));
        const start = position + 12;
        if (type === SECTION_HEADER) {
            const counts = start + 4 + view.getUint32(start, true); // after the field's size and its prime
            return {
                wires: view.getUint32(counts, true),
                publicOutputs: view.getUint32(counts + 4, true),
                publicInputs: view.getUint32(counts + 8, true),
                privateInputs: view.getUint32(counts + 12, true),
                constraints: view.getUint32(counts + 24, true), // after the number of labels, 8 bytes
            };
        }
        position = start + size;
    }
    throw new RangeError("An .r1cs file has a header section");
}
