import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { ProtocolError } from "@assay/protocol";

/** Beside NAME.onnx, what makes it a chat model: how text becomes its tokens and back. */
const CHAT_SUFFIX = ".chat.json";

/** One model of this machine: a directory of the compiler, a plain ONNX file, or one that takes and gives text. */
export type Source = { kind: "compiled" | "plain" | "chat"; file: string; chatFile: string };

/** All models at some paths; a folder that is no compiled model stands for those in it. Throws GATEWAY_SETTINGS_INVALID. */
export async function findSources(paths: readonly string[]): Promise<Source[]> {
    const found = await Promise.all(paths.map(sourcesAt));
    return found.flat();
}

async function sourcesAt(file: string): Promise<Source[]> {
    const isFolder = await isDirectory(file);
    if (isFolder === undefined) throw invalid(`There is no model at ${file}.`);
    const one = await sourceAt({ file, isFolder });
    if (one !== undefined) return [one];
    if (!isFolder) throw invalid(`${file} is neither a directory nor an ONNX file.`);
    const entries = await readdir(file, { withFileTypes: true });
    const inside = entries
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((entry) => sourceAt({ file: path.join(file, entry.name), isFolder: entry.isDirectory() }));
    const sources = (await Promise.all(inside)).filter((source) => source !== undefined);
    if (sources.length === 0) throw invalid(`There is no model in ${file}.`);
    return sources;
}

async function sourceAt({ file, isFolder }: { file: string; isFolder: boolean }): Promise<Source | undefined> {
    if (isFolder) {
        const isCompiled = await isThere(path.join(file, "manifest.json"));
        return isCompiled ? { kind: "compiled", file, chatFile: "" } : undefined;
    }
    if (!file.endsWith(".onnx")) return undefined;
    const chatFile = file.replace(/\.onnx$/, CHAT_SUFFIX);
    return { kind: (await isThere(chatFile)) ? "chat" : "plain", file, chatFile };
}

async function isThere(file: string): Promise<boolean> {
    return (await isDirectory(file)) === false;
}

/** undefined: nothing is there. */
async function isDirectory(file: string): Promise<boolean | undefined> {
    try {
        return (await stat(file)).isDirectory();
    } catch {
        return undefined;
    }
}

function invalid(message: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
}
