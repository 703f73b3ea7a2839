import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A server in a process of its own, and what it prints. */
export type Child = { url: string; lines: readonly string[]; stop: () => Promise<void> };

const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));
const LISTENING = /listening on (http:\/\/\S+)/;

/** Starts a TypeScript program of this checkout, and waits until it says where it listens, on stdout or stderr. */
export async function startChild({
    script,
    args = [],
    env = {},
}: {
    /** Path from the checkout's root. */
    script: string;
    args?: readonly string[];
    env?: Record<string, string>;
}): Promise<Child> {
    const child = spawn(process.execPath, [script, ...args], {
        cwd: CHECKOUT,
        env: { ...process.env, ...env },
        stdio: ["pipe", "pipe", "pipe"],
    });
    const lines: string[] = [];
    const url = await Promise.race([urlOf(child, lines), failureOf(child, script)]);
    return {
        url,
        lines,
        stop: async () => {
            if (child.exitCode !== null || child.signalCode !== null) return;
            const closed = once(child, "close");
            child.stdin.end();
            child.kill("SIGTERM");
            await closed;
        },
    };
}

function urlOf({ stdout, stderr }: ChildProcess, lines: string[]): Promise<string> {
    return new Promise((resolve) => {
        for (const stream of [stdout, stderr]) {
            if (stream === null) continue;
            createInterface({ input: stream }).on("line", (line) => {
                lines.push(line);
                if (process.env.ASSAY_BENCH_LOG !== undefined) console.error(line);
                const url = LISTENING.exec(line)?.[1];
                if (url !== undefined) resolve(url);
            });
        }
    });
}

async function failureOf(child: ChildProcess, script: string): Promise<never> {
    const [code] = await once(child, "close");
    throw new Error(`${script} ended with ${code} before it listened; ASSAY_BENCH_LOG=1 shows why.`);
}
