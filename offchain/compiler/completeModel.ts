import { contentHash, decodeIoSpec, encodeKey, hexToBytes, SEMANTICS, vkHashOf, ZERO_BYTES32 } from "@assay/protocol";
import type { ConstraintSystem } from "./circuit/system/system.ts";
import { MODEL_FILES } from "./files.ts";
import { sha256 } from "./hash.ts";
import { proveKnownAnswer } from "./knownAnswer.ts";
import type { Manifest, ManifestDraft } from "./manifest.ts";
import { createWitnessCalculator } from "./proving/witness.ts";
import type { SetupResult } from "./setup/devSetup.ts";
import type { SetupRecord } from "./setup/transcript.ts";
import { solidityVerifier } from "./verifier/solidityVerifier.ts";

/** A compiled model without its key. */
export type PreparedModel = {
    draft: ManifestDraft;
    system: ConstraintSystem;
    /** The files that do not depend on the key. */
    files: ReadonlyMap<string, Uint8Array>;
};

/** A compiled model before it is written: every file but the manifest, and the manifest. */
export type BuiltModel = { files: Map<string, Uint8Array>; manifest: Manifest };

/** Completes a model with its key; throws KNOWN_ANSWER_WRONG when the key does not prove the model's known answer. */
export async function completeModel({
    prepared: { draft, system, files: prepared },
    setup,
    record,
}: {
    prepared: PreparedModel;
    setup: SetupResult;
    record: SetupRecord;
}): Promise<BuiltModel> {
    const { question, ...facts } = draft;
    const verifyingKey = encodeKey(setup.verifyingKey);
    const vkHash = vkHashOf(verifyingKey);
    const { input, output, proof, c } = await proveKnownAnswer({
        ioSpec: decodeIoSpec(draft.ioSpec),
        vkHash,
        verifyingKey,
        zkey: setup.zkey,
        calculator: createWitnessCalculator(system),
        input: hexToBytes(question.input),
        output: hexToBytes(question.output),
    });
    const files = new Map([...prepared, ...keyFiles(setup)]);
    const spec = {
        artifactDigest: draft.artifact.sha256,
        ioSpec: draft.ioSpec,
        schemaHash: draft.schemaHash,
        semantics: SEMANTICS.EXACT_INT,
        vkHash,
        derivedFrom: ZERO_BYTES32,
    };
    return {
        files,
        manifest: {
            ...facts,
            vkHash,
            contentHash: contentHash(spec),
            setup: record,
            knownAnswer: { input, output, proof: [...proof], ...(c === undefined ? {} : { c }) },
            files: Object.fromEntries([...files].map(([name, content]) => [name, sha256(content)])),
        },
    };
}

function keyFiles({ zkey, verifyingKey, verificationKey }: SetupResult): [string, Uint8Array][] {
    const text = (content: string) => new TextEncoder().encode(content);
    return [
        [MODEL_FILES.provingKey, zkey],
        [MODEL_FILES.verifyingKey, encodeKey(verifyingKey)],
        [MODEL_FILES.snarkjsKey, text(`${JSON.stringify(verificationKey, undefined, 2)}\n`)],
        [MODEL_FILES.verifier, text(solidityVerifier(verifyingKey))],
    ];
}
