import { type Hex, isHex } from "@assay/protocol";
import { z } from "zod";
import type { BlockRef } from "../../core/state.ts";
import { read } from "./_codec.ts";
import type { Session } from "./database.ts";

/** A signed transaction. It is journalled before it is sent, so that sending it again is always possible and harmless. */
export type JournalledTransaction = {
    hash: Hex;
    nonce: number;
    /** undefined: it delivers nothing and only uses its nonce up. */
    requestId: Hex | undefined;
    raw: Uint8Array;
    maxFeeWei: bigint;
    tipWei: bigint;
    madeAtBlock: number;
};

/** A nonce that the chain has used up, by which of our transactions (undefined: by one that we do not know). */
export type SpentNonce = { nonce: number; txHash: Hex | undefined; reverted: boolean; block: BlockRef };

const hex = z.custom<Hex>((value) => isHex(value), "not hex");
const spentRows = z.array(z.object({ nonce: z.coerce.number() }));
const rows = z.array(
    z.object({
        hash: hex,
        nonce: z.coerce.number(),
        request_id: hex.nullable(),
        raw: z.instanceof(Uint8Array),
        max_fee_wei: z.coerce.bigint(),
        tip_wei: z.coerce.bigint(),
        made_at_block: z.coerce.number(),
    }),
);

/** Journals a signed transaction. */
export async function insertTransaction(session: Session, transaction: JournalledTransaction): Promise<void> {
    const { hash, nonce, requestId, raw, maxFeeWei, tipWei, madeAtBlock } = transaction;
    await session.query(
        `INSERT INTO transactions (hash, nonce, request_id, raw, max_fee_wei, tip_wei, made_at_block)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hash) DO NOTHING`,
        [hash, nonce, requestId ?? null, raw, maxFeeWei.toString(), tipWei.toString(), madeAtBlock],
    );
}

/** All transactions whose nonce is not used up, by nonce and in the order they were made. */
export async function openTransactions(session: Session): Promise<JournalledTransaction[]> {
    const json = await session.query(
        `SELECT hash, nonce, request_id, raw, max_fee_wei, tip_wei, made_at_block FROM transactions
         WHERE nonce NOT IN (SELECT nonce FROM spent_nonces) ORDER BY nonce, max_fee_wei`,
    );
    return read({ schema: rows, json }).map((row) => ({
        hash: row.hash,
        nonce: row.nonce,
        requestId: row.request_id ?? undefined,
        raw: row.raw,
        maxFeeWei: row.max_fee_wei,
        tipWei: row.tip_wei,
        madeAtBlock: row.made_at_block,
    }));
}

/** The greatest nonce that is used up; undefined if none is known to be. */
export async function lastSpentNonce(session: Session): Promise<number | undefined> {
    const json = await session.query("SELECT nonce FROM spent_nonces ORDER BY nonce DESC LIMIT 1");
    return read({ schema: spentRows, json })[0]?.nonce;
}

/** Records that a nonce is used up. */
export async function spendNonce(session: Session, { nonce, txHash, reverted, block }: SpentNonce): Promise<void> {
    await session.query(
        `INSERT INTO spent_nonces (nonce, tx_hash, reverted, block_number, block_hash) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (nonce) DO UPDATE SET tx_hash = $2, reverted = $3, block_number = $4, block_hash = $5`,
        [nonce, txHash ?? null, reverted, block.number, block.hash],
    );
}
