import * as z from "zod";

/** A value of thousands of members in the wrong place has one fault, not thousands. */
const MOST_ISSUES = 3;
const MOST_CHARACTERS = 500;
const MOST_PATH_CHARACTERS = 100;

/** What is wrong with a value, in one line: "member: what; member: what". `base` is the member that holds the value. */
export function issuesText({ issues }: z.ZodError, base?: string): string {
    const told = issues.slice(0, MOST_ISSUES).map(({ path, message }) => {
        const where = pathText(path, base);
        return where === "" ? message : `${where}: ${message}`;
    });
    const rest = issues.length - told.length;
    return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ").slice(0, MOST_CHARACTERS);
}

/** The member that the first issue is about, such as "messages[0].content"; "" = the whole value. */
export function memberAt({ issues: [first] }: z.ZodError, base?: string): string {
    if (first === undefined) return base ?? "";
    const { path } = first;
    return pathText(first.code === "unrecognized_keys" ? [...path, ...first.keys.slice(0, 1)] : path, base);
}

function pathText(path: readonly PropertyKey[], base: string | undefined): string {
    return z.core.toDotPath(base === undefined ? path : [base, ...path]).slice(0, MOST_PATH_CHARACTERS);
}
