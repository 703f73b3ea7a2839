import { type Hex, toHex } from "@assay/protocol";
import { onChain } from "./chainFault.ts";
import { contractsOf } from "./contracts.ts";
import { type ActingOn, mined } from "./hub.ts";

/** A year; a key that is used longer is set again, which takes one transaction. */
const VALID_SECONDS = 365n * 86_400n;

/**
 * Makes a key the signer's signing key from the newest block on, for a year, unless it is that already; whether it
 * changed anything. An earlier key is retired by it at once.
 */
export async function setSigningKey(deps: ActingOn, { key }: { key: Hex }): Promise<boolean> {
    return onChain(async () => {
        const { executors } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
        const executor = await deps.signer.getAddress();
        const record = await executors.keyRecord(executor);
        if (toHex(record.key) === toHex(key) && (await executors.canSign(executor))) return false;
        const now = BigInt((await deps.provider.getBlock("latest"))?.timestamp ?? 0);
        await mined(deps, await executors.setKey(key, now, now + VALID_SECONDS));
        return true;
    });
}
