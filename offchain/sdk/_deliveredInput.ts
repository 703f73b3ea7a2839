import { type Hex, hexToBytes, keccak256, toHex } from "@assay/protocol";
import { Interface, type Provider } from "ethers";
import { z } from "zod";
import { namedValues } from "./_abiValue.ts";
import { inferenceHubAbi } from "./abi.ts";

const HUB = new Interface(inferenceHubAbi);
const fulfilArgs = z.object({ answer: z.object({ input: z.string().transform((text) => toHex(text)) }) });

/**
 * The input that a delivery brought, from its transaction: requests by URI have it nowhere else on chain. Undefined when
 * the hub was called by another contract, or when the bytes are not those asked about (they need not be given).
 */
export async function deliveredInput(
    { provider }: { provider: Provider },
    { hub, transactionHash, inputHash }: { hub: Hex; transactionHash: Hex; inputHash: Hex },
): Promise<Hex | undefined> {
    const transaction = await provider.getTransaction(transactionHash);
    if (transaction?.to == null || toHex(transaction.to) !== hub) return undefined;
    const call = HUB.parseTransaction(transaction);
    if (call?.name !== "fulfil") return undefined;
    const { answer } = fulfilArgs.parse(namedValues({ inputs: call.fragment.inputs, args: call.args }));
    return keccak256(hexToBytes(answer.input)) === inputHash ? answer.input : undefined;
}
