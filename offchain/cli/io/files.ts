import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { ProtocolError, plainText } from "@assay/protocol";
import { z } from "zod";

/** Reads a file whole; throws FILE_UNREADABLE. */
export async function readBytes(file: string): Promise<Uint8Array> {
    try {
        return await readFile(file);
    } catch (cause) {
        throw new ProtocolError({ code: "FILE_UNREADABLE", message: `${file} cannot be read.`, cause });
    }
}

/** How much is read at a time: what a pipe holds on Linux. */
const CHUNK_BYTES = 65_536;
/** How often a pipe that is still written to is looked at, and how long one that stays silent is waited for. */
const POLL_MS = 20;
const PATIENCE_MS = 30_000;

/**
 * Reads a file whole that somebody else may have made: a device or a pipe has no size, and may never end, or begin. A
 * pipe that nobody writes to is empty. Undefined = it has more than `mostBytes`; throws FILE_UNREADABLE.
 */
export async function readBounded({
    file,
    mostBytes,
}: {
    file: string;
    mostBytes: number;
}): Promise<Uint8Array | undefined> {
    try {
        const chunks = await firstChunks({ file, mostBytes });
        const bytes = new Uint8Array(Buffer.concat(chunks));
        return bytes.length > mostBytes ? undefined : bytes;
    } catch (cause) {
        throw new ProtocolError({ code: "FILE_UNREADABLE", message: `${file} cannot be read.`, cause });
    }
}

async function firstChunks({ file, mostBytes }: { file: string; mostBytes: number }): Promise<Uint8Array[]> {
    // Without O_NONBLOCK a named pipe is not even opened before somebody writes to it.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const chunks: Uint8Array[] = [];
    try {
        for (let left = mostBytes + 1; left > 0; ) {
            const chunk = await nextChunk({ handle, mostBytes: Math.min(left, CHUNK_BYTES) });
            if (chunk.length === 0) break;
            chunks.push(chunk);
            left -= chunk.length;
        }
    } finally {
        await handle.close();
    }
    return chunks;
}

/** What can be read now; waits for the writers of a pipe. Empty = there is no more. */
async function nextChunk({ handle, mostBytes }: { handle: FileHandle; mostBytes: number }): Promise<Uint8Array> {
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
        try {
            const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(mostBytes) });
            return buffer.subarray(0, bytesRead);
        } catch (cause) {
            if (!isNotYet(cause) || waitedMs >= PATIENCE_MS) throw cause;
            await setTimeout(POLL_MS);
        }
    }
}

function isNotYet(cause: unknown): boolean {
    return cause instanceof Error && "code" in cause && cause.code === "EAGAIN";
}

/** Far above every receipt, manifest and opening that there is. */
const MOST_JSON_BYTES = 64 * 1024 * 1024;

/** Reads a JSON file as what the schema says; throws FILE_UNREADABLE or JSON_FILE_INVALID. */
export async function readJson<S extends z.ZodType>({
    file,
    schema,
}: {
    file: string;
    schema: S;
}): Promise<z.output<S>> {
    const bytes = await readBounded({ file, mostBytes: MOST_JSON_BYTES });
    if (bytes === undefined) {
        throw new ProtocolError({ code: "JSON_FILE_INVALID", message: `${file} is longer than 64 MiB.` });
    }
    const text = Buffer.from(bytes).toString("utf8");
    try {
        return schema.parse(JSON.parse(text));
    } catch (cause) {
        const why = cause instanceof z.ZodError ? firstIssues(cause) : notJson({ text, cause });
        throw new ProtocolError({ code: "JSON_FILE_INVALID", message: `${file}: ${why}`, cause });
    }
}

/** A list of thousands of numbers in the wrong place has one fault, not thousands. */
const MOST_ISSUES = 3;

function firstIssues({ issues }: z.ZodError): string {
    const shown = z.prettifyError(new z.ZodError(issues.slice(0, MOST_ISSUES)));
    return issues.length > MOST_ISSUES ? `${shown}\nand ${issues.length - MOST_ISSUES} more.` : shown;
}

/** A parser's own words quote whatever the file has, and do not say what is most likely. */
function notJson({ text, cause }: { text: string; cause: unknown }): string {
    if (text.trim() === "") return "it is empty.";
    const why = cause instanceof Error ? plainText(cause.message) : "unreadable";
    return `it is not JSON, or not all of it (${why}).`;
}

/** Writes a file that is not there yet; throws FILE_UNWRITABLE. */
export async function writeNew({ file, bytes }: { file: string; bytes: Uint8Array }): Promise<void> {
    try {
        await writeFile(file, bytes, { flag: "wx" });
    } catch (cause) {
        throw new ProtocolError({ code: "FILE_UNWRITABLE", message: `${file} exists or cannot be written.`, cause });
    }
}

/** Writes a text file and the folders above it, a secret for the owner's eyes alone; throws FILE_UNWRITABLE. */
export async function writeText({
    file,
    text,
    isSecret = false,
    isNew = false,
}: {
    file: string;
    text: string;
    isSecret?: boolean;
    /** Of a secret: whether a file that somebody else has written meanwhile is to stay. */
    isNew?: boolean;
}): Promise<void> {
    try {
        await mkdir(path.dirname(file), { recursive: true });
        await (isSecret ? writeSecret({ file, text, isNew }) : writeFile(file, text));
    } catch (cause) {
        throw new ProtocolError({ code: "FILE_UNWRITABLE", message: `${file} cannot be written.`, cause });
    }
}

/** Beside, then in place of what was there: no crash leaves half of it, and others can read it neither before nor after. */
async function writeSecret({ file, text, isNew }: { file: string; text: string; isNew: boolean }): Promise<void> {
    const part = `${file}.${randomUUID()}.part`;
    try {
        await writeFile(part, text, { mode: 0o600, flag: "wx" });
        await (isNew ? link(part, file) : rename(part, file));
    } finally {
        await rm(part, { force: true });
    }
}
