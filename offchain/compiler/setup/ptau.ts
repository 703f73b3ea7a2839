import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { bytesToHex, type Hex, ProtocolError } from "@assay/protocol";
import { readSections, type Section, sectionOf } from "./_binFile.ts";
import { KNOWN_PTAU } from "./_knownPtau.ts";
import { BASE_FIELD_ORDER } from "./_zkeyFile.ts";

/** A phase 1 file of the right form. */
export type Ptau = {
    file: string;
    /** Circuits of at most 2^log2Size rows fit. */
    log2Size: number;
    sha256: Hex;
    /** A file of the public ceremony, by its hash; any other has every power and contribution verified. */
    isKnown: boolean;
};

const FIELD_BYTES = 32;
const HEADER_SECTION = 1;
const HEADER_BYTES = 4 + FIELD_BYTES + 4 + 4; // size of a coordinate, field order, power, power of the ceremony
/** snarkjs cannot use more: its largest file has 2^28 powers. */
const LARGEST = 28;
const CHUNK_BYTES = 1 << 20;

/**
 * Reads a phase 1 file: its curve, its size, that it is prepared for phase 2. Throws PTAU_INVALID, or PTAU_TOO_SMALL when
 * fewer than 2^`log2Size` rows fit. Who took part in phase 1 no check can say.
 */
export async function readPtau({ file, log2Size: needed }: { file: string; log2Size: number }): Promise<Ptau> {
    const { log2Size, sha256, blake2b } = await openPtau(file);
    if (log2Size < needed) {
        const message = `${file} has 2^${log2Size} powers, the circuit needs 2^${needed}.`;
        throw new ProtocolError({ code: "PTAU_TOO_SMALL", message });
    }
    return { file, log2Size, sha256, isKnown: KNOWN_PTAU.get(log2Size) === blake2b };
}

/** The path of a phase 1 file whose form is right, without reading all of it; throws PTAU_MISSING, PTAU_INVALID. */
export async function requirePtau(file: string | undefined): Promise<string> {
    if (file === undefined) throw new ProtocolError({ code: "PTAU_MISSING" });
    await withPtau({ file, run: readLog2Size });
    return file;
}

async function openPtau(file: string): Promise<{ log2Size: number; sha256: Hex; blake2b: string }> {
    const run = async (handle: FileHandle) => ({ log2Size: await readLog2Size(handle), ...(await hashesOf(handle)) });
    return withPtau({ file, run });
}

async function withPtau<T>({ file, run }: { file: string; run: (handle: FileHandle) => Promise<T> }): Promise<T> {
    // Without waiting for somebody to write, should it be a pipe.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
        throw invalid({ file, why: "it cannot be read", cause });
    });
    try {
        return await run(handle);
    } catch (cause) {
        if (cause instanceof RangeError) throw invalid({ file, why: cause.message, cause });
        throw cause;
    } finally {
        await handle.close();
    }
}

async function readLog2Size(handle: FileHandle): Promise<number> {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new RangeError("It is no file.");
    const { size } = stats;
    const readAt = async ({ offset, length }: Section): Promise<Uint8Array> => {
        const { bytesRead, buffer } = await handle.read(new Uint8Array(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
    };
    const sections = await readSections({ readAt, size, magic: "ptau" });
    const header = sectionOf({ sections, id: HEADER_SECTION });
    if (header.length !== HEADER_BYTES) throw new RangeError("It is not over the curve bn254.");
    const bytes = Buffer.from(await readAt(header));
    const order = BigInt(
        `0x${Buffer.from(bytes.subarray(4, 4 + FIELD_BYTES))
            .reverse()
            .toString("hex")}`,
    );
    if (bytes.readUInt32LE(0) !== FIELD_BYTES || order !== BASE_FIELD_ORDER) {
        throw new RangeError("It is not over the curve bn254.");
    }
    const log2Size = bytes.readUInt32LE(4 + FIELD_BYTES);
    if (log2Size < 1 || log2Size > LARGEST) throw new RangeError(`It claims 2^${log2Size} powers.`);
    requireLengths({ sections, log2Size });
    return log2Size;
}

/** Powers in G1 and G2, alpha and beta times them, beta in G2; then the same over every smaller domain. */
function requireLengths({ sections, log2Size }: { sections: ReadonlyMap<number, Section>; log2Size: number }): void {
    const [g1, g2, size] = [2 * FIELD_BYTES, 4 * FIELD_BYTES, 2 ** log2Size];
    const powers = { 2: (2 * size - 1) * g1, 3: size * g2, 4: size * g1, 5: size * g1, 6: g2 };
    const prepared = {
        12: (4 * size - 1) * g1,
        13: (2 * size - 1) * g2,
        14: (2 * size - 1) * g1,
        15: (2 * size - 1) * g1,
    };
    if (!sections.has(12))
        throw new RangeError("It is not prepared for phase 2: run snarkjs powersoftau prepare phase2.");
    for (const [id, length] of Object.entries({ ...powers, ...prepared })) {
        const section = sectionOf({ sections, id: Number(id) });
        if (section.length !== length)
            throw new RangeError(`Section ${id} has ${section.length} bytes, not ${length}.`);
    }
}

async function hashesOf(handle: FileHandle): Promise<{ sha256: Hex; blake2b: string }> {
    const [sha256, blake2b] = [createHash("sha256"), createHash("blake2b512")];
    const stream = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES });
    for await (const chunk of stream) {
        sha256.update(chunk);
        blake2b.update(chunk);
    }
    return { sha256: bytesToHex(sha256.digest()), blake2b: blake2b.digest("hex") };
}

function invalid({ file, why, cause }: { file: string; why: string; cause?: unknown }): ProtocolError {
    return new ProtocolError({ code: "PTAU_INVALID", message: `${file} cannot be used: ${why}`, cause });
}
