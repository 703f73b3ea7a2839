/** Where the content of a section lies in a file. */
export type Section = { offset: number; length: number };

/** Magic, version and number of sections. */
const HEADER_BYTES = 12;
/** Number and length of a section. */
const SECTION_HEADER_BYTES = 12;

/** Reads part of a file; fewer bytes at its end. */
export type ReadAt = (part: Section) => Promise<Uint8Array>;

/**
 * The sections of a file in iden3's binary container (zkey, ptau), by number. Throws RangeError when it is no such file
 * of version 1, when a section ends beyond it, or when a number stands twice.
 */
export async function readSections({
    readAt,
    size,
    magic,
}: {
    readAt: ReadAt;
    /** Bytes of the file. */
    size: number;
    magic: "zkey" | "ptau";
}): Promise<Map<number, Section>> {
    const header = viewOf(await readAt({ offset: 0, length: HEADER_BYTES }));
    const isMagic = [...magic].every((letter, i) => header.getUint8(i) === letter.charCodeAt(0));
    if (!isMagic || header.getUint32(4, true) !== 1) throw new RangeError(`It is not a ${magic} file of version 1.`);
    const sections = new Map<number, Section>();
    let offset = HEADER_BYTES;
    for (let left = header.getUint32(8, true); left > 0; left--) {
        const head = viewOf(await readAt({ offset, length: SECTION_HEADER_BYTES }));
        const [id, length] = [head.getUint32(0, true), Number(head.getBigUint64(4, true))];
        offset += SECTION_HEADER_BYTES;
        if (offset + length > size) throw new RangeError(`Section ${id} is longer than the file.`);
        if (sections.has(id)) throw new RangeError(`Section ${id} stands twice.`);
        sections.set(id, { offset, length });
        offset += length;
    }
    return sections;
}

/** Content of a section; throws RangeError when it is missing. */
export function sectionOf({ sections, id }: { sections: ReadonlyMap<number, Section>; id: number }): Section {
    const section = sections.get(id);
    if (section === undefined) throw new RangeError(`Section ${id} is missing.`);
    return section;
}

/** Reads from bytes in memory. */
export function readerOf(bytes: Uint8Array): ReadAt {
    return async ({ offset, length }) => bytes.subarray(offset, offset + length);
}

function viewOf(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
