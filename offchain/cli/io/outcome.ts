/** What a verb ends with: `ok` decides between exit codes 0 and 1, `value` is printed with --json, `text` without. */
export type Outcome = { ok: boolean; value: unknown; text: string };

/** JSON for a machine: bigints as decimal strings, byte arrays as 0x-hex. */
export function toJson(value: unknown): string {
    return JSON.stringify(value, jsonValue, 2);
}

function jsonValue(_key: string, value: unknown): unknown {
    if (typeof value === "bigint") return value.toString();
    if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex")}`;
    return value;
}
