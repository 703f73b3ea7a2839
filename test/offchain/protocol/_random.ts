import { type Hex, keccak256 } from "@assay/protocol";

/** Words that follow from a seed alone, the same on every machine: keccak256 of seed and counter. */
export function createRandom(seed: string) {
    let counter = 0;

    function hash(): Hex {
        counter += 1;
        return keccak256(new TextEncoder().encode(`${seed}/${counter}`));
    }
    return {
        /** 32 bytes. */
        hash,
        /** 20 bytes. */
        address: (): Hex => `0x${hash().slice(26)}`,
        /** A word of 256 bits. */
        word: (): bigint => BigInt(hash()),
        /** An integer in [0, bound). */
        below: (bound: number): number => Number(BigInt(hash()) % BigInt(bound)),
        /** Byte string of a length. */
        bytes: (length: number): Uint8Array => Uint8Array.from({ length }, () => Number(BigInt(hash()) & 0xffn)),
        /** One of a list. */
        pick<T>(list: readonly [T, ...T[]]): T {
            return list[Number(BigInt(hash()) % BigInt(list.length))] ?? list[0];
        },
    };
}

export type Random = ReturnType<typeof createRandom>;
