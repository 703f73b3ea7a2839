import { type Hex, ProtocolError } from "@assay/protocol";
import type { AttestedBinding } from "../core/statementFault.ts";
import type { EnclaveKey } from "./key.ts";

/** What a checked document bound a key to. */
export type KeyBinding = AttestedBinding & { key: EnclaveKey; measurementId: Hex };

/** Renewals of months; older bindings have long expired on chain. */
const MOST_BINDINGS = 256;

/** The bindings that are known, by enclaveId: another challenge for the same enclave takes no more room. */
export function createBindings() {
    // The newest last.
    const bindings = new Map<Hex, KeyBinding>();
    return {
        add: (binding: KeyBinding): void => {
            bindings.delete(binding.enclaveId);
            bindings.set(binding.enclaveId, binding);
            for (const oldest of bindings.keys()) {
                if (bindings.size <= MOST_BINDINGS) break;
                bindings.delete(oldest);
            }
        },
        /** Undefined before the first one. */
        newest: (): KeyBinding | undefined => [...bindings.values()].at(-1),
        ofKey: (wanted: EnclaveKey): readonly AttestedBinding[] =>
            [...bindings.values()].filter(({ key }) => key === wanted),
        /** Throws ENCLAVE_ID_UNKNOWN. */
        of: (enclaveId: Hex): KeyBinding => {
            const binding = bindings.get(enclaveId);
            if (binding !== undefined) return binding;
            throw new ProtocolError({ code: "ENCLAVE_ID_UNKNOWN", message: `${enclaveId} was never attested here.` });
        },
    };
}
