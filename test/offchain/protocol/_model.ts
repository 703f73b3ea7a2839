import {
    bindOf,
    bytesToHex,
    contentHash,
    decodeKey,
    dtypeOf,
    type Evidence,
    encodeGroth16,
    encodeIoSpec,
    encodeKey,
    encodeTensor,
    type Hex,
    hexToBytes,
    isBound,
    keccak256,
    type ModelFacts,
    modelIdOf,
    modelSpecOf,
    publicSignals,
    type Side,
    type Statement,
    schemaHashOf,
    statementDigest,
    uintToHex,
    vkHashOf,
    wordCount,
    ZERO_BYTES32,
} from "@assay/protocol";
import { forgeKey, forgeProof } from "../../support/forgeableKey.ts";

/** A model version whose proofs are forged from known secrets, as a receipt speaks of it. */
export interface KnownModel {
    facts: ModelFacts;
    modelId: Hex;
    input: Uint8Array;
    output: Uint8Array;
    prove: (parts: { chainId: number; gate: Hex; statement: Statement }) => Evidence;
}

const OWNER: Hex = `0x${"0a".repeat(20)}`;
/** Stands for the circuit's commitment to its words; with forged proofs any value below the field order does. */
const COMMITMENT = 12345678901234567890n;

/** Two words: 8 uint8 in, one int64 out. */
export function packedModel(changes: Partial<ModelFacts> = {}): KnownModel {
    const input = Uint8Array.from([0, 1, 2, 3, 250, 251, 252, 253]);
    const output = encodeTensor({ dtype: "int64", values: [-3n] });
    return knownModel({
        seed: 11,
        input: { dtype: "uint8", bytes: input },
        output: { dtype: "int64", bytes: output },
        changes,
    });
}

/** Too many words to pack: 200 int8 in, 10 int32 out. */
export function boundModel(changes: Partial<ModelFacts> = {}): KnownModel {
    const values = Array.from({ length: 200 }, (_, i) => ((i * 37) % 256) - 128);
    const scores = Array.from({ length: 10 }, (_, i) => (i - 5) * 123456);
    return knownModel({
        seed: 12,
        input: { dtype: "int8", bytes: encodeTensor({ dtype: "int8", values }) },
        output: { dtype: "int32", bytes: encodeTensor({ dtype: "int32", values: scores }) },
        changes,
    });
}

/** The packed model under a key whose second phase was skipped: gamma equals delta. */
export function unsoundModel(): KnownModel {
    const { verifyingKey = "0x" } = packedModel().facts;
    const key = decodeKey(hexToBytes(verifyingKey));
    const unsound = encodeKey({ ...key, delta: key.gamma });
    return packedModel({ verifyingKey: bytesToHex(unsound), vkHash: vkHashOf(unsound) });
}

type Tensor = { dtype: string; bytes: Uint8Array };

function knownModel({
    seed,
    input,
    output,
    changes,
}: {
    seed: number;
    input: Tensor;
    output: Tensor;
    changes: Partial<ModelFacts>;
}): KnownModel {
    const ioSpec = { input: sideOf(input), output: sideOf(output) };
    const words = wordCount(ioSpec.input) + wordCount(ioSpec.output);
    const bound = isBound(ioSpec);
    const key = forgeKey({ seed, signalCount: bound ? 4 : words + 1 });
    const facts: ModelFacts = {
        owner: OWNER,
        artifactDigest: keccak256(Uint8Array.of(seed)),
        ioSpec: uintToHex(encodeIoSpec(ioSpec)),
        schemaHash: schemaHashOf({ seed }),
        semantics: "EXACT_INT",
        vkHash: vkHashOf(key),
        derivedFrom: ZERO_BYTES32,
        setupKind: "single",
        transcriptHash: ZERO_BYTES32,
        broken: false,
        verifyingKey: bytesToHex(key),
        ...changes,
    };
    return {
        facts,
        modelId: modelIdOf({ owner: facts.owner, contentHash: contentHash(modelSpecOf(facts)) }),
        input: input.bytes,
        output: output.bytes,
        prove(parts) {
            const bind = bindOf(statementDigest(parts));
            const c = bound ? COMMITMENT : undefined;
            const signals = publicSignals({
                ioSpec,
                vkHash: facts.vkHash,
                input: input.bytes,
                output: output.bytes,
                bind,
                c,
            });
            return encodeGroth16({ proof: forgeProof({ seed, signals }), c });
        },
    };
}

function sideOf({ dtype, bytes }: Tensor): Side {
    const { onnx, size } = dtypeOf(dtype);
    return { dtype: onnx, bits: 8 * size, committed: false, count: bytes.length / size };
}
