import { TEMPLATE_FILES } from "./gadgets.ts";

/** What an instance may include; a model named like one of them would define it twice. */
const LIBRARY: ReadonlySet<string> = new Set([...Object.keys(TEMPLATE_FILES)].map(folded));

/** The model's name as a template name: letters and digits, PascalCase, never starting with a digit. */
export function templateName(name: string): string {
    const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
    const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
    return /^[A-Za-z]/.test(joined) && !LIBRARY.has(folded(joined)) ? joined : `Model${joined}`;
}

function folded(name: string): string {
    return name.toLowerCase();
}

/** Text from a model file inside a comment: one line of printable ASCII, so that it cannot become code. */
export function commentText(text: string): string {
    return text.replaceAll(/[^\x20-\x7e]+/g, "?").slice(0, 200);
}
