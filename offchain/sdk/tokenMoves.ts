import { type Hex, toHex } from "@assay/protocol";
import { Interface, type Log, type Provider } from "ethers";
import { z } from "zod";
import { paymentTokenAbi } from "./abi.ts";
import { onChain } from "./chainFault.ts";

const TOKEN = new Interface(paymentTokenAbi);

const hex = z.string().transform((text) => toHex(text));
const used = z.object({ authorizer: hex, nonce: hex });
const moved = z.object({ from: hex, to: hex, value: z.bigint() });

/** Tokens that an EIP-3009 authorization moved. */
export type Move = { from: Hex; to: Hex; amount: string };

/**
 * What a mined transaction moved of a token by authorizations with a nonce. Empty when the transaction is unknown,
 * failed, or used no such nonce.
 */
export async function movesOf(
    { provider }: { provider: Provider },
    { transaction, asset, nonce }: { transaction: Hex; asset: Hex; nonce: Hex },
): Promise<Move[]> {
    const mined = await onChain(() => provider.getTransactionReceipt(transaction));
    if (mined?.status !== 1) return [];
    const events = mined.logs.flatMap((log) => (toHex(log.address) === asset ? eventsOf(log) : []));
    return events.flatMap((event, at) => {
        if (event.kind !== "used" || event.nonce !== nonce) return [];
        // Right behind the use stands its transfer; other transfers of the payer are of other payments.
        const move = events[at + 1];
        if (move?.kind !== "moved" || move.from !== event.authorizer) return [];
        return [{ from: move.from, to: move.to, amount: move.value.toString() }];
    });
}

type TokenEvent = ({ kind: "used" } & z.output<typeof used>) | ({ kind: "moved" } & z.output<typeof moved>);

/** A log that only looks like one of the token's events says nothing. */
function eventsOf({ topics, data }: Log): TokenEvent[] {
    const parsed = parse({ topics, data });
    const values = parsed?.args.toObject();
    if (parsed?.name === "AuthorizationUsed") return [{ kind: "used", ...used.parse(values) }];
    return parsed?.name === "Transfer" ? [{ kind: "moved", ...moved.parse(values) }] : [];
}

function parse(log: Pick<Log, "topics" | "data">): ReturnType<typeof TOKEN.parseLog> {
    try {
        return TOKEN.parseLog(log);
    } catch {
        return null;
    }
}
