import type { CommanderError } from "commander";
import type { z } from "zod";

/** Thrown for what the command line itself got wrong: exit code 2. */
export class UsageError extends Error {
    readonly hint: string;

    constructor({ message, hint }: { message: string; hint: string }) {
        super(message);
        this.hint = hint;
    }
}

/** The usage error of values that do not parse. */
export function wrongUsage({ verb, issues }: { verb: string; issues: readonly z.core.$ZodIssue[] }): UsageError {
    const lines = issues.map(({ path, message }) => {
        const isWhole = path.length === 0 || message.startsWith("--"); // names its option itself, with the value given
        return isWhole ? message : `${flagOf(path)} ${say(message)}`;
    });
    return new UsageError({ message: lines.join("; "), hint: `${verb} --help` });
}

/** What a parsing fault of commander means to the user: itself when help or the version was printed, as asked for. */
export function usageOf({ verb, fault }: { verb: string; fault: CommanderError }): UsageError | CommanderError {
    if (fault.exitCode === 0) return fault;
    const message = fault.code === "commander.help" ? "a verb is missing" : fault.message.replace(/^error: /, "");
    return new UsageError({ message, hint: `${verb} --help` });
}

/** zod's words for an option that was not given mean nothing on a command line. */
function say(message: string): string {
    return message.endsWith("received undefined") ? "is missing" : `is wrong: ${message}`;
}

/** The names commander gave the options, turned back into what was typed. */
function flagOf([first, ...rest]: readonly PropertyKey[]): string {
    const name = String(first).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return rest.length === 0 ? name : `${name}[${rest.map(String).join(".")}]`;
}
