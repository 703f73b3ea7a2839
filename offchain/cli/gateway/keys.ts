import path from "node:path";
import { type Hex, isDevelopmentChain, ProtocolError, toHex } from "@assay/protocol";
import { decryptKeystoreJson, isKeystoreJson } from "ethers";
import { developmentAccount } from "../demo/accounts.ts";
import { readBytes } from "../io/files.ts";
import type { Shell } from "../io/shell.ts";
import { readPassword } from "../keys/password.ts";
import { walletOf } from "../keys/signer.ts";
import type { GatewayEnvironment } from "./environment.ts";
import type { GatewayInput } from "./options.ts";

/** Accounts of a development chain that act when nobody was named; the demo and other services use earlier ones. */
const RELAYER_INDEX = 8;
const PAYEE_INDEX = 9;

/** Who does what in a gateway; undefined: the gateway makes and keeps one. */
export type GatewayKeys = { relayerKey: Hex; receiptKey: Hex | undefined; payTo: Hex };

type Sources = { shell: Shell; chainId: number; env: GatewayEnvironment; input: GatewayInput };

/** Keys from files, the environment, or on development chains the command line, where well-known accounts may act, too. */
export async function gatewayKeys(sources: Sources): Promise<GatewayKeys> {
    const { chainId, env, input } = sources;
    const relayerKey = await keyOf(sources, {
        option: "--relayer-key",
        given: input.relayerKey,
        file: input.relayerKeyFile,
        fromEnvironment: env.RELAYER_KEY,
    });
    const receiptKey = await keyOf(sources, {
        option: "--receipt-key",
        given: input.receiptKey,
        file: input.receiptKeyFile,
        fromEnvironment: env.RECEIPT_KEY,
    });
    const isDevelopment = isDevelopmentChain(chainId);
    const development = (index: number) => (isDevelopment ? developmentAccount({ index }) : undefined);
    const relayer = relayerKey ?? development(RELAYER_INDEX)?.privateKey;
    const payTo = input.payTo ?? env.PAY_TO ?? development(PAYEE_INDEX)?.address;
    if (relayer === undefined) throw missing("No key of a relayer was given: --relayer-key-file or RELAYER_KEY.");
    if (payTo === undefined) throw missing("Nobody to be paid was named: --pay-to or PAY_TO.");
    return { relayerKey: toHex(relayer, 32), receiptKey, payTo: toHex(payTo, 20) };
}

async function keyOf(
    { shell, chainId, input }: Sources,
    {
        option,
        given,
        file,
        fromEnvironment,
    }: { option: string } & Record<"given" | "file" | "fromEnvironment", string | undefined>,
): Promise<Hex | undefined> {
    if (given !== undefined) {
        if (!isDevelopmentChain(chainId)) {
            const message = `${option} is refused on chain ${chainId}: shell history and process lists show it.`;
            throw new ProtocolError({ code: "ACCOUNT_KEY_ON_COMMAND_LINE", message });
        }
        return keyIn(given, option);
    }
    if (file === undefined) {
        return fromEnvironment === undefined ? undefined : keyIn(fromEnvironment, `the environment (${option})`);
    }
    const text = Buffer.from(await readBytes(path.resolve(shell.cwd, file))).toString("utf8");
    if (!isKeystoreJson(text)) return keyIn(text.split(/\r?\n/, 1)[0] ?? "", file);
    const password = await readPassword(shell, { name: file, file: input.passwordFile });
    try {
        return toHex((await decryptKeystoreJson(text, password)).privateKey, 32);
    } catch {
        throw new ProtocolError({ code: "KEYSTORE_PASSWORD_WRONG", message: `The password does not open ${file}.` });
    }
}

function keyIn(key: string, source: string): Hex {
    return toHex(walletOf({ key, source }).privateKey, 32);
}

function missing(message: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
}
