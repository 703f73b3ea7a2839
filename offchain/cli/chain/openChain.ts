import path from "node:path";
import { ProtocolError } from "@assay/protocol";
import { type Connection, connect, type Deployment, loadDeployment } from "@assay/sdk";
import { z } from "zod";
import type { Shell } from "../io/shell.ts";
import type { OptionSpec } from "../verb.ts";

/** Where `hardhat node` listens. */
const LOCAL_NODE = "http://127.0.0.1:8545";

/** The options of every verb that talks to a chain. */
export const chainOptions: readonly OptionSpec[] = [
    { flags: "--rpc <url>", about: `JSON-RPC of a node (else ASSAY_RPC_URL, else ${LOCAL_NODE})` },
    { flags: "--deployment <file>", about: "deployment file (default: deployments/<chainId>.json)" },
];

/** URL of a node. */
export const nodeUrl = z.url({ protocol: /^https?$/, error: "not an http or https URL" });

/** What `chainOptions` are parsed into. */
export const chainShape = {
    rpc: nodeUrl.optional(),
    deployment: z.string().optional(),
};

export type ChainChoice = z.output<z.ZodObject<typeof chainShape>>;

/** A node and the deployment on its chain. */
export type OpenChain = Connection & { deployment: Deployment };

/** The node to talk to. */
export function rpcUrlOf({ env }: Pick<Shell, "env">, { rpc }: Pick<ChainChoice, "rpc">): string {
    return rpc ?? env.ASSAY_RPC_URL ?? LOCAL_NODE;
}

/** Connects to the node and reads the deployment file of its chain; a file of another chain is refused. */
export async function openChain(shell: Shell, choice: ChainChoice): Promise<OpenChain> {
    const { provider, chainId } = await connect({ rpcUrl: rpcUrlOf(shell, choice) });
    const deployment = await loadDeployment({ file: deploymentFile(shell, { chainId, file: choice.deployment }) });
    if (deployment.chainId !== chainId) {
        throw new ProtocolError({
            code: "CHAIN_MISMATCH",
            message: `The node serves chain ${chainId}, the deployment is on chain ${deployment.chainId}.`,
        });
    }
    return { provider, chainId, deployment };
}

/** The file asked for, else the one that deploying writes. */
export function deploymentFile(
    { cwd }: Pick<Shell, "cwd">,
    { chainId, file }: { chainId: number; file?: string | undefined },
): string {
    return path.resolve(cwd, file ?? path.join("deployments", `${chainId}.json`));
}
