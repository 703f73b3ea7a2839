import { FIELD_ORDER } from "@assay/protocol";
import { invert, invertAll, mod, power, rootOfUnity } from "./_field.ts";

/**
 * L_i(tau) = w^i (tau^n − 1) / (n (tau − w^i)) on the domain of n = 2^log2Size points; with `step` 2 and `first` 1, only
 * every second one. tau lies outside the domain, so no denominator is 0.
 */
export function lagrangeAt({
    tau,
    log2Size,
    first = 0,
    step = 1,
}: {
    tau: bigint;
    log2Size: number;
    first?: number;
    step?: number;
}): bigint[] {
    const size = 1n << BigInt(log2Size);
    const root = rootOfUnity(log2Size);
    const stride = power(root, BigInt(step));
    const points: bigint[] = [];
    let point = power(root, BigInt(first));
    for (let i = first; i < Number(size); i += step) {
        points.push(point);
        point = (point * stride) % FIELD_ORDER;
    }
    const scale = (mod(power(tau, size) - 1n) * invert(size)) % FIELD_ORDER;
    const inverses = invertAll(points.map((p) => mod(tau - p)));
    return points.map((p, i) => (((p * scale) % FIELD_ORDER) * (inverses[i] ?? 0n)) % FIELD_ORDER);
}
