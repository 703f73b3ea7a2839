import { buildBn128 } from "ffjavascript";
import { createFixedBase, SCALAR_BYTES } from "./_fixedBase.ts";

/** Scalars, 32 bytes each, little-endian: for the generator of either group. */
export type Scalars = { g1: Uint8Array; g2: Uint8Array };
/** A point for each scalar, affine in Montgomery form, back to back; scalar 0 gives zero bytes. */
export type Multiples = { g1: Uint8Array; g2: Uint8Array };

/** Multiplies both generators, in this thread; `onPoints` hears how many more points there are, now and then. */
export async function multiplyHere({ g1, g2 }: Scalars, onPoints?: (count: number) => void): Promise<Multiples> {
    const curve = await buildBn128(true); // a fresh single-threaded instance: its memory goes with it
    const times = (group: "G1" | "G2", scalars: Uint8Array): Uint8Array =>
        createFixedBase({ curve, group, expected: scalars.length / SCALAR_BYTES }).multiply(scalars, onPoints);
    return { g1: times("G1", g1), g2: times("G2", g2) };
}
