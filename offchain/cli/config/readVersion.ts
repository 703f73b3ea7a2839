import path from "node:path";
import { fileURLToPath } from "node:url";
import { configHashOf, type Hex, isProtocolError, type Json, ProtocolError } from "@assay/protocol";
import type { ConfigRecord } from "@assay/sdk";
import { z } from "zod";
import { readBounded, readBytes } from "../io/files.ts";
import type { Shell } from "../io/shell.ts";

/** Far above every prompt. */
const MOST_BYTES = 4 * 1024 * 1024;
/** A host that has not sent it all by then is as good as silent. */
const FETCH_TIMEOUT_MS = 20_000;

const json: z.ZodType<Json> = z.json();

/** A configuration as somebody keeps it, and its hash. */
export type ReadConfig = { configHash: Hex; config: Json };

/** Reads a configuration from a file; throws FILE_UNREADABLE, CONFIG_UNREADABLE. */
export async function readConfigFile({ cwd }: Pick<Shell, "cwd">, file: string): Promise<ReadConfig> {
    return parseConfig({ bytes: await readBytes(path.resolve(cwd, file)), from: file });
}

/**
 * The content of a version: one of the files when it has the version's hash, else what its URI leads to. Throws
 * CONFIG_UNREADABLE, CONFIG_HASH_MISMATCH.
 */
export async function readVersion({
    record: { version, configHash, uri },
    files,
}: {
    record: ConfigRecord;
    files: readonly ReadConfig[];
}): Promise<Json> {
    const given = files.find((file) => file.configHash === configHash);
    if (given !== undefined) return given.config;
    const from = uri === "" ? `Version ${version}, which names no URI,` : `Version ${version}`;
    if (uri === "") throw new ProtocolError({ code: "CONFIG_UNREADABLE", message: `${from} cannot be read.` });

    const read = parseConfig({ bytes: await bytesAt({ uri, from }), from });
    if (read.configHash === configHash) return read.config;
    const message = `${from} is ${configHash}; what its URI leads to is ${read.configHash}.`;
    throw new ProtocolError({ code: "CONFIG_HASH_MISMATCH", message });
}

function parseConfig({ bytes, from }: { bytes: Uint8Array; from: string }): ReadConfig {
    try {
        const config = json.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
        return { config, configHash: configHashOf(config) };
    } catch (cause) {
        if (isProtocolError(cause)) throw cause;
        throw new ProtocolError({ code: "CONFIG_UNREADABLE", message: `${from} is not JSON.`, cause });
    }
}

/** What a URI leads to. Whoever published it chose it: nothing of it is shown before its hash is right. */
async function bytesAt({ uri, from }: { uri: string; from: string }): Promise<Uint8Array> {
    try {
        const url = new URL(uri);
        const bytes = url.protocol === "file:" ? await fileBytes(url) : await fetchedBytes(url);
        if (bytes !== undefined) return bytes;
    } catch (cause) {
        const message = `${from} cannot be read at ${uri}.`;
        throw new ProtocolError({ code: "CONFIG_UNREADABLE", message, cause });
    }
    throw new ProtocolError({ code: "CONFIG_UNREADABLE", message: `${from} is longer than 4 MiB.` });
}

function fileBytes(url: URL): Promise<Uint8Array | undefined> {
    return readBounded({ file: fileURLToPath(url), mostBytes: MOST_BYTES });
}

/** Of data: and https: alone; undefined = too long. */
async function fetchedBytes(url: URL): Promise<Uint8Array | undefined> {
    if (url.protocol !== "data:" && url.protocol !== "https:") throw new Error(`${url.protocol} is not read here.`);
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`The host answered ${response.status}.`);
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
        length += chunk.length;
        if (length > MOST_BYTES) return undefined;
        chunks.push(chunk);
    }
    return new Uint8Array(Buffer.concat(chunks));
}
