/** What a verb ends with: `ok` decides between exit codes 0 and 1, `value` is printed with --json, `text` without. */
export type Outcome = { ok: boolean; value: unknown; text: string };

/** Characters that a terminal obeys and that JSON.stringify leaves as they are. */
const OBEYED = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** JSON for a machine: bigints as decimal strings, byte arrays as 0x-hex; ends up on terminals too, so that those find nothing to obey. */
export function toJson(value: unknown): string {
    return JSON.stringify(value, jsonValue, 2).replaceAll(OBEYED, escaped);
}

function escaped(character: string): string {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

function jsonValue(_key: string, value: unknown): unknown {
    if (typeof value === "bigint") return value.toString();
    if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex")}`;
    return value;
}
