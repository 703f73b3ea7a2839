import { createHash } from "node:crypto";
import { bytesToHex, type Hex } from "@assay/protocol";
import { readerOf, readSections, sectionOf } from "./_binFile.ts";
import { BASE_FIELD_ORDER } from "./_zkeyFile.ts";

/** What a proving key says of one contribution to it. The name is only claimed; the hash commits to the rest. */
export type Contribution = {
    name: string;
    /** blake2b-512 as snarkjs prints it to whoever contributes. */
    hash: Hex;
    /** A contribution that anybody can repeat: 2^iterationsLog2 times sha256 of `value`. */
    beacon?: { value: Hex; iterationsLog2: number } | undefined;
};

/** Hash of the circuit that contributions start from (blake2b-512), and the contributions in order. */
export type Contributions = { circuitHash: Hex; contributions: Contribution[] };

/** Whoever checks a key repeats its beacons: an hour is no check. snarkjs refuses fewer than 10. */
export const BEACON_ITERATIONS_LOG2 = { min: 10, max: 24 };

const SECTION = 10;
const HASH_BYTES = 64;
const FIELD_BYTES = 32;
/** delta and two more points of G1, one of G2: all but the last hash are coordinates. */
const COORDINATES = 3 * 2 + 4;
const BEACON_TYPE = 1;
const PARAMETERS = { name: 1, iterationsLog2: 2, beacon: 3 };

/**
 * Reads the contributions of a proving key in snarkjs' format without checking their proofs. Throws RangeError when the
 * section is malformed, a beacon is incomplete or takes too long to repeat, or a name could rewrite what a terminal shows.
 */
export async function readContributions(zkey: Uint8Array): Promise<Contributions> {
    const sections = await readSections({ readAt: readerOf(zkey), size: zkey.length, magic: "zkey" });
    const { offset, length } = sectionOf({ sections, id: SECTION });
    const reader = createReader(zkey.slice(offset, offset + length));
    const circuitHash = bytesToHex(reader.bytes(HASH_BYTES));
    const contributions: Contribution[] = [];
    for (let left = reader.u32(); left > 0; left--) contributions.push(readContribution(reader));
    if (reader.left() > 0) throw new RangeError("Bytes follow the last contribution.");
    return { circuitHash, contributions };
}

type Reader = ReturnType<typeof createReader>;

function createReader(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let offset = 0;
    return {
        bytes(length: number): Uint8Array {
            if (offset + length > bytes.length) throw new RangeError("The contributions end too early.");
            offset += length;
            return bytes.slice(offset - length, offset);
        },
        u8: (): number => view.getUint8(offset++),
        u32(): number {
            offset += 4;
            return view.getUint32(offset - 4, true);
        },
        left: (): number => bytes.length - offset,
    };
}

function readContribution(reader: Reader): Contribution {
    const hash = createHash("blake2b512");
    for (const coordinate of coordinatesOf(reader.bytes(COORDINATES * FIELD_BYTES))) hash.update(coordinate);
    hash.update(reader.bytes(HASH_BYTES));
    const isBeacon = reader.u32() === BEACON_TYPE;
    const parameters = readParameters(reader);
    const name = new TextDecoder().decode(parameters.get(PARAMETERS.name));
    if (/\p{C}/u.test(name)) throw new RangeError("A name of a contributor holds characters that cannot be shown.");
    const contribution = { name, hash: bytesToHex(hash.digest()) };
    if (!isBeacon) return contribution;
    const [iterationsLog2 = 0] = parameters.get(PARAMETERS.iterationsLog2) ?? [];
    const value = parameters.get(PARAMETERS.beacon);
    const { min, max } = BEACON_ITERATIONS_LOG2;
    if (value === undefined || iterationsLog2 < min || iterationsLog2 > max) {
        throw new RangeError(`A beacon lacks its value, or is not repeated 2^${min} to 2^${max} times.`);
    }
    return { ...contribution, beacon: { value: bytesToHex(value), iterationsLog2 } };
}

/** Type, length and content of each, but for iterationsLog2, which is one byte without a length. */
function readParameters(reader: Reader): Map<number, Uint8Array> {
    const parameters = new Map<number, Uint8Array>();
    const end = reader.u32();
    const until = reader.left() - end;
    while (reader.left() > until) {
        const type = reader.u8();
        parameters.set(type, reader.bytes(type === PARAMETERS.iterationsLog2 ? 1 : reader.u8()));
    }
    if (reader.left() !== until) throw new RangeError("The parameters of a contribution have another length.");
    return parameters;
}

/** x and y of three points of G1, then of G2 with the imaginary part first: big-endian, out of Montgomery form. */
function coordinatesOf(bytes: Uint8Array): Uint8Array[] {
    const plain = Array.from({ length: COORDINATES }, (_, i) => {
        const littleEndian = Buffer.from(bytes.slice(i * FIELD_BYTES, (i + 1) * FIELD_BYTES));
        const value = (BigInt(`0x${littleEndian.reverse().toString("hex")}`) * MONTGOMERY_INVERSE) % BASE_FIELD_ORDER;
        return Buffer.from(value.toString(16).padStart(2 * FIELD_BYTES, "0"), "hex");
    });
    const [xReal, xImaginary, yReal, yImaginary] = plain.splice(-4);
    return [...plain, xImaginary, xReal, yImaginary, yReal].filter((part) => part !== undefined);
}

/** 2^-256 in the base field. */
const MONTGOMERY_INVERSE = halve(256);

/** 2^-times: halving a residue is a shift, after adding the odd order to an odd one. */
function halve(times: number): bigint {
    let value = 1n;
    for (let i = 0; i < times; i++) value = (value & 1n ? value + BASE_FIELD_ORDER : value) >> 1n;
    return value;
}
