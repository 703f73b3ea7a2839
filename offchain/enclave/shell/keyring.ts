import type { Hex } from "@assay/protocol";
import { createEnclaveKey, type EnclaveKey } from "./key.ts";

/**
 * The enclave's keys. A registry takes a key once, for ever, so a renewal needs another one: it is made when the first
 * document after an activation is asked for, and signs nothing but its own possession until it is activated in turn.
 */
export type Keyring = {
    /** Signs statements. */
    current: () => EnclaveKey;
    /** Is bound by documents: the current key until it was activated, a new one after that. */
    next: () => EnclaveKey;
    /** Makes a key the current one; the one before it signs no statement any more. */
    activate: (signer: Hex) => void;
};

/** Makes the first key, which is current from the start. */
export function createKeyring(): Keyring {
    let current = createEnclaveKey();
    let next: EnclaveKey | undefined = current;
    return {
        current: () => current,
        next: () => {
            next ??= createEnclaveKey();
            return next;
        },
        activate: (signer) => {
            if (next?.signer !== signer) return;
            current = next;
            next = undefined;
        },
    };
}
