/** Numbers below 2^32 that are the same in every run of a seed (mulberry32). */
export function seededNumbers(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return (mixed ^ (mixed >>> 14)) >>> 0;
    };
}

/** The bytes with one of them made another. */
export function withOtherByte(bytes: Uint8Array, random: () => number): Uint8Array {
    const place = random() % bytes.length;
    return bytes.with(place, (bytes[place] ?? 0) ^ (1 + (random() % 255)));
}

/** The bytes with a few of them changed, left out, repeated or exchanged for such as mean something in CBOR and DER. */
export function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
    const start = random() % bytes.length;
    const end = Math.min(bytes.length, start + 1 + (random() % 8));
    const piece = bytes.subarray(start, end);
    switch (random() % 5) {
        case 0:
            return withOtherByte(bytes, random);
        case 1:
            return joined(bytes.subarray(0, start), bytes.subarray(end));
        case 2:
            return joined(bytes.subarray(0, end), piece, bytes.subarray(end));
        case 3:
            return bytes.with(start, MEANING[random() % MEANING.length] ?? 0);
        default:
            return withOtherByte(withOtherByte(bytes, random), random);
    }
}

/** Heads, lengths and tags. */
const MEANING = [
    0x00, 0x01, 0x02, 0x03, 0x18, 0x30, 0x40, 0x58, 0x59, 0x5f, 0x7f, 0x80, 0x81, 0x82, 0xa0, 0xbf, 0xf6, 0xff,
];

function joined(...parts: Uint8Array[]): Uint8Array {
    return Uint8Array.from(parts.flatMap((part) => [...part]));
}
