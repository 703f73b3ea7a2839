import { decodePolicy, familiesOf, familyName, type Hex, minimumFeeWei, ZERO_BYTES32 } from "@assay/protocol";
import type { Provider } from "ethers";
import { ContractRevert, onChain } from "./chainFault.ts";
import { contractsOf } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";

/** What somebody would ask for. */
export type QuoteWish = {
    modelId: Hex;
    policy: bigint;
    configHash?: Hex;
    executors?: readonly Hex[];
    minStakeWei?: bigint;
    callbackGas?: bigint;
};

/** One clause of the policy: its families, and whether all of them can be had now. */
export type QuotedClause = { families: string[]; meetable: boolean };

/** Whether a request would be accepted now, and the least fee that executors ask for it. */
export type Quote =
    | { status: "meetable"; clauses: QuotedClause[]; minimumFeeWei: bigint; gasPriceWei: bigint }
    | { status: "refused"; clauses: QuotedClause[]; refusal: ContractRevert };

/**
 * Asks the gate which clauses of a policy can be met now, and what the dearest of them costs.
 * @example
 * const answer = await quote({ provider, deployment }, { modelId, policy: PRESETS.ZK });
 */
export async function quote(
    { provider, deployment }: { provider: Provider; deployment: Deployment },
    wish: QuoteWish,
): Promise<Quote> {
    const { gate } = contractsOf({ deployment, runner: provider });
    const { modelId, policy, configHash = ZERO_BYTES32, executors = [], minStakeWei = 0n, callbackGas = 0n } = wish;
    const signers = { executors: [...executors], minStakeWei };
    try {
        const mask = Number((await onChain(() => gate.meetable({ modelId, configHash, policy, signers }))).clauses);
        const gasPriceWei = (await onChain(() => provider.getFeeData())).gasPrice ?? 0n;
        return {
            status: "meetable",
            clauses: quotedClauses({ policy, mask }),
            minimumFeeWei: minimumFeeWei({ policy, callbackGas, gasPriceWei, clauses: mask }),
            gasPriceWei,
        };
    } catch (fault) {
        if (!(fault instanceof ContractRevert)) throw fault;
        return { status: "refused", clauses: quotedClauses({ policy, mask: 0 }), refusal: fault };
    }
}

function quotedClauses({ policy, mask }: { policy: bigint; mask: number }): QuotedClause[] {
    return decodePolicy(policy).clauses.map((clause, at) => ({
        families: familiesOf(clause).map(familyName),
        meetable: (mask & (1 << at)) !== 0,
    }));
}
