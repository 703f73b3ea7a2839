import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesToHex, decodeKey, encodeKey, fromSnarkjs, type Hex, ProtocolError, vkHashOf } from "@assay/protocol";
import { CEREMONY_FILE, MODEL_FILES } from "./files.ts";
import { sha256 } from "./hash.ts";
import { decodeGraph } from "./integer/serialise.ts";
import type { IntegerGraph } from "./integer/types.ts";
import { decodeManifest, type Manifest } from "./manifest.ts";
import { faultOfTranscript, transcriptHashOf } from "./setup/transcript.ts";
import { solidityVerifier } from "./verifier/solidityVerifier.ts";

/** A compiled model on disk. */
export type CompiledModel = { dir: string; manifest: Manifest; graph: IntegerGraph };

/**
 * Reads a compiled model directory; throws MODEL_DIR_INVALID when a file is missing or is not the manifest's, or when
 * the forms of the verifying key are not of one key.
 */
export async function loadModel(dir: string): Promise<CompiledModel> {
    await requireFinished(dir);
    const manifest = decodeManifest(await readText({ dir, file: MODEL_FILES.manifest }));
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
    requireTranscript({ dir, manifest });
    await requireOneKey({ dir, manifest });
    const graph = decodeGraph(await readText({ dir, file: MODEL_FILES.graph }));
    return { dir, manifest, graph };
}

/** The key of a ceremony under way is no key: anybody can forge proofs for its start. */
async function requireFinished(dir: string): Promise<void> {
    const isUnderWay = await access(join(dir, CEREMONY_FILE)).then(
        () => true,
        () => false,
    );
    if (isUnderWay) throw invalid({ dir, why: "its ceremony is not finished: assay ceremony finish" });
}

/** What is registered of a setup for real chains is the hash of its transcript, which speaks of this circuit. */
function requireTranscript({ dir, manifest: { setup, files } }: { dir: string; manifest: Manifest }): void {
    if (setup.kind === "dev") return;
    const { transcript, transcriptHash, kind } = setup;
    const fault = faultOfTranscript({ kind, contributions: transcript.contributions });
    if (fault !== undefined) throw invalid({ dir, why: `its setup: ${fault}` });
    if (transcriptHashOf(transcript) !== transcriptHash) throw invalid({ dir, why: "transcriptHash is of another" });
    if (transcript.r1cs !== files[MODEL_FILES.r1cs])
        throw invalid({ dir, why: "the transcript is of another circuit" });
}

/** Whoever deploys the contract or verifies with snarkjs must verify by the registered key. */
async function requireOneKey({ dir, manifest }: { dir: string; manifest: Manifest }): Promise<void> {
    const key = await readPart({ dir, file: MODEL_FILES.verifyingKey });
    const [contract, json] = [MODEL_FILES.verifier, MODEL_FILES.snarkjsKey];
    if (vkHashOf(key) !== manifest.vkHash) throw invalid({ dir, why: `${MODEL_FILES.verifyingKey} is of another key` });
    if ((await readText({ dir, file: contract })) !== solidityVerifier(decodeKey(key))) {
        throw invalid({ dir, why: `${contract} is not of the verifying key` });
    }
    if (snarkjsKeyOf(await readText({ dir, file: json })) !== bytesToHex(key)) {
        throw invalid({ dir, why: `${json} is not of the verifying key` });
    }
}

/** undefined: it is no key at all. */
function snarkjsKeyOf(text: string): Hex | undefined {
    try {
        return bytesToHex(encodeKey(fromSnarkjs(JSON.parse(text))));
    } catch {
        return undefined;
    }
}

async function readText(part: { dir: string; file: string }): Promise<string> {
    return new TextDecoder().decode(await readPart(part));
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
