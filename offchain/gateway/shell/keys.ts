import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Hex, isHex, ProtocolError, toHex } from "@assay/protocol";
import { SigningKey, Wallet } from "ethers";
import type { StatementSigner } from "./life/deps.ts";

/** Who does what; each can be lost without the others. */
export type Keys = {
    /** Sends transactions. */
    relayer: Wallet;
    /** Signs statements, and texts about them. */
    receipts: StatementSigner & { signText: (text: string) => Promise<{ signature: Hex; address: Hex }> };
    payTo: Hex;
};

/** Refuses keys that are not different ones, as far as they are known; throws GATEWAY_KEYS_NOT_SEPARATE. */
export function requireSeparate({
    relayerKey,
    receiptKey,
    payTo,
}: {
    relayerKey: Hex;
    receiptKey: Hex | undefined;
    payTo: Hex;
}): void {
    const relayer = walletOf(relayerKey, "relayer key").address;
    const receipts = receiptKey === undefined ? [] : [walletOf(receiptKey, "receipt key").address];
    const addresses = [relayer, ...receipts, payTo].map((text) => toHex(text, 20));
    if (new Set(addresses).size < addresses.length) throw new ProtocolError({ code: "GATEWAY_KEYS_NOT_SEPARATE" });
}

/** Refuses keys that are not three different ones; throws GATEWAY_KEYS_NOT_SEPARATE. */
export function separateKeys(given: { relayerKey: Hex; receiptKey: Hex; payTo: Hex }): Keys {
    requireSeparate(given);
    const { relayerKey, receiptKey, payTo } = given;
    const relayer = walletOf(relayerKey, "relayer key");
    const receipts = walletOf(receiptKey, "receipt key");
    const signing = new SigningKey(receiptKey);
    const address = toHex(receipts.address, 20);
    return {
        relayer,
        receipts: {
            address,
            sign: async (digest) => toHex(signing.sign(digest).serialized, 65),
            signText: async (text) => ({ signature: toHex(await receipts.signMessage(text), 65), address }),
        },
        payTo,
    };
}

/** The receipt key kept in a folder, made when there is none: for this account's eyes alone, and never replaced. */
export async function keptReceiptKey({ folder }: { folder: string }): Promise<Hex> {
    const file = path.join(folder, "receipt.key");
    const kept = await readKey(file);
    if (kept !== undefined) return kept;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const draft = path.join(folder, `receipt.key.${randomUUID()}.part`);
    await writeFile(draft, `${toHex(Wallet.createRandom().privateKey, 32)}\n`, {
        mode: 0o600,
        flag: "wx",
        flush: true,
    });
    try {
        // A link fails when the name is taken: of two that start at the same moment, both use the same key.
        await link(draft, file);
    } catch (cause) {
        if (!hasCode(cause, "EEXIST")) throw cause;
    } finally {
        await rm(draft, { force: true });
    }
    const made = await readKey(file);
    if (made === undefined) throw invalid(`${file} cannot be read.`);
    return made;
}

/** undefined: it is not there. */
async function readKey(file: string): Promise<Hex | undefined> {
    let text: string;
    try {
        text = (await readFile(file, "utf8")).trim();
    } catch (cause) {
        if (hasCode(cause, "ENOENT")) return undefined;
        throw invalid(`${file} cannot be read.`, cause);
    }
    if (isHex(text, 32)) return text;
    throw invalid(`${file} holds no private key.`);
}

function walletOf(key: Hex, what: string): Wallet {
    try {
        return new Wallet(key);
    } catch {
        // The value is not repeated, not even as a cause.
        throw invalid(`The ${what} is not below the order of the curve, or zero.`);
    }
}

function invalid(message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message, cause });
}

function hasCode(cause: unknown, code: string): boolean {
    return cause instanceof Error && "code" in cause && cause.code === code;
}
