import { readFile } from "node:fs/promises";
import { ProtocolError } from "@assay/protocol";
import type { Shell } from "../io/shell.ts";

/** A secret from a file's first line, else an environment variable, else the terminal; `source` names where it was. */
export async function readSecret(
    shell: Shell,
    { file, variable, what }: { file?: string | undefined; variable: string; what: string },
): Promise<{ value: string; source: string }> {
    if (file !== undefined) return { value: firstLine(await readText(file)), source: file };
    const fromEnvironment = shell.env[variable];
    if (fromEnvironment !== undefined) return { value: fromEnvironment, source: variable };
    if (shell.askSecret !== undefined) return { value: await shell.askSecret(`${what}: `), source: "the answer" };
    throw new ProtocolError({
        code: "SECRET_MISSING",
        message: `No ${what} was given and nobody is there to type it.`,
    });
}

async function readText(file: string): Promise<string> {
    try {
        return await readFile(file, "utf8");
    } catch (cause) {
        throw new ProtocolError({ code: "FILE_UNREADABLE", message: `${file} cannot be read.`, cause });
    }
}

/** Editors end files with a newline; a secret has none. */
function firstLine(text: string): string {
    return text.split(/\r?\n/, 1)[0] ?? "";
}
