import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProtocolError } from "@assay/protocol";
import { MODEL_FILES } from "./files.ts";
import { sha256 } from "./hash.ts";
import { decodeGraph } from "./integer/serialise.ts";
import type { IntegerGraph } from "./integer/types.ts";
import { decodeManifest, type Manifest } from "./manifest.ts";

/** A compiled model on disk. */
export type CompiledModel = { dir: string; manifest: Manifest; graph: IntegerGraph };

/** Reads a compiled model directory; throws MODEL_DIR_INVALID when a file is missing or is not the manifest's. */
export async function loadModel(dir: string): Promise<CompiledModel> {
    const manifest = decodeManifest(new TextDecoder().decode(await readPart({ dir, file: MODEL_FILES.manifest })));
    await Promise.all(
        Object.entries(manifest.files).map(async ([file, hash]) => {
            if (!Object.values<string>(MODEL_FILES).includes(file))
                throw invalid({ dir, why: `${file} does not belong here` });
            if (sha256(await readPart({ dir, file })) !== hash) throw invalid({ dir, why: `${file} was changed` });
        }),
    );
    const missing = Object.values(MODEL_FILES).find(
        (file) => file !== MODEL_FILES.manifest && !(file in manifest.files),
    );
    if (missing !== undefined) throw invalid({ dir, why: `the manifest does not name ${missing}` });
    const graph = decodeGraph(new TextDecoder().decode(await readPart({ dir, file: MODEL_FILES.graph })));
    return { dir, manifest, graph };
}

async function readPart({ dir, file }: { dir: string; file: string }): Promise<Uint8Array> {
    try {
        return await readFile(join(dir, file));
    } catch (cause) {
        throw invalid({ dir, why: `${file} cannot be read`, cause });
    }
}

function invalid({ dir, why, cause }: { dir: string; why: string; cause?: unknown }): ProtocolError {
    return new ProtocolError({ code: "MODEL_DIR_INVALID", message: `${dir}: ${why}.`, cause });
}
