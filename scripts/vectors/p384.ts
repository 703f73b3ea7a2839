import { createHash } from "node:crypto";
import { p384 } from "@noble/curves/nist.js";

/** One question to a P-384 verifier and its answer; `hash`, `key` (x, y) and `signature` (r, s) in hexadecimal. */
interface Case {
    name: string;
    hash: string;
    key: string;
    signature: string;
    valid: boolean;
}

const { BASE, Fp, Fn } = p384.Point;
type Point = typeof BASE;
const P = Fp.ORDER;
const N = Fn.ORDER;
const BITS_384 = 2n ** 384n - 1n;

/** Signatures whose sums meet every case of the group law, edges of r, s and the hash, and keys off the curve. */
export function p384Vectors(): Case[] {
    const cases = [...validCases(), ...rangeCases(), ...keyCases()];
    for (const { name, hash, key, signature, valid } of cases) {
        if (nobleAccepts({ hash, key, signature }) !== valid) throw new Error(`@noble/curves disagrees on: ${name}`);
    }
    return cases;
}

/** Multipliers of the key in terms of G, and of G and the key in the verifier's sum. */
function validCases(): Case[] {
    const near = 2n ** 200n;
    const sums: [string, bigint, bigint, bigint][] = [
        ["an ordinary signature", scalar("key"), scalar("u1"), scalar("u2")],
        ["another", scalar("key 2"), scalar("u1 2"), scalar("u2 2")],
        ["hash 0: nothing of G", scalar("key"), 0n, scalar("u2")],
        ["multipliers 1 and 1", scalar("key"), 1n, 1n],
        ["multipliers n - 1 and n - 1", scalar("key"), N - 1n, N - 1n],
        ["multipliers with all bits set", scalar("key"), 2n ** 383n - 1n, 2n ** 380n - 1n],
        ["only the highest bits", scalar("key"), 2n ** 383n, 2n ** 383n],
        ["a carry to digit 384", scalar("key"), N - 2n ** 190n, N - 1n],
        ["key G, equal points added at once", 1n, 1n, 1n],
        ["key G, equal points added after doublings", 1n, near + 7n, near + 9n],
        ["key G, doubling at the last digit", 1n, 3n, 3n],
        ["key -G, infinity in between", N - 1n, near + 5n, near + 3n * 2n ** 50n],
        ["key -G, infinity, then the same point again", N - 1n, near + 8n, near + 1n],
        ["key -G, infinity at the last but one digit", N - 1n, near, near + 1n],
        ["key 2G, equal points added", 2n, 2n * near, near],
        ["key -2G, infinity in between", N - 2n, 2n * near + 1n, near],
        ["key 3G, a multiple of one is one of the other", 3n, 15n * near + 1n, 5n * near + 1n],
        ["key -5G, likewise with infinity", N - 5n, 15n * near + 1n, 3n * near],
        ["key G / 2", Fn.inv(2n), scalar("u1"), 2n * near + 1n],
        ["key 2G, multipliers that sum to 1", 2n, N - 1n, 1n],
    ];
    return sums.flatMap(([name, key, u1, u2]) => {
        const valid = fromMultipliers(BASE.multiply(key), u1, u2);
        const { r, s, hash, q } = valid;
        return [
            aCase({ name, ...valid }),
            aCase({ name: `${name}, with n - s`, ...valid, s: N - s }),
            aCase({ name: `${name}, of another hash`, ...valid, hash: hash ^ 1n, valid: false }),
            aCase({ name: `${name}, with n - r`, hash, q, r: N - r, s, valid: false }),
        ];
    });
}

/** Edges of r, s and the hash, around one good signature; sums that are infinity; x of the sum not below n. */
function rangeCases(): Case[] {
    const good = fromMultipliers(BASE.multiply(scalar("key")), scalar("u1"), scalar("u2"));
    const edges: [string, bigint][] = [
        ["0", 0n],
        ["1", 1n],
        ["n - 1", N - 1n],
        ["n", N],
        ["n + 1", N + 1n],
        ["p", P],
        ["2^384 - 1", BITS_384],
    ];
    const large = largeX();
    return [
        ...edges.map(([name, r]) => aCase({ name: `r = ${name}`, ...good, r, valid: false })),
        ...edges.map(([name, s]) => aCase({ name: `s = ${name}`, ...good, s, valid: false })),
        aCase({ name: "r and s exchanged", ...good, r: good.s, s: good.r, valid: false }),
        aCase({ name: "r = s = 0 and hash 0", ...good, r: 0n, s: 0n, hash: 0n, valid: false }),
        aCase({ name: "the hash plus n, where it fits", ...largeHash() }),
        aCase({ name: "x of the sum is r + n", ...large }),
        aCase({ name: "x of the sum is r + n, r given as it", ...large, r: large.r + N, valid: false }),
        ...infiniteSums(),
    ];
}

