import { quoted } from "../_bytes.ts";
import { AttestationFault, requireThat } from "../_fault.ts";

/** Strings, and the characters that give JSON its structure; everything between them is scalars and spaces. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * Parses JSON in which no object has one name twice: JSON.parse would take the last, another reader the first, and two
 * readers would see two documents under one signature. Fault: CollateralInvalid.
 */
export function parseStrictJson(text: string, what: string): unknown {
    const value = parse(text, what);
    const open: (Set<string> | undefined)[] = []; // names of each open object; undefined = an array
    let isName = false;
    for (const [token] of text.matchAll(TOKENS)) {
        const names = open.at(-1);
        if (token === "{") open.push(new Set());
        else if (token === "[") open.push(undefined);
        else if (token === "}" || token === "]") open.pop();
        else if (token.startsWith('"') && isName && names !== undefined)
            addName(names, String(JSON.parse(token)), what);
        isName = token === "{" || (token === "," && names !== undefined);
    }
    return value;
}

function addName(names: Set<string>, name: string, what: string): void {
    const shown = quoted(new TextEncoder().encode(name));
    requireThat(!names.has(name), "CollateralInvalid", `${what} has ${shown} twice.`);
    names.add(name);
}

function parse(text: string, what: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        throw new AttestationFault({ code: "CollateralInvalid", reason: `${what} is not JSON.` });
    }
}
