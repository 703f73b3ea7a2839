import { isAddress, Transaction } from "ethers";
import * as z from "zod";

const sent = z
    .object({ params: z.array(z.unknown()) })
    .optional()
    .catch(undefined);
/** Where ethers keeps what it asked a node for: signed bytes or named members, itself or as what was sent. */
const told = z.object({
    transaction: z.unknown().optional(),
    payload: sent,
    info: z.object({ payload: sent }).optional().catch(undefined),
});
const members = z.object({ from: z.string(), chainId: z.unknown().optional() });
const number = z.union([z.bigint(), z.int(), z.string().regex(/^(0x[0-9a-fA-F]+|\d+)$/)]).transform(BigInt);

/** Who was to pay for a transaction that a node refused, and on which chain; a part is left out where nobody says it. */
export type Payer = { account: string; chainId: bigint | undefined };

/** The payer of the transaction that an error of ethers speaks of; undefined when it does not tell. */
export function payerOf(error: Error): Payer | undefined {
    const { data } = told.safeParse(error);
    const said = [data?.transaction, data?.info?.payload?.params[0], data?.payload?.params[0]];
    return said.map(readPayer).find((payer) => payer !== undefined);
}

function readPayer(said: unknown): Payer | undefined {
    const { data } = members.safeParse(typeof said === "string" ? signed(said) : said);
    if (data === undefined || !isAddress(data.from)) return undefined;
    // A signature for any chain is for chain 0.
    return { account: data.from, chainId: number.safeParse(data.chainId).data || undefined };
}

function signed(bytes: string): Transaction | undefined {
    try {
        return Transaction.from(bytes);
    } catch {
        return undefined;
    }
}
