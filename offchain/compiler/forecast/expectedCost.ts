/** What a circuit is expected to cost, before it exists. */
export type ExpectedCost = {
    /** Time of a development setup and of one warm proof by snarkjs on two cores of a small server. */
    setupMs: number;
    proveMs: number;
    /** Gas of a verifying transaction by the generic verifier: calldata and the 21,000 of a transaction included. */
    verifyGas: number;
};

/**
 * Straight lines through the rows of `npm run bench -- zk` on two cores: time grows with the rows of the domain, gas
 * with the public signals. Other machines differ by a constant factor, and so does another prover.
 */
const SETUP = { fixedMs: 1_400, perRowMs: 0.09 };
const PROVE = { fixedMs: 80, perRowMs: 0.06 };
const VERIFY = { fixedGas: 212_900, perSignalGas: 6_690 };

/** Rows of the evaluation domain that constraints and public signals need: the next power of two. */
export function domainOf({ constraints, signals }: { constraints: number; signals: number }): number {
    return 2 ** Math.ceil(Math.log2(constraints + signals + 1));
}

/** Expected times and gas. */
export function expectedCost({ domain, signals }: { domain: number; signals: number }): ExpectedCost {
    return {
        setupMs: Math.round(SETUP.fixedMs + SETUP.perRowMs * domain),
        proveMs: Math.round(PROVE.fixedMs + PROVE.perRowMs * domain),
        verifyGas: VERIFY.fixedGas + VERIFY.perSignalGas * signals,
    };
}