/** u1·G + u2·Q = infinity, for an r that a lazy comparison of X with r·Z² would take: anything times 0 is 0. */
function infiniteSums(): Case[] {
    return [1n, 3n, 2n ** 200n + 1n].map((u2) => {
        const [q, r] = [BASE.multiply(7n), 5n];
        const s = Fn.mul(r, Fn.inv(u2));
        const hash = Fn.mul(Fn.neg(Fn.mul(u2, 7n)), s);
        return aCase({ name: `the sum is infinity, multiplier ${u2}`, hash, q, r, s, valid: false });
    });
}

/** Keys that are none, with a signature that is good for the point they stand beside. */
function keyCases(): Case[] {
    const q = smallX();
    const good = fromMultipliers(q, scalar("u1"), scalar("u2"));
    const { x, y } = q.toAffine();
    const keys: [string, bigint, bigint, boolean][] = [
        ["a key with x below 2^384 - p", x, y, true],
        ["the key with x + p", x + P, y, false],
        ["the key with -y", x, P - y, false],
        ["the key with y + 1", x, y + 1n, false],
        ["the key with x and y exchanged", y, x, false],
        ["the key 0, 0", 0n, 0n, false],
        ["the key p, p", P, P, false],
        ["the key 2^384 - 1, 2^384 - 1", BITS_384, BITS_384, false],
        ["a key of the curve y² = x³ - 3x + 1", 0n, 1n, false],
    ];
    return keys.map(([name, keyX, keyY, valid]) => ({
        ...aCase({ name, ...good, valid }),
        key: hex(keyX) + hex(keyY),
    }));
}

type Signature = { q: Point; r: bigint; s: bigint; hash: bigint };

/** The signature and hash that make a verifier compute u1·G + u2·Q. */
function fromMultipliers(q: Point, u1: bigint, u2: bigint): Signature {
    const sum = BASE.multiplyUnsafe(u1).add(q.multiplyUnsafe(u2));
    const r = Fn.create(sum.toAffine().x);
    const s = Fn.mul(r, Fn.inv(u2));
    return { q, r, s, hash: Fn.mul(u1, s) };
}

/** A signature whose sum has an x from n to p: r is x - n, and the key follows from the sum. */
function largeX(): Signature {
    const sum = firstPoint(N + 1n);
    const r = sum.toAffine().x - N;
    const [s, hash] = [scalar("s"), scalar("hash")];
    const q = sum.multiply(s).subtract(BASE.multiply(hash)).multiply(Fn.inv(r));
    return { q, r, s, hash };
}

/** A signature of a hash that is n or more. */
function largeHash(): Signature {
    const q = BASE.multiply(scalar("key"));
    const u2 = scalar("u2");
    const hash = N + 12345n;
    // s = r / u2 and u1 = hash / s depend on r, so u1 is not free: sign by nonce instead.
    const r = Fn.create(BASE.multiply(u2).toAffine().x);
    return { q, r, s: Fn.mul(Fn.inv(u2), Fn.create(hash + r * scalar("key"))), hash };
}

/** A point whose x leaves room for another below 2^384. */
function smallX(): Point {
    return firstPoint(1n);
}

/** The point with the least x from `from` on. */
function firstPoint(from: bigint): Point {
    for (let x = from; ; x += 1n) {
        try {
            return p384.Point.fromHex(`02${hex(x)}`);
        } catch {
            // Half of all x have no point.
        }
    }
}

/** A scalar that only its name decides. */
function scalar(name: string): bigint {
    return BigInt(`0x${createHash("sha384").update(`assay p384 ${name}`).digest("hex")}`) % N;
}

function aCase({ name, q, r, s, hash, valid = true }: Signature & { name: string; valid?: boolean }): Case {
    const { x, y } = q.toAffine();
    return { name, hash: hex(hash), key: hex(x) + hex(y), signature: hex(r) + hex(s), valid };
}

const hex = (value: bigint) => value.toString(16).padStart(96, "0");

function nobleAccepts({ hash, key, signature }: Pick<Case, "hash" | "key" | "signature">): boolean {
    const [bytes, digest, publicKey] = [signature, hash, `04${key}`].map((text) => Buffer.from(text, "hex"));
    if (bytes === undefined || digest === undefined || publicKey === undefined) return false;
    try {
        return p384.verify(bytes, digest, publicKey, { prehash: false, lowS: false });
    } catch {
        return false;
    }
}
