import type { Bn128 } from "ffjavascript";
import type { VerificationKeyJson } from "snarkjs";
import type { ZkeyPoints } from "./_zkeyFile.ts";

const G1_BYTES = 64;

/** The key as `snarkjs zkey export verificationkey` writes it, e(alpha, beta) included. */
export async function verificationKeyJson({
    curve,
    points: { alpha1, beta2, gamma2, delta2, ic },
    publicCount,
}: {
    curve: Bn128;
    points: Pick<ZkeyPoints, "alpha1" | "beta2" | "gamma2" | "delta2" | "ic">;
    publicCount: number;
}): Promise<VerificationKeyJson> {
    const { G1, G2, Gt } = curve;
    const g1 = (point: Uint8Array): string[] => G1.toObject(point).map(String);
    const g2 = (point: Uint8Array): string[][] => G2.toObject(point).map((pair) => [pair].flat().map(String));
    const alphaBeta = Gt.toObject(await curve.pairing(alpha1, beta2));
    return {
        protocol: "groth16",
        curve: curve.name,
        nPublic: publicCount,
        vk_alpha_1: g1(alpha1),
        vk_beta_2: g2(beta2),
        vk_gamma_2: g2(gamma2),
        vk_delta_2: g2(delta2),
        vk_alphabeta_12: alphaBeta.map((cubic) => cubic.map((pair) => pair.map(String))),
        IC: Array.from({ length: publicCount + 1 }, (_, i) => g1(ic.subarray(G1_BYTES * i, G1_BYTES * (i + 1)))),
    };
}
