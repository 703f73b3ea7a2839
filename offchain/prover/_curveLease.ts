import { type Bn128, buildBn128 } from "ffjavascript";

/** A claim on the process-wide curve of snarkjs and its worker threads. */
export interface CurveLease {
    /** Resolves when the curve is there; whoever proves waits for it first. */
    ready(): Promise<void>;
    /** Gives the claim back; the last one ends the worker threads. Later calls do nothing. */
    release(): Promise<void>;
}

/**
 * ffjavascript keeps one curve per process, in a global, so claims on it are counted per process too. Two builds at once
 * would leave workers that nobody can end: hence the one promise.
 */
const shared: { claims: Set<symbol>; curve: Promise<Bn128> | undefined } = { claims: new Set(), curve: undefined };

/** Keeps the worker threads alive from first use to release: left alone, they hold the process for ever. */
export function leaseCurve(): CurveLease {
    const claim = Symbol("curve");
    shared.claims.add(claim);
    return {
        async ready() {
            shared.curve ??= buildBn128();
            await shared.curve;
        },
        async release() {
            if (!shared.claims.delete(claim) || shared.claims.size > 0) return;
            const pending = shared.curve;
            const curve = await pending;
            const isClaimedAgain = shared.claims.size > 0 || shared.curve !== pending;
            if (curve === undefined || isClaimedAgain) return;
            shared.curve = undefined;
            await curve.terminate();
        },
    };
}
