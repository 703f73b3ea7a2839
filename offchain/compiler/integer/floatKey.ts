/**
 * float32 numbers as whole numbers in the same order. Raw bits u of a number of sign 0 have the key u + 2^31, those of
 * sign 1 the key 2^32 - 1 - u: -inf is least, -0 stands one below +0, +inf is greatest. NaN has no key.
 */

/** Key of -inf. */
export const LEAST_KEY = 0x007f_ffffn;
/** Key of +inf. */
export const GREATEST_KEY = 0xff80_0000n;
/** Key of +0: keys from here on have sign 0. */
export const ZERO_KEY = 1n << 31n;
/** Raw bits of +inf: the greatest of sign 0. */
export const INFINITY_BITS = 0x7f80_0000n;
/** Raw bits of -inf: the greatest of all. */
export const GREATEST_BITS = 0xff80_0000n;

const SPAN = 1n << 32n;

/** Raw bits of the float32 nearest to a number. */
export function bitsOfFloat(value: number): bigint {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
}

/** The key of raw bits; throws RangeError for those of a NaN and for anything that is no 32 bits. */
export function keyOfBits(bits: bigint): bigint {
    if (!isNumber(bits)) throw new RangeError(`${bits} are not the bits of a float32 number`);
    return bits < ZERO_KEY ? bits + ZERO_KEY : SPAN - 1n - bits;
}

/** The number that a key stands for. */
export function floatOfKey(key: bigint): number {
    const bits = key >= ZERO_KEY ? key - ZERO_KEY : SPAN - 1n - key;
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
}

/** Whether raw bits are those of a number, infinities included. */
export function isNumber(bits: bigint): boolean {
    return bits >= 0n && bits <= GREATEST_BITS && (bits <= INFINITY_BITS || bits >= ZERO_KEY);
}
