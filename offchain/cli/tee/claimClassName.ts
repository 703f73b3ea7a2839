import { CLAIM_CLASSES } from "@assay/protocol";

/** COMPUTE or GATEWAY; anything else as its number. */
export function claimClassName(claimClass: number): string {
    const found = Object.entries(CLAIM_CLASSES).find(([, number]) => number === claimClass);
    return found?.[0] ?? `class ${claimClass}`;
}
