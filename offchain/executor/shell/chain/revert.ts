import { ContractRevert, chainFault } from "@assay/sdk";
import { AbiCoder } from "ethers";
import { RpcRefusal } from "./rpc.ts";

/** The contract error behind a refused call, by name; undefined if the endpoint refused for another reason. */
export function revertOf(error: unknown): { error: string; detail: string } | undefined {
    if (!(error instanceof RpcRefusal) || error.data === undefined) return undefined;
    const fault = chainFault(AbiCoder.getBuiltinCallException("call", { to: null }, error.data));
    if (fault instanceof ContractRevert) {
        const values = Object.entries(fault.arguments).map(([name, value]) => `${name}: ${value}`);
        return { error: fault.contractError, detail: `${fault.contractError}(${values.join(", ")})` };
    }
    return { error: "", detail: `reverted with ${error.data.slice(0, 74)}` };
}
