import { type Hex, ProtocolError, toHex, ZERO_ADDRESS } from "@assay/protocol";
import { Contract, type ContractTransactionResponse, isError, type Provider, type Signer } from "ethers";
import { z } from "zod";
import { erc20Abi } from "./abi.ts";
import { onChain } from "./chainFault.ts";
import { contractsOf } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { nameIn, STATUS, type StatusName } from "./enums.ts";
import type { PreparedRequest } from "./request.ts";
import { recordedRequest } from "./requestLog.ts";

/** Who acts, on which deployment; the signer must be connected to a provider. */
export type ActingOn = { signer: Signer; provider: Provider; deployment: Deployment };

/** What one transaction cost and where it is. */
export type Sent = { transactionHash: Hex; blockNumber: number; gasUsed: bigint };

/** Where a request stands on chain. */
export type RequestState = { status: StatusName | `unknown ${bigint}`; cancelAt: bigint; presentMask: number };

/** Sends a request and pays its fee; a token's fee is approved first, exactly. */
export async function sendRequest(deps: ActingOn, { terms, salt, input, inputUri }: PreparedRequest): Promise<Sent> {
    const isNative = terms.token === ZERO_ADDRESS;
    return onChain(async () => {
        if (!isNative) await approveExactly(deps, { token: terms.token, amountWei: terms.feeWei });
        const { hub } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
        const named = { ...terms, executors: [...terms.executors] };
        const value = isNative ? terms.feeWei : 0n;
        const inline = inputUri === "" ? input : new Uint8Array();
        return mined(deps, await hub.request(named, salt, inline, inputUri, { value }));
    });
}

/** Makes the call of `cancel` that is due: the first announces, the second, 600 s or more later, refunds. */
export async function cancelRequest(
    deps: ActingOn,
    requestId: Hex,
): Promise<Sent & { refunded: boolean; cancelAt: bigint }> {
    return onChain(async () => {
        const { hub } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
        const sent = await mined(deps, await hub.cancel(await requestKeyOf(deps, requestId)));
        const { status, cancelAt } = await requestState(deps, requestId);
        return { ...sent, refunded: status === "Refunded", cancelAt };
    });
}

/** Refunds an open request after its deadline; anybody may. */
export async function refundRequest(deps: ActingOn, requestId: Hex): Promise<Sent> {
    return onChain(async () => {
        const { hub } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
        return mined(deps, await hub.refund(await requestKeyOf(deps, requestId)));
    });
}

/** Pays the signer's credit in a token (zero address = native) to `to`. */
export async function withdrawCredit(
    { signer, provider, deployment }: ActingOn,
    { token = ZERO_ADDRESS, to }: { token?: Hex; to: Hex },
): Promise<Sent & { amountWei: bigint }> {
    return onChain(async () => {
        const { hub } = contractsOf({ deployment, runner: signer });
        const amountWei = await hub.creditOf(await signer.getAddress(), token);
        return { ...(await mined({ provider }, await hub.withdraw(token, to))), amountWei };
    });
}

/** Where a request stands now. */
export async function requestState(
    { provider, deployment }: Omit<ActingOn, "signer">,
    requestId: Hex,
): Promise<RequestState> {
    const { hub } = contractsOf({ deployment, runner: provider });
    const { status, cancelAt, presentMask } = await onChain(() => hub.requestOf(requestId));
    return { status: nameIn(STATUS, status), cancelAt, presentMask: Number(presentMask) };
}

/** Longer than any fee that was enough when it was offered takes to be mined. */
const MINED_TIMEOUT_MS = 600_000;

/** Waits until a transaction is in a block; throws TRANSACTION_REVERTED or, after ten minutes, TRANSACTION_PENDING. */
export async function mined(
    { provider }: { provider: Provider },
    { hash }: Pick<ContractTransactionResponse, "hash">,
): Promise<Sent> {
    const receipt = await provider.waitForTransaction(hash, 1, MINED_TIMEOUT_MS).catch((cause: unknown) => {
        if (!isError(cause, "TIMEOUT")) throw cause;
        const message = `Transaction ${hash} is not in a block yet.`;
        throw new ProtocolError({ code: "TRANSACTION_PENDING", message, cause });
    });
    if (receipt?.status !== 1) {
        throw new ProtocolError({
            code: "TRANSACTION_REVERTED",
            message: `Transaction ${hash} reverted in its block.`,
        });
    }
    return { transactionHash: toHex(hash), blockNumber: receipt.blockNumber, gasUsed: receipt.gasUsed };
}

async function requestKeyOf({ provider, deployment }: Omit<ActingOn, "signer">, requestId: Hex) {
    const { requester, salt, terms } = await recordedRequest({ provider, deployment }, requestId);
    return { requester, salt, terms: { ...terms, executors: [...terms.executors] } };
}

async function approveExactly(deps: ActingOn, { token, amountWei }: { token: Hex; amountWei: bigint }): Promise<void> {
    const erc20 = new Contract(token, erc20Abi, deps.signer);
    const spender = deps.deployment.contracts.InferenceHub;
    const allowed = z.bigint().parse(await erc20.getFunction("allowance")(await deps.signer.getAddress(), spender));
    if (allowed >= amountWei) return;
    await mined(deps, await erc20.getFunction("approve").send(spender, amountWei));
}
