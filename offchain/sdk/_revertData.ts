import { isHexString } from "ethers";

/** Providers wrap what a node says in one to four layers. */
const DEEPEST_LAYER = 6;
const LAYERS = ["data", "error", "info", "cause"] as const;

/** The bytes a contract reverted with, wherever a provider put them; undefined when there are none. */
export function revertData(fault: unknown, depth = 0): string | undefined {
    if (typeof fault !== "object" || fault === null || depth > DEEPEST_LAYER) return undefined;
    if ("data" in fault && isRevertData(fault.data)) return fault.data;
    for (const name of LAYERS) {
        const found: string | undefined = name in fault ? revertData(Reflect.get(fault, name), depth + 1) : undefined;
        if (found !== undefined) return found;
    }
    return undefined;
}

/** A selector and whole words. A transaction's own data can look like that too, but providers keep it elsewhere. */
function isRevertData(data: unknown): data is string {
    return typeof data === "string" && isHexString(data) && data.length >= 10 && (data.length - 10) % 64 === 0;
}
