import path from "node:path";
import { isProtocolError, ProtocolError } from "@assay/protocol";
import { type Connection, connect, type Deployment, loadDeployment } from "@assay/sdk";
import { z } from "zod";
import { homeOf } from "../home.ts";
import type { Shell } from "../io/shell.ts";
import type { OptionSpec } from "../verb.ts";

/** Where `hardhat node` listens. */
export const LOCAL_NODE = "http://127.0.0.1:8545";

/** The options of every verb that talks to a chain. */
export const chainOptions: readonly OptionSpec[] = [
    { flags: "--rpc <url>", about: `JSON-RPC of a node (else ASSAY_RPC_URL, else ${LOCAL_NODE})` },
    {
        flags: "--deployment <file>",
        about: "deployment file (default: deployments/<chainId>.json here, else in ASSAY_HOME)",
    },
];

/** URL of a node. */
export const nodeUrl = z.url({ protocol: /^https?$/, error: "not an http or https URL" });

/** What `chainOptions` are parsed into. */
export const chainShape = {
    rpc: nodeUrl.optional(),
    deployment: z.string().optional(),
};

export type ChainChoice = z.output<z.ZodObject<typeof chainShape>>;

/** A node and the deployment on its chain, with the file that says so. */
export type OpenChain = Connection & { deployment: Deployment; deploymentFile: string };

/** The node to talk to. */
export function rpcUrlOf({ env }: Pick<Shell, "env">, { rpc }: Pick<ChainChoice, "rpc">): string {
    return rpc ?? env.ASSAY_RPC_URL ?? LOCAL_NODE;
}

/** Connects to the node and reads the deployment file of its chain; a file of another chain is refused. */
export async function openChain(shell: Shell, choice: ChainChoice): Promise<OpenChain> {
    const { provider, chainId } = await connect({ rpcUrl: rpcUrlOf(shell, choice) });
    const { deployment, file } = await findDeployment(shell, { chainId, file: choice.deployment });
    if (deployment.chainId !== chainId) {
        throw new ProtocolError({
            code: "CHAIN_MISMATCH",
            message: `The node serves chain ${chainId}, the deployment is on chain ${deployment.chainId}.`,
        });
    }
    return { provider, chainId, deployment, deploymentFile: file };
}

/**
 * The file asked for, else the one that deploying writes below the working directory, else the one that a gateway of this
 * home wrote. A file that is there but wrong, or not to be read, is refused, not passed over.
 */
async function findDeployment(
    shell: Shell,
    { chainId, file }: { chainId: number; file: string | undefined },
): Promise<{ deployment: Deployment; file: string }> {
    const written = path.join("deployments", `${chainId}.json`);
    const here = path.resolve(shell.cwd, file ?? written);
    try {
        return { deployment: await loadDeployment({ file: here }), file: here };
    } catch (fault) {
        if (file !== undefined || !isAbsent(fault)) throw fault;
        const kept = path.resolve(shell.cwd, homeOf(shell), written);
        const deployment = await loadDeployment({ file: kept }).catch((other: unknown) => {
            throw isAbsent(other) ? fault : other;
        });
        return { deployment, file: kept };
    }
}

function isAbsent(fault: unknown): boolean {
    if (!isProtocolError(fault, "DEPLOYMENT_MISSING")) return false;
    const { cause } = fault;
    return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
