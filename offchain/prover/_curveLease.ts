import { buildBn128 } from "ffjavascript";

/** A claim on the process-wide curve of snarkjs. */
export interface CurveLease {
    /** Gives the claim back; the last one ends the worker threads. Later calls do nothing. */
    release(): Promise<void>;
}

/** Claims that are out. ffjavascript keeps one curve per process, so they are counted per process too. */
const leases = new Set<symbol>();

/** Keeps the worker threads of snarkjs alive until the lease is released: they would hold the process for ever. */
export function leaseCurve(): CurveLease {
    const lease = Symbol("curve");
    leases.add(lease);
    return {
        async release() {
            if (!leases.delete(lease) || leases.size > 0) return;
            const curve = await buildBn128();
            if (leases.size === 0) await curve.terminate();
        },
    };
}
