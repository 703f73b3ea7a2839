import type { Hex } from "@assay/protocol";
import { isProtocolError, type ProtocolError, toHex } from "@assay/protocol";
import { BrowserProvider, type ContractRunner, Network, type Provider } from "ethers";
import type { Chain } from "./chain.ts";
import type { Rpc } from "./rpc.ts";

/** Reads contracts through the executor's own endpoint, in one block; what a revert returned comes as RpcRefusal. */
export function readerOf({
    chain,
    from,
    at,
    signal,
}: {
    chain: Chain;
    from: Hex;
    at?: "latest" | { blockHash: Hex };
    signal?: AbortSignal | undefined;
}): ContractRunner {
    return {
        provider: null,
        call: async ({ to, data }) => {
            const call = { from, to: toHex(String(to), 20), data: toHex(data ?? "0x") };
            return chain.call({ call, ...(at === undefined ? {} : { at }), signal });
        },
    };
}

/**
 * Lends the endpoint to code that wants a provider of ethers. For an endpoint that is silent or refuses, ethers throws an
 * error that cannot be told from others, so the endpoint's own error is thrown in its place.
 */
export async function lendProvider<T>(
    { rpc, chainId, signal }: { rpc: Rpc; chainId: number; signal: AbortSignal },
    work: (provider: Provider) => Promise<T>,
): Promise<T> {
    let fault: ProtocolError | undefined;
    const request = async ({ method, params }: { method: string; params?: unknown[] | Record<string, unknown> }) => {
        try {
            return await rpc.request({ method, params: Array.isArray(params) ? params : [], signal });
        } catch (error) {
            if (isProtocolError(error)) fault = error;
            throw error;
        }
    };
    const provider = new BrowserProvider({ request }, Network.from(chainId), { cacheTimeout: -1 });
    try {
        return await work(provider);
    } catch (error) {
        throw isProtocolError(error) ? error : (fault ?? error);
    } finally {
        provider.destroy();
    }
}
