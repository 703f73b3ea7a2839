import { ZERO_ADDRESS } from "@assay/protocol";
import { contractsOf, onChain, paymentTokenAbi } from "@assay/sdk";
import { BaseContract, TypedDataEncoder } from "ethers";
import type { IPaymentToken } from "../../../types/typechain/index.ts";
import type { OpenChain } from "../chain/openChain.ts";
import { type Finding, fail, ok } from "./finding.ts";

/** The receipt log and the configuration registry are what the file says: they answer for somebody who has nothing there. */
export async function checkRecords({ provider, deployment }: OpenChain): Promise<Finding> {
    const { receipts, configs } = contractsOf({ deployment, runner: provider });
    await onChain(async () => [
        await receipts.nextSequence(ZERO_ADDRESS),
        await receipts.batchesOf(ZERO_ADDRESS),
        await configs.versionsOf(ZERO_ADDRESS, "none"),
    ]);
    return ok("records", "the receipt log and the configuration registry answer");
}

/** The token of gateways has the EIP-712 domain that it says: signatures over another one would all be refused. */
export async function checkPaymentToken({ provider, deployment, chainId }: OpenChain): Promise<Finding[]> {
    const at = deployment.contracts.PaymentToken;
    if (at === undefined) return [];
    const token = BaseContract.from<IPaymentToken>(at, paymentTokenAbi, provider);
    return onChain(async () => {
        const [name, version] = [await token.name(), await token.version()];
        const separator = await token.DOMAIN_SEPARATOR();
        const text = `${name}, version ${version}, ${await token.decimals()} decimals`;
        const expected = TypedDataEncoder.hashDomain({ name, version, chainId, verifyingContract: at });
        if (separator === expected) return [ok("payment token", text)];
        const detail = `${text}: DOMAIN_SEPARATOR is ${separator}, name and version make ${expected}`;
        return [fail("payment token", { detail, fix: "Name another token: nobody could pay with this one." })];
    });
}
