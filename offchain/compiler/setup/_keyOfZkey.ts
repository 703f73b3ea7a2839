import { encodeKey, fromSnarkjs, lintKey } from "@assay/protocol";
import { buildBn128 } from "ffjavascript";
import { readerOf, readSections, sectionOf } from "./_binFile.ts";
import { verificationKeyJson } from "./_verificationKeyJson.ts";
import { BASE_FIELD_ORDER } from "./_zkeyFile.ts";
import type { SetupResult } from "./devSetup.ts";

const GROTH16_SECTION = 2;
const IC_SECTION = 3;
const FIELD_BYTES = 32;
const G1_BYTES = 2 * FIELD_BYTES;
const G2_BYTES = 4 * FIELD_BYTES;
/** Sizes and orders of both fields, then wires, public wires, domain. */
const POINTS_OFFSET = 2 * (4 + FIELD_BYTES) + 12;

/**
 * A proving key with the verifying key in it. Throws RangeError when it is no Groth16 key over bn254 of this many public
 * signals, or when the chain would refuse the verifying key: a key without contributions has gamma = delta.
 */
export async function keyOfZkey({
    zkey,
    publicCount,
}: {
    zkey: Uint8Array;
    publicCount: number;
}): Promise<SetupResult> {
    const sections = await readSections({ readAt: readerOf(zkey), size: zkey.length, magic: "zkey" });
    const bytesOf = (id: number) => {
        const { offset, length } = sectionOf({ sections, id });
        return zkey.slice(offset, offset + length);
    };
    const [header, ic] = [bytesOf(GROTH16_SECTION), bytesOf(IC_SECTION)];
    if (header.length !== POINTS_OFFSET + 3 * G1_BYTES + 3 * G2_BYTES || !isBn254(header)) {
        throw new RangeError("It is not a Groth16 key over the curve bn254.");
    }
    if (ic.length !== (publicCount + 1) * G1_BYTES)
        throw new RangeError(`It is not for ${publicCount} public signals.`);
    let offset = POINTS_OFFSET;
    const next = (bytes: number) => {
        offset += bytes;
        return header.slice(offset - bytes, offset);
    };
    const [alpha1, , beta2] = [next(G1_BYTES), next(G1_BYTES), next(G2_BYTES)];
    const [gamma2, , delta2] = [next(G2_BYTES), next(G1_BYTES), next(G2_BYTES)];
    const curve = await buildBn128(true); // a fresh single-threaded instance: its memory goes with it
    const points = { alpha1, beta2, gamma2, delta2, ic };
    const verificationKey = await verificationKeyJson({ curve, points, publicCount });
    const verifyingKey = fromSnarkjs(verificationKey);
    const faults = lintKey(encodeKey(verifyingKey));
    if (faults.length > 0)
        throw new RangeError(`Its verifying key is unsound: ${faults.map(({ fault }) => fault).join(", ")}.`);
    return { zkey, verifyingKey, verificationKey };
}

function isBn254(header: Uint8Array): boolean {
    const order = Buffer.from(header.subarray(4, 4 + FIELD_BYTES))
        .reverse()
        .toString("hex");
    return BigInt(`0x${order}`) === BASE_FIELD_ORDER;
}
