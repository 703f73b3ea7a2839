import { SETUP_KINDS } from "@assay/protocol";

/** How a key was made, as its owner says; a development key says what it is worth. */
export function setupText(kind: number): string {
    if (kind === SETUP_KINDS.dev) return "DEV SETUP: anybody can forge proofs of this key";
    return Object.entries(SETUP_KINDS).find(([, value]) => value === kind)?.[0] ?? `unknown (${kind})`;
}
