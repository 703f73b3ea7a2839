import { type ChainState, type Json, jsonDifferences, ProtocolError } from "@assay/protocol";

/** What one node said. */
export type Said = { url: string; chainState: ChainState };

/**
 * What all nodes say alike, fact by fact; throws RECEIPT_NODES_DISAGREE with the first one that says otherwise than the
 * first node, and what about.
 *
 * @example
 * agreedChainState([{ url: "http://127.0.0.1:8545", chainState: { chainId: 31337 } }]).chainId; // 31337
 */
export function agreedChainState([first, ...others]: readonly [Said, ...Said[]]): ChainState {
    const expected = jsonOf(first.chainState);
    for (const { url, chainState } of others) {
        const [difference] = jsonDifferences(expected, jsonOf(chainState));
        if (difference === undefined) continue;
        const fact = difference.path.replace(/^\$\.?/, "");
        throw new ProtocolError({
            code: "RECEIPT_NODES_DISAGREE",
            message: `${url} and ${first.url} say different things of ${fact}.`,
        });
    }
    return first.chainState;
}

/** Integers of any size, as text. */
function jsonOf(chainState: ChainState): Json {
    return JSON.parse(JSON.stringify(chainState, (_name, value) => (typeof value === "bigint" ? `${value}` : value)));
}
