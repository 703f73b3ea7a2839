import { createHash } from "node:crypto";
import { concat, FIELD_ORDER, hexToBytes, keccak256, ProtocolError, tag, uintToHex } from "@assay/protocol";
import { power } from "./_field.ts";

/** The secrets of a Groth16 setup. Whoever knows them proves anything. */
export interface Trapdoor {
    tau: bigint;
    alpha: bigint;
    beta: bigint;
    gamma: bigint;
    delta: bigint;
}

/**
 * Trapdoor of the development setup: uint256(keccak256(abi.encode(T("dev-setup"), sha256(r1cs), i))) mod p, i = 1 … 5.
 * Public on purpose, so that anybody can rebuild the key and show that it can be forged with.
 */
export function devTrapdoor(r1cs: Uint8Array): Trapdoor {
    const digest = createHash("sha256").update(r1cs).digest();
    const secret = (i: bigint): bigint =>
        BigInt(keccak256(concat(hexToBytes(tag("dev-setup")), digest, hexToBytes(uintToHex(i))))) % FIELD_ORDER;
    return { tau: secret(1n), alpha: secret(2n), beta: secret(3n), gamma: secret(4n), delta: secret(5n) };
}

/** Throws SETUP_TRAPDOOR_INVALID for a secret of 0, a tau in the evaluation domain or its odd coset, or gamma = delta. */
export function checkTrapdoor({ trapdoor, log2Size }: { trapdoor: Trapdoor; log2Size: number }): void {
    for (const [name, value] of Object.entries(trapdoor)) {
        if (value === 0n) throw invalid(`${name} is 0.`);
    }
    if (trapdoor.gamma === trapdoor.delta) throw invalid("gamma equals delta.");
    if (power(trapdoor.tau, 1n << BigInt(log2Size + 1)) === 1n) throw invalid("tau lies in the evaluation domain.");
}

function invalid(message: string): ProtocolError {
    return new ProtocolError({ code: "SETUP_TRAPDOOR_INVALID", message: `This circuit has no setup: ${message}` });
}
