import { createHash } from "node:crypto";
import { concat, fromSnarkjs, hexToBytes, tag, type VerifyingKey } from "@assay/protocol";
import { buildBn128 } from "ffjavascript";
import type { VerificationKeyJson } from "snarkjs";
import { publicCountOf, type R1cs } from "../circuit/system/r1cs.ts";
import { readR1cs } from "../circuit/system/readR1cs.ts";
import { at } from "../integer/at.ts";
import { invert, mod } from "./_field.ts";
import { lagrangeAt } from "./_lagrange.ts";
import { multiplyGenerators } from "./_multiplyGenerators.ts";
import { log2DomainSize, type QapAtTau, qapAt } from "./_qap.ts";
import { verificationKeyJson } from "./_verificationKeyJson.ts";
import { type ZkeyPoints, zkeyFile } from "./_zkeyFile.ts";
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
 * tau. Equal r1cs bytes give equal key bytes. Anybody can forge proofs for it: development chains only. `onShare` hears,
 * now and then, which part of the points there is, 0 to 1.
 *
 * @example
 * const { zkey, verifyingKey } = await devSetup({ r1cs });
 */
export async function devSetup({
    r1cs,
    onShare,
}: {
    r1cs: Uint8Array;
    onShare?: (share: number) => void;
}): Promise<SetupResult> {
    const circuitHash = concat(hexToBytes(tag("dev-setup")), createHash("sha256").update(r1cs).digest());
    return setup({ r1cs, trapdoor: devTrapdoor(r1cs), circuitHash, onShare });
}

/** A setup from given secrets; `circuitHash` (64 bytes) names the circuit and the kind of setup inside the key. */
export async function setup({
    r1cs: bytes,
    trapdoor,
    circuitHash,
    onShare,
}: {
    r1cs: Uint8Array;
    trapdoor: Trapdoor;
    circuitHash: Uint8Array;
    onShare?: ((share: number) => void) | undefined;
}): Promise<SetupResult> {
    const r1cs = readR1cs(bytes);
    const log2Size = log2DomainSize(r1cs);
    checkTrapdoor({ trapdoor, log2Size });

    const points = await keyPoints({ r1cs, trapdoor, log2Size, onShare });
    const curve = await buildBn128(true); // a fresh single-threaded instance: its memory goes with it
    const verificationKey = await verificationKeyJson({ curve, points, publicCount: publicCountOf(r1cs) });
    return {
        zkey: zkeyFile({ r1cs, domainSize: 2 ** log2Size, points, circuitHash }),
        verifyingKey: fromSnarkjs(verificationKey),
        verificationKey,
    };
}

type Secrets = {
    r1cs: R1cs;
    trapdoor: Trapdoor;
    log2Size: number;
    onShare: ((share: number) => void) | undefined;
};

/** Every point of a key is a multiple of a generator, since the secrets are known. */
async function keyPoints({ r1cs, trapdoor, log2Size, onShare }: Secrets): Promise<ZkeyPoints> {
    const { tau, alpha, beta, gamma, delta } = trapdoor;
    const qap = qapAt({ r1cs, tau });
    const wires = mixedScalars({ qap, trapdoor });
    const publicCount = publicCountOf(r1cs);
    const overGamma = scaled({ values: wires.slice(0, publicCount + 1), factor: invert(gamma) });
    const overDelta = scaled({ values: wires.slice(publicCount + 1), factor: invert(delta) });
    const quotient = quotientScalars({ trapdoor, log2Size });
    const { g1, g2 } = await multiplyGenerators({
        g1: [[alpha], [beta], [delta], overGamma, qap.a, qap.b, overDelta, quotient],
        g2: [[beta], [gamma], [delta], qap.b],
        ...(onShare === undefined ? {} : { onShare }),
    });
    return {
        alpha1: at(g1, 0),
        beta1: at(g1, 1),
        delta1: at(g1, 2),
        ic: at(g1, 3),
        a: at(g1, 4),
        b1: at(g1, 5),
        c: at(g1, 6),
        h: at(g1, 7),
        beta2: at(g2, 0),
        gamma2: at(g2, 1),
        delta2: at(g2, 2),
        b2: at(g2, 3),
    };
}

/** beta A_i + alpha B_i + C_i of every wire i. */
function mixedScalars({ qap, trapdoor: { alpha, beta } }: { qap: QapAtTau; trapdoor: Trapdoor }): bigint[] {
    return qap.a.map((a, wire) => mod(beta * a + alpha * (qap.b[wire] ?? 0n) + (qap.c[wire] ?? 0n)));
}

function scaled({ values, factor }: { values: readonly bigint[]; factor: bigint }): bigint[] {
    return values.map((value) => mod(value * factor));
}

/**
 * snarkjs evaluates A·B − C on the odd half of the doubled domain, so its H points are those Lagrange polynomials at
 * tau over delta: they already carry the vanishing polynomial.
 */
function quotientScalars({ trapdoor: { tau, delta }, log2Size }: { trapdoor: Trapdoor; log2Size: number }): bigint[] {
    const values = lagrangeAt({ tau, log2Size: log2Size + 1, first: 1, step: 2 });
    return scaled({ values, factor: invert(delta) });
}
