import { type Hex, toHex } from "@assay/protocol";
import { contractsOf, KEY_STATE, nameIn, onChain } from "@assay/sdk";
import { formatEther } from "ethers";
import type { OpenChain } from "../chain/openChain.ts";
import { homeOf } from "../home.ts";
import type { Shell } from "../io/shell.ts";
import { createKeystore } from "../keys/keystore.ts";
import { walletOf } from "../keys/signer.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** A key this machine can act with. */
export type LocalKey = { name: string; address: Hex };

/** The keys of the keystore and of ASSAY_KEY. */
export async function localKeys(shell: Shell): Promise<LocalKey[]> {
    const stored = await createKeystore({ home: homeOf(shell) }).list();
    const { ASSAY_KEY } = shell.env;
    const given =
        ASSAY_KEY === undefined ? [] : [{ name: "ASSAY_KEY", ...walletOf({ key: ASSAY_KEY, source: "ASSAY_KEY" }) }];
    return [...given, ...stored].map(({ name, address }) => ({ name, address: toHex(address) }));
}

/** There is a key to act with. */
export function checkKeys(keys: readonly LocalKey[]): Finding {
    if (keys.length > 0) return ok("keys", keys.map(({ name, address }) => `${name} ${address}`).join(", "));
    return warn("keys", { detail: "none", fix: "assay key new NAME makes one; reading and verifying need none." });
}

/** Every key can pay for transactions. */
export async function checkBalances({ provider }: OpenChain, keys: readonly LocalKey[]): Promise<Finding[]> {
    const balances = await onChain(() => Promise.all(keys.map(({ address }) => provider.getBalance(address))));
    return keys.map(({ name, address }, at) => {
        const balance = balances[at] ?? 0n;
        if (balance > 0n) return ok(`balance of ${name}`, `${formatEther(balance)} native`);
        return warn(`balance of ${name}`, { detail: "0", fix: `Send native tokens to ${address} to act with it.` });
    });
}

/** The executor has a signing key that is valid now. */
export async function checkExecutor({ provider, deployment }: OpenChain, executor: Hex): Promise<Finding> {
    const { executors } = contractsOf({ deployment, runner: provider });
    const name = `executor ${executor}`;
    const [canSign, record, stakeWei] = await onChain(async () => [
        await executors.canSign(executor),
        await executors.keyRecord(executor),
        await executors.stakeOf(executor),
    ]);
    if (canSign) return ok(name, `signs with ${record.key}, stake ${stakeWei} wei`);
    const state = nameIn(KEY_STATE, record.state);
    const detail =
        state === "None" ? "no signing key registered" : `key ${record.key} is ${state}, outside its window or spent`;
    return fail(name, { detail, fix: "Call setKey on ExecutorRegistry from the executor's account." });
}
