import { isDevelopmentChain, ProtocolError } from "@assay/protocol";
import { JsonRpcProvider, Network } from "ethers";
import { z } from "zod";

/** A node that does not answer within this is reported as unreachable. */
const FIRST_ANSWER_TIMEOUT_MS = 10_000;
/** Development chains mine at once; real ones take seconds, and public nodes meter calls. */
const POLLING_INTERVAL_MS = { development: 100, real: 4_000 } as const;

const chainIdAnswer = z.object({ result: z.string().regex(/^0x[0-9a-fA-F]{1,13}$/) });

/** A provider and the id of the chain behind it. */
export type Connection = { provider: JsonRpcProvider; chainId: number };

/**
 * Connects to a node, or fails at once with RPC_UNREACHABLE (ethers itself would retry without end).
 * @example
 * const { provider, chainId } = await connect({ rpcUrl });
 */
export async function connect({ rpcUrl, signal }: { rpcUrl: string; signal?: AbortSignal }): Promise<Connection> {
    const chainId = await askChainId({ rpcUrl, ...(signal === undefined ? {} : { signal }) });
    const isDevelopment = isDevelopmentChain(chainId);
    const provider = new JsonRpcProvider(rpcUrl, Network.from(chainId), {
        staticNetwork: true,
        pollingInterval: isDevelopment ? POLLING_INTERVAL_MS.development : POLLING_INTERVAL_MS.real,
        // Blocks of a development chain follow each other faster than ethers' cache of 250 ms forgets them.
        ...(isDevelopment ? { cacheTimeout: -1 } : {}),
    });
    return { provider, chainId };
}

async function askChainId({ rpcUrl, signal }: { rpcUrl: string; signal?: AbortSignal }): Promise<number> {
    const timeout = AbortSignal.timeout(FIRST_ANSWER_TIMEOUT_MS);
    try {
        const response = await fetch(rpcUrl, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
            signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        });
        return Number(chainIdAnswer.parse(await response.json()).result);
    } catch (cause) {
        throw new ProtocolError({
            code: "RPC_UNREACHABLE",
            message: `No node answers at ${publicPart(rpcUrl)}.`,
            cause,
        });
    }
}

/** URLs of nodes often carry a key in path, query or user: only the host may be printed. */
function publicPart(rpcUrl: string): string {
    return URL.canParse(rpcUrl) ? new URL(rpcUrl).origin : "the given URL";
}
