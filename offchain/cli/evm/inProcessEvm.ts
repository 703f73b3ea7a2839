import { isProtocolError } from "@assay/protocol";
import { chainFault } from "@assay/sdk";
import { BrowserProvider, ContractFactory, type InterfaceAbi } from "ethers";
import { CHECKOUT } from "../checkout.ts";

/** An EVM inside this process: empty, on chain 31337, gone when closed. */
export type InProcessEvm = {
    /** Deploys creation code and gives the address of what it made. */
    deploy: (args: { abi: InterfaceAbi; bytecode: string; args?: readonly unknown[] }) => Promise<string>;
    /** Makes a call and then sends it: what it returned, and the gas of the whole transaction; undefined = it reverts. */
    run: (call: { to: string; data: string }) => Promise<{ returned: string; gas: bigint } | undefined>;
    close: () => Promise<void>;
};

/** Starts an EVM with the rules of the osaka fork. */
export async function createInProcessEvm(): Promise<InProcessEvm> {
    const { createHardhatRuntimeEnvironment } = await import("hardhat/hre");
    const networks = { default: { type: "edr-simulated", chainId: 31337, hardfork: "osaka" } } as const;
    const { network } = await createHardhatRuntimeEnvironment({ networks }, {}, CHECKOUT);
    const connection = await network.create();
    const provider = new BrowserProvider(connection.provider, 31337, { cacheTimeout: -1, pollingInterval: 20 });
    const signer = await provider.getSigner(0);

    return {
        deploy: async ({ abi, bytecode, args = [] }) => {
            const contract = await new ContractFactory(abi, bytecode, signer).deploy(...args);
            await contract.waitForDeployment();
            return contract.getAddress();
        },
        run: async (call) => {
            try {
                const returned = await signer.call(call);
                const response = await signer.sendTransaction(call);
                return { returned, gas: (await response.wait())?.gasUsed ?? 0n };
            } catch (fault) {
                const known = chainFault(fault);
                const reverted =
                    isProtocolError(known, "CONTRACT_REVERTED") || isProtocolError(known, "TRANSACTION_REVERTED");
                if (reverted) return undefined;
                throw known;
            }
        },
        close: async () => {
            provider.destroy();
            await connection.close();
        },
    };
}
