/** A fenced block of shell commands, and what its fence says beside `sh`: which terminal it is typed in. */
export type ShellBlock = { terminal: string; code: string };

/** The shell blocks of a Markdown text, in order. */
export function shellBlocks(markdown: string): ShellBlock[] {
    return [...markdown.matchAll(/^```sh(?: (\w+))?\n(.*?)^```$/gms)].map(([, terminal = "", code = ""]) => ({
        terminal,
        code,
    }));
}
