import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type ExitCode, run, type Shell } from "@assay/cli";

const LAUNCHER = fileURLToPath(new URL("../../../offchain/cli/bin/assay.mjs", import.meta.url));

/** What a command left behind. */
export type Ran = { exitCode: number; stdout: string; stderr: string; json: Json };
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever a verb printed
type Json = any;

export type Surroundings = {
    env?: Record<string, string>;
    cwd?: string;
    /** What is typed when a secret is asked for; without it nobody is there. */
    answers?: string[];
};

/** Runs a command in this process, with streams and environment of its own. */
export async function assay(argv: string[], { env = {}, cwd = tmpdir(), answers }: Surroundings = {}): Promise<Ran> {
    const out: string[] = [];
    const err: string[] = [];
    const typed = answers?.values();
    const shell: Shell = {
        env,
        cwd,
        stdout: (text) => out.push(text),
        stderr: (text) => err.push(text),
        askSecret: typed === undefined ? undefined : async () => typed.next().value ?? "",
        stopSignal: () => new AbortController().signal,
    };
    const exitCode: ExitCode = await run({ argv, shell });
    return ran({ exitCode, stdout: out.join(""), stderr: err.join("") });
}

/** Runs a command as its own process, through the launcher, as `npx assay` does. */
export function assayProcess(
    argv: string[],
    { env = {}, cwd = tmpdir(), nodeOptions = [] }: Surroundings & { nodeOptions?: string[] } = {},
): Promise<Ran> {
    const options = { cwd, env: { PATH: process.env.PATH, ...env } };
    return new Promise((resolve) => {
        execFile(process.execPath, [...nodeOptions, LAUNCHER, ...argv], options, (fault, stdout, stderr) => {
            const exitCode = fault === null ? 0 : typeof fault.code === "number" ? fault.code : -1;
            resolve(ran({ exitCode, stdout, stderr }));
        });
    });
}

/** What a failed test left running. */
const running = new Set<ChildProcess>();
after(() => {
    for (const child of running) child.kill("SIGKILL");
});

/** A command that goes on until it is stopped. */
export type Running = {
    /** Settles when stderr has held a text; rejects when the process ends without. */
    says: (text: string) => Promise<void>;
    /** What stderr has held so far. */
    told: () => string;
    /** What it left behind when it ended by itself. */
    ended: Promise<Ran>;
    stop: (signal?: NodeJS.Signals) => Promise<Ran>;
};

/** Starts `assay` as its own process. */
export function startAssay(
    argv: string[],
    { nodeOptions = [], ...surroundings }: Surroundings & { nodeOptions?: string[] } = {},
): Running {
    return startProcess({ file: process.execPath, argv: [...nodeOptions, LAUNCHER, ...argv] }, surroundings);
}

/** Starts a program as its own process. */
export function startProcess(
    { file, argv }: { file: string; argv: string[] },
    { env = {}, cwd = tmpdir() }: Surroundings = {},
): Running {
    const child = spawn(file, argv, { cwd, env: { PATH: process.env.PATH, ...env } });
    running.add(child);
    child.once("close", () => running.delete(child));
    const told = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => {
        told.stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
        told.stderr += chunk.toString();
        child.emit("told");
    });
    const ended = once(child, "close").then(([code]): Ran => ran({ exitCode: Number(code ?? -1), ...told }));
    return {
        ended,
        told: () => told.stderr,
        says: async (text) => {
            while (!told.stderr.includes(text)) {
                const first = await Promise.race([once(child, "told").then(() => undefined), ended]);
                if (first !== undefined) throw new Error(`ended with ${first.exitCode}: ${first.stderr}`);
            }
        },
        stop: (signal = "SIGTERM") => {
            child.kill(signal);
            return ended;
        },
    };
}

/** An ASSAY_HOME of its own, removed by `remove`. */
export async function aHome(): Promise<{ home: string; remove: () => Promise<void> }> {
    const home = await mkdtemp(path.join(tmpdir(), "assay-home-"));
    return { home, remove: () => rm(home, { recursive: true, force: true }) };
}

function ran({ exitCode, stdout, stderr }: Omit<Ran, "json">): Ran {
    return { exitCode, stdout, stderr, json: parsed(stdout) };
}

function parsed(text: string): Json {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
