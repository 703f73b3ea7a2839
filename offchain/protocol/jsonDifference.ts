import type { Json } from "./jcs.ts";

/** One place where two JSON values differ; `path` names it as JSONPath does. */
export type JsonDifference =
    | { path: string; change: "added"; after: Json }
    | { path: string; change: "removed"; before: Json }
    | { path: string; change: "changed"; before: Json; after: Json };

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Where two JSON values differ, in the order of their members' names. Objects and lists are compared member by member,
 * lists by position.
 *
 * @example
 * jsonDifferences({ a: 1, b: 2 }, { a: 1, b: 3 }); // [{ path: "$.b", change: "changed", before: 2, after: 3 }]
 */
export function jsonDifferences(before: Json, after: Json): JsonDifference[] {
    return differencesAt({ path: "$", before, after });
}

function differencesAt({ path, before, after }: { path: string; before: Json; after: Json }): JsonDifference[] {
    const [left, right] = [membersOf(before), membersOf(after)];
    if (left === undefined || right === undefined || Array.isArray(before) !== Array.isArray(after)) {
        return before === after ? [] : [{ path, change: "changed", before, after }];
    }
    const names = [...new Set([...left.keys(), ...right.keys()])];
    return (Array.isArray(before) ? names : names.sort()).flatMap((name) => {
        const place = `${path}${Array.isArray(before) ? `[${name}]` : nameText(name)}`;
        const [old, now] = [left.get(name), right.get(name)];
        if (old === undefined) return now === undefined ? [] : [{ path: place, change: "added", after: now }];
        if (now === undefined) return [{ path: place, change: "removed", before: old }];
        return differencesAt({ path: place, before: old, after: now });
    });
}

function membersOf(value: Json): Map<string, Json> | undefined {
    return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}

function nameText(name: string): string {
    return PLAIN_NAME.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
