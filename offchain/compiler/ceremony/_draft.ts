import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeIoSpec, type Hex, isHex, ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { buildCircuit } from "../buildCircuit.ts";
import type { PreparedModel } from "../completeModel.ts";
import { CEREMONY_FILE, MODEL_FILES } from "../files.ts";
import { sha256 } from "../hash.ts";
import { analyse } from "../integer/analyse.ts";
import { decodeGraph } from "../integer/serialise.ts";
import { found } from "../integer/types.ts";
import { manifestDraft } from "../manifest.ts";

/** The key that contributions start from. */
export const START_KEY_FILE = "start.zkey";

const PREPARED_FILES = [
    MODEL_FILES.artifact,
    MODEL_FILES.graph,
    MODEL_FILES.circuit,
    MODEL_FILES.r1cs,
    MODEL_FILES.sym,
];

/** All that the directory of a ceremony holds. */
export const CEREMONY_FILES: readonly string[] = [...PREPARED_FILES, START_KEY_FILE, CEREMONY_FILE];

const hash = z.custom<Hex>((value) => isHex(value, 32));
const ceremonyFile = z.strictObject({
    version: z.literal(1),
    model: manifestDraft,
    /** sha256 of the model's files. */
    files: z.record(z.enum(PREPARED_FILES), hash),
});

/** The files of a ceremony's directory. */
export function ceremonyFiles({
    prepared: { draft, files },
    startKey,
}: {
    prepared: PreparedModel;
    startKey: Uint8Array;
}): Map<string, Uint8Array> {
    const hashes = PREPARED_FILES.map((name) => [name, sha256(found({ map: files, name }))]);
    const state = ceremonyFile.encode({ version: 1, model: draft, files: Object.fromEntries(hashes) });
    const text = `${JSON.stringify(state, undefined, 2)}\n`;
    return new Map([...files, [START_KEY_FILE, startKey], [CEREMONY_FILE, new TextEncoder().encode(text)]]);
}

/**
 * The model of a ceremony that was started. Throws CEREMONY_DIR_INVALID when a file is missing, was changed, or when this
 * version of the compiler makes another circuit of the graph.
 */
export async function readCeremony(dir: string): Promise<PreparedModel> {
    const { model, files: hashes } = await readState(dir);
    const files = new Map<string, Uint8Array>();
    for (const name of PREPARED_FILES) {
        const content = await readPart({ dir, name });
        if (sha256(content) !== hashes[name]) throw invalid({ dir, why: `${name} was changed` });
        files.set(name, content);
    }
    const graph = decodeGraph(new TextDecoder().decode(found({ map: files, name: MODEL_FILES.graph })));
    const ioSpec = decodeIoSpec(model.ioSpec);
    const { r1cs, system } = buildCircuit({ analysis: analyse(graph), ioSpec, name: model.name });
    if (sha256(r1cs) !== hashes[MODEL_FILES.r1cs]) {
        throw invalid({ dir, why: "this version of the compiler makes another circuit" });
    }
    return { draft: model, system, files };
}

async function readState(dir: string): Promise<z.output<typeof ceremonyFile>> {
    const text = new TextDecoder().decode(await readPart({ dir, name: CEREMONY_FILE }));
    try {
        return ceremonyFile.parse(JSON.parse(text));
    } catch (cause) {
        const why = cause instanceof z.ZodError ? z.prettifyError(cause).slice(0, 500) : String(cause);
        throw invalid({ dir, why: `${CEREMONY_FILE}: ${why}`, cause });
    }
}

async function readPart({ dir, name }: { dir: string; name: string }): Promise<Uint8Array> {
    try {
        return new Uint8Array(await readFile(join(dir, name)));
    } catch (cause) {
        throw invalid({ dir, why: `${name} cannot be read`, cause });
    }
}

function invalid({ dir, why, cause }: { dir: string; why: string; cause?: unknown }): ProtocolError {
    return new ProtocolError({ code: "CEREMONY_DIR_INVALID", message: `${dir}: ${why}.`, cause });
}
