import { isDevelopmentChain, ProtocolError } from "@assay/protocol";

import { isHexString, type Provider, Wallet } from "ethers";
import { z } from "zod";
import { homeOf } from "../home.ts";
import type { Shell } from "../io/shell.ts";
import type { OptionSpec } from "../verb.ts";
import { createKeystore } from "./keystore.ts";
import { readPassword } from "./password.ts";

/** The options of every verb that signs or pays. */
export const signerOptions: readonly OptionSpec[] = [
    { flags: "--account <name>", about: "key of the keystore to use (default: the only one)" },
    { flags: "--password-file <file>", about: "file whose first line is the key's password (else ASSAY_PASSWORD)" },
    { flags: "--private-key <hex>", about: "key itself, on chains 31337 and 1337 only (else ASSAY_KEY)" },
];

/** What `signerOptions` are parsed into. */
export const signerShape = {
    account: z.string().optional(),
    passwordFile: z.string().optional(),
    privateKey: z.string().optional(),
};

/** Where a verb's key comes from. */
export type SignerChoice = z.output<z.ZodObject<typeof signerShape>>;

/** The wallet a verb acts with, connected to the node; see `resolveKey`. */
export async function resolveSigner(
    { shell, provider, chainId }: { shell: Shell; provider: Provider; chainId: number },
    choice: SignerChoice,
): Promise<Wallet> {
    return (await resolveKey({ shell, chainId }, choice)).connect(provider);
}

/** The key chosen: its value (development chains only), a name, the environment, or the keystore's only key. */
export async function resolveKey(
    { shell, chainId }: { shell: Shell; chainId: number },
    { account, passwordFile, privateKey, variable = "ASSAY_KEY" }: SignerChoice & { variable?: string },
): Promise<Wallet> {
    if (privateKey !== undefined) {
        refuseOnRealChain(chainId);
        return walletOf({ key: privateKey, source: "--private-key" });
    }
    const fromEnvironment = shell.env[variable];
    if (account === undefined && fromEnvironment !== undefined) {
        return walletOf({ key: fromEnvironment, source: variable });
    }
    const keystore = createKeystore({ home: homeOf(shell) });
    const name = account ?? (await onlyName(keystore));
    return keystore.open({ name, password: await readPassword(shell, { name, file: passwordFile }) });
}

/** A wallet of a key as text; the text is never repeated in an error. */
export function walletOf({ key, source }: { key: string; source: string }): Wallet {
    const hex = key.startsWith("0x") ? key : `0x${key}`;
    try {
        if (isHexString(hex, 32)) return new Wallet(hex);
    } catch {
        // Zero, or not below the curve order: as wrong as a bad length.
    }
    throw new ProtocolError({
        code: "ACCOUNT_KEY_INVALID",
        message: `${source} is not a private key (32 bytes in hex).`,
    });
}

function refuseOnRealChain(chainId: number): void {
    if (isDevelopmentChain(chainId)) return;
    throw new ProtocolError({
        code: "ACCOUNT_KEY_ON_COMMAND_LINE",
        message: `A key value on the command line is refused on chain ${chainId}: shell history and process lists show it.`,
    });
}

async function onlyName(keystore: ReturnType<typeof createKeystore>): Promise<string> {
    const [first, ...others] = await keystore.list();
    if (first !== undefined && others.length === 0) return first.name;
    throw new ProtocolError({
        code: "ACCOUNT_NOT_CHOSEN",
        message: first === undefined ? "No key was given and the keystore is empty." : "The keystore has several keys.",
    });
}
