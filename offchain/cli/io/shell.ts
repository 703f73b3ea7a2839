import { askSecret } from "./_prompt.ts";

/** What a verb may touch of the world outside; tests hand in their own. */
export type Shell = {
    env: Readonly<Record<string, string | undefined>>;
    cwd: string;
    stdout: (text: string) => void;
    stderr: (text: string) => void;
    /** Asks without echo; undefined when nobody is there to answer. */
    askSecret: ((question: string) => Promise<string>) | undefined;
    /** For verbs that stop tidily: from the call on, SIGINT and SIGTERM abort it instead of ending the process. */
    stopSignal: () => AbortSignal;
};

/** The shell of a real process: its environment, streams, terminal and signals. */
export function processShell(): Shell {
    const isInteractive = process.stdin.isTTY === true && process.stderr.isTTY === true;
    return {
        env: process.env,
        cwd: process.cwd(),
        stdout: (text) => process.stdout.write(text),
        stderr: (text) => process.stderr.write(text),
        askSecret: isInteractive ? askSecret : undefined,
        stopSignal,
    };
}

function stopSignal(): AbortSignal {
    const controller = new AbortController();
    for (const name of ["SIGINT", "SIGTERM"] as const) {
        // `once`: the second signal ends the process at once.
        process.once(name, () => controller.abort());
    }
    return controller.signal;
}
