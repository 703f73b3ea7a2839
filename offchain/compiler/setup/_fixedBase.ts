import type { Bn128 } from "ffjavascript";

/** Multiplies one fixed generator by many scalars. */
export interface FixedBase {
    /**
     * Affine points in Montgomery form, back to back, for little-endian scalars of 32 bytes; 0 gives zero bytes. `onPoints`
     * hears how many more there are, now and then.
     */
    multiply(scalars: Uint8Array, onPoints?: (count: number) => void): Uint8Array;
}

const PAGE_BYTES = 65_536;
const SCALAR_BITS = 254;
/** Of one scalar. */
export const SCALAR_BYTES = 32;
/** Points brought from Jacobian to affine form at once: keeps the scratch memory small. */
const CHUNK = 4096;

/**
 * Windowed multiplication inside the memory of the wasm curve: table[w][d − 1] = d · 2^(width·w) · G. The width
 * minimises table building plus one addition per window and scalar, for about `expected` scalars.
 */
export function createFixedBase({
    curve,
    group,
    expected,
}: {
    curve: Bn128;
    group: "G1" | "G2";
    expected: number;
}): FixedBase {
    const run = operations(curve, group);
    const affineBytes = 2 * curve[group].F.n8;
    const jacobianBytes = 3 * curve[group].F.n8;
    const width = bestWidth(expected);
    const windows = Math.ceil(SCALAR_BITS / width);
    const perWindow = 2 ** width - 1;
    const batch = Math.max(CHUNK, perWindow + 1);
    const memory = createMemory({ curve, reserve: batch * jacobianBytes });
    const table = memory.allocate(windows * perWindow * affineBytes);
    const scratch = memory.allocate(batch * jacobianBytes);
    const base = memory.allocate(affineBytes);

    memory.write(base, curve[group].gAffine);
    for (let w = 0; w < windows; w++) {
        run.toJacobian(base, scratch);
        for (let d = 1; d <= perWindow; d++) {
            run.addMixed(scratch + (d - 1) * jacobianBytes, base, scratch + d * jacobianBytes);
        }
        run.batchToAffine(scratch, perWindow, table + w * perWindow * affineBytes);
        run.toAffine(scratch + perWindow * jacobianBytes, base); // 2^width · base
    }

    return {
        multiply(scalars, onPoints = () => {}) {
            const count = scalars.length / SCALAR_BYTES;
            const view = new DataView(scalars.buffer, scalars.byteOffset, scalars.byteLength);
            const result = new Uint8Array(count * affineBytes);
            for (let start = 0; start < count; start += CHUNK) {
                const points = Math.min(CHUNK, count - start);
                for (let i = 0; i < points; i++) {
                    const sum = scratch + i * jacobianBytes;
                    run.zero(sum);
                    for (let w = 0; w < windows; w++) {
                        const digit = digitAt({ view, offset: (start + i) * SCALAR_BYTES, bit: w * width, width });
                        if (digit !== 0) run.addMixed(sum, table + (w * perWindow + digit - 1) * affineBytes, sum);
                    }
                }
                run.batchToAffine(scratch, points, scratch);
                result.set(memory.read(scratch, points * affineBytes), start * affineBytes);
                onPoints(points);
            }
            return result;
        },
    };
}

type Digit = { view: DataView; offset: number; bit: number; width: number };

/** `width` bits of a scalar from `bit` on. */
function digitAt({ view, offset, bit, width }: Digit): number {
    const word = bit >>> 5;
    const shift = bit % 32;
    const low = view.getUint32(offset + 4 * word, true) >>> shift;
    const isSplit = shift + width > 32 && word + 1 < SCALAR_BYTES / 4;
    const high = isSplit ? view.getUint32(offset + 4 * (word + 1), true) << (32 - shift) : 0;
    return (low | high) & (2 ** width - 1);
}

function bestWidth(expected: number): number {
    const additions = (width: number): number => Math.ceil(SCALAR_BITS / width) * (2 ** width + expected);
    return [4, 5, 6, 7, 8, 9, 10, 11, 12, 13].reduce((a, b) => (additions(b) < additions(a) ? b : a));
}

function operations(curve: Bn128, group: "G1" | "G2") {
    const exported = (name: string): ((...pointers: number[]) => number) => {
        const operation = curve.tm.instance.exports[`${group === "G1" ? "g1m" : "g2m"}_${name}`];
        if (operation === undefined) throw new TypeError(`The wasm curve exports no ${name}.`);
        return operation;
    };
    return {
        zero: exported("zero"),
        addMixed: exported("addMixed"),
        toJacobian: exported("toJacobian"),
        toAffine: exported("toAffine"),
        batchToAffine: exported("batchToAffine"),
    };
}

/**
 * Bump allocation in the curve's own memory, which grows as needed; nothing is freed before the curve is dropped.
 * `reserve` bytes stay free behind every allocation: the wasm code takes its own scratch from there.
 */
function createMemory({ curve: { tm }, reserve }: { curve: Bn128; reserve: number }) {
    return {
        allocate(bytes: number): number {
            const pointer = Math.ceil((tm.u32[0] ?? 0) / 8) * 8;
            const missing = pointer + bytes + reserve - tm.memory.buffer.byteLength;
            if (missing > 0) {
                tm.memory.grow(Math.ceil(missing / PAGE_BYTES));
                tm.u8 = new Uint8Array(tm.memory.buffer);
                tm.u32 = new Uint32Array(tm.memory.buffer);
            }
            tm.u32[0] = pointer + bytes;
            return pointer;
        },
        write(pointer: number, bytes: Uint8Array): void {
            tm.u8.set(bytes, pointer);
        },
        read(pointer: number, length: number): Uint8Array {
            return tm.u8.subarray(pointer, pointer + length);
        },
    };
}
