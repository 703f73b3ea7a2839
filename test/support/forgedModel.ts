/** Model versions whose proofs can be forged, for stories that need many proofs of a real gate. */
import {
    bindOf,
    contentHash,
    dtypeOf,
    type Evidence,
    encodeGroth16,
    encodeIoSpec,
    encodeTensor,
    type Hex,
    keccak256,
    modelIdOf,
    publicSignals,
    SEMANTICS,
    SETUP_KINDS,
    type Statement,
    statementDigest,
    unboundBind,
    vkHashOf,
    wordCount,
    ZERO_BYTES32,
} from "@assay/protocol";
import { forgeKey, forgeProof } from "./forgeableKey.ts";

/** One element type and count for input and output; few enough for packed signals. */
export type ForgedShape = { seed: number; inputs: number };

/** A version with `inputs` uint8 inputs that ends in ArgMax: one int64 output. */
export function forgedModel({ seed, inputs }: ForgedShape) {
    const input = { dtype: dtypeOf("uint8").onnx, bits: 8, committed: false, count: inputs };
    const output = { dtype: dtypeOf("int64").onnx, bits: 8, committed: false, count: 1 };
    const key = forgeKey({ seed, signalCount: wordCount(input) + wordCount(output) + 1 });
    const vkHash = vkHashOf(key);
    const spec = {
        artifactDigest: keccak256(Uint8Array.of(seed)),
        ioSpec: encodeIoSpec({ input, output }),
        schemaHash: keccak256(Uint8Array.of(inputs)),
        semantics: SEMANTICS.EXACT_INT,
        vkHash,
        derivedFrom: ZERO_BYTES32,
    };

    function proofOf({ image, answer, bind }: { image: Uint8Array; answer: Uint8Array; bind: bigint }) {
        const signals = publicSignals({ ioSpec: spec.ioSpec, vkHash, input: image, output: answer, bind });
        return forgeProof({ seed, signals });
    }

    const blank = new Uint8Array(inputs);
    const known = { input: blank, output: classBytes(0), c: 0n };
    const proof = proofOf({ image: blank, answer: known.output, bind: unboundBind(vkHash) });
    return {
        key,
        spec,
        setup: { kind: SETUP_KINDS.dev, transcriptHash: ZERO_BYTES32 },
        known: { ...known, proof: [...proof] },
        /** Id of this version when `owner` registers it. */
        modelIdFor: (owner: Hex): Hex => modelIdOf({ owner, contentHash: contentHash(spec) }),
        /** A proof bound to the statement, as evidence. */
        prove({
            chainId,
            gate,
            statement,
            input: image,
            output: answer,
        }: {
            chainId: number;
            gate: Hex;
            statement: Statement;
            input: Uint8Array;
            output: Uint8Array;
        }): Evidence {
            const bind = bindOf(statementDigest({ chainId, gate, statement }));
            return encodeGroth16({ proof: proofOf({ image, answer, bind }) });
        },
    };
}

/** Canonical output of an ArgMax model. */
export function classBytes(index: number): Uint8Array {
    return encodeTensor({ dtype: "int64", values: [BigInt(index)] });
}

export type ForgedModel = ReturnType<typeof forgedModel>;
