import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ProtocolError } from "@assay/protocol";
import { onChain } from "@assay/sdk";
import { isError, type JsonRpcProvider } from "ethers";
import { z } from "zod";

/** Where Multicall3 is on every chain that has it; the x402 packages look nowhere else. */
export const MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11";

const ARTIFACT = fileURLToPath(
    new URL("../../../../artifacts/contracts/mocks/TryAggregate.sol/TryAggregate.json", import.meta.url),
);
const artifactSchema = z.object({ deployedBytecode: z.string().regex(/^0x([0-9a-f]{2})+$/) });

/** Names of the call by which Hardhat and anvil write code where one likes. */
const SET_CODE = ["hardhat_setCode", "anvil_setCode"] as const;

/**
 * Puts what x402 needs of Multicall3 at its address: without it every payment that fails does so for the same unknown
 * reason. `present`: it is there already. `refused`: the node writes no code, so reasons stay unknown. Development chains
 * only; throws ARTIFACTS_MISSING.
 */
export async function placeMulticall({
    provider,
}: {
    provider: JsonRpcProvider;
}): Promise<"present" | "placed" | "refused"> {
    if ((await onChain(() => provider.getCode(MULTICALL3))) !== "0x") return "present";

    const code = await readCode();
    for (const method of SET_CODE) {
        if (await isDone(provider.send(method, [MULTICALL3, code]))) return "placed";
    }
    return "refused";
}

/** A node that does not know a method says so in many ways; one that does not answer is a fault. */
async function isDone(sent: Promise<unknown>): Promise<boolean> {
    try {
        await sent;
        return true;
    } catch (cause) {
        if (isError(cause, "UNSUPPORTED_OPERATION") || isError(cause, "UNKNOWN_ERROR")) return false;
        return onChain(() => Promise.reject(cause));
    }
}

async function readCode(): Promise<string> {
    try {
        return artifactSchema.parse(JSON.parse(await readFile(ARTIFACT, "utf8"))).deployedBytecode;
    } catch (cause) {
        const message = `There is no compiled TryAggregate (${ARTIFACT}).`;
        throw new ProtocolError({ code: "ARTIFACTS_MISSING", message, cause });
    }
}
