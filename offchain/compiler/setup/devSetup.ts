import { createHash } from "node:crypto";
import { concat, fromSnarkjs, hexToBytes, tag, type VerifyingKey } from "@assay/protocol";
import { buildBn128 } from "ffjavascript";
import type { VerificationKeyJson } from "snarkjs";
import { invert, mod } from "./_field.ts";
import { createFixedBase, type FixedBase } from "./_fixedBase.ts";
import { lagrangeAt } from "./_lagrange.ts";
import { log2DomainSize, type QapAtTau, qapAt } from "./_qap.ts";
import { readR1cs } from "./_readR1cs.ts";
import { verificationKeyJson } from "./_verificationKeyJson.ts";
import { zkeyFile } from "./_zkeyFile.ts";
import { checkTrapdoor, devTrapdoor, type Trapdoor } from "./trapdoor.ts";

/** Proving and verifying key of one circuit. */
export interface SetupResult {
    /** snarkjs' zkey format. */
    zkey: Uint8Array;
    verifyingKey: VerifyingKey;
    /** The same key as `snarkjs zkey export verificationkey` writes it. */
    verificationKey: VerificationKeyJson;
}

/**
 * The development setup: a Groth16 key computed from the constraint system and a public trapdoor, without powers of
 * tau. Equal r1cs bytes give equal key bytes. Anybody can forge proofs for it: development chains only.
 *
 * @example
 * const { zkey, verifyingKey } = await devSetup({ r1cs });
 */
export async function devSetup({ r1cs }: { r1cs: Uint8Array }): Promise<SetupResult> {
    const circuitHash = concat(hexToBytes(tag("dev-setup")), createHash("sha256").update(r1cs).digest());
    return setup({ r1cs, trapdoor: devTrapdoor(r1cs), circuitHash });
}

/** A setup from given secrets; `circuitHash` (64 bytes) names the circuit and the kind of setup inside the key. */
export async function setup({
    r1cs: bytes,
    trapdoor,
    circuitHash,
}: {
    r1cs: Uint8Array;
    trapdoor: Trapdoor;
    circuitHash: Uint8Array;
}): Promise<SetupResult> {
    const r1cs = readR1cs(bytes);
    const log2Size = log2DomainSize(r1cs);
    const domainSize = 2 ** log2Size;
    checkTrapdoor({ trapdoor, log2Size });

    const qap = qapAt({ r1cs, tau: trapdoor.tau });
    const curve = await buildBn128(true); // a fresh single-threaded instance: its memory goes with it
    const g1 = createFixedBase({ curve, group: "G1", expected: 3 * r1cs.wireCount + domainSize });
    const g2 = createFixedBase({ curve, group: "G2", expected: r1cs.wireCount });
    const points = {
        ...fixedPoints({ trapdoor, g1, g2 }),
        ...wirePoints({ qap, trapdoor, publicCount: r1cs.publicCount, g1, g2 }),
        h: g1.multiply(quotientScalars({ trapdoor, log2Size })),
    };
    const verificationKey = await verificationKeyJson({ curve, points, publicCount: r1cs.publicCount });
    return {
        zkey: zkeyFile({ r1cs, domainSize, points, circuitHash }),
        verifyingKey: fromSnarkjs(verificationKey),
        verificationKey,
    };
}

type Bases = { g1: FixedBase; g2: FixedBase };

function fixedPoints({ trapdoor: { alpha, beta, gamma, delta }, g1, g2 }: { trapdoor: Trapdoor } & Bases) {
    return {
        alpha1: g1.multiply([alpha]),
        beta1: g1.multiply([beta]),
        beta2: g2.multiply([beta]),
        gamma2: g2.multiply([gamma]),
        delta1: g1.multiply([delta]),
        delta2: g2.multiply([delta]),
    };
}

/** A_i, B_i, and (beta A_i + alpha B_i + C_i) over gamma for public wires, over delta for the others. */
function wirePoints({
    qap,
    trapdoor: { alpha, beta, gamma, delta },
    publicCount,
    g1,
    g2,
}: { qap: QapAtTau; trapdoor: Trapdoor; publicCount: number } & Bases) {
    const overGamma = invert(gamma);
    const overDelta = invert(delta);
    const mixed = qap.a.map((a, wire) => {
        const sum = mod(beta * a + alpha * (qap.b[wire] ?? 0n) + (qap.c[wire] ?? 0n));
        return mod(sum * (wire <= publicCount ? overGamma : overDelta));
    });
    return {
        ic: g1.multiply(mixed.slice(0, publicCount + 1)),
        c: g1.multiply(mixed.slice(publicCount + 1)),
        a: g1.multiply(qap.a),
        b1: g1.multiply(qap.b),
        b2: g2.multiply(qap.b),
    };
}

/**
 * snarkjs evaluates A·B − C on the odd half of the doubled domain, so its H points are those Lagrange polynomials at
 * tau over delta: they already carry the vanishing polynomial.
 */
function quotientScalars({ trapdoor: { tau, delta }, log2Size }: { trapdoor: Trapdoor; log2Size: number }): bigint[] {
    const overDelta = invert(delta);
    return lagrangeAt({ tau, log2Size: log2Size + 1, first: 1, step: 2 }).map((value) => mod(value * overDelta));
}
