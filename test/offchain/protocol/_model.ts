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
    sealSide,
    signalCount,
    statementDigest,
    uintToHex,
    vkHashOf,
    ZERO_BYTES32,
} from "@assay/protocol";
import { forgeKey, forgeProof } from "../../support/forgeableKey.ts";

/** A model version whose proofs are forged from known secrets, as a receipt speaks of it. */
export interface KnownModel {
    facts: ModelFacts;
    modelId: Hex;
    input: Uint8Array;
    output: Uint8Array;
    inputHash: Hex;
    outputHash: Hex;
    /** What a receipt shows of the tensors: bytes of public sides. */
    shown: { input?: Hex; output?: Hex };
    /** What opens the committed sides, as a receipt says it. */
    opening: { input?: Hex; inputSalt?: Hex; output?: Hex; outputSalt?: Hex };
    prove: (parts: { chainId: number; gate: Hex; statement: Statement }) => Evidence;
}

const OWNER: Hex = `0x${"0a".repeat(20)}`;
/** Stands for the circuit's commitment to its words; with forged proofs any value below the field order does. */
const COMMITMENT = 12345678901234567890n;
const SALTS = { input: uintToHex(0x5a17n), output: uintToHex(0x5a18n) };

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

/** The bound model with committed sides; without a committed input it stays bound. */
export function committedModel(committed: { input?: boolean; output?: boolean }): KnownModel {
    const values = Array.from({ length: 200 }, (_, i) => ((i * 37) % 256) - 128);
    return knownModel({
        seed: 13,
        input: {
            dtype: "int8",
            bytes: encodeTensor({ dtype: "int8", values }),
            committed: committed.input ?? false,
        },
        output: {
            dtype: "int32",
            bytes: encodeTensor({ dtype: "int32", values: [5, -6, 7] }),
            committed: committed.output ?? false,
        },
        changes: {},
    });
}

/** The packed model under a key whose second phase was skipped: gamma equals delta. */
export function unsoundModel(): KnownModel {
    const { verifyingKey = "0x" } = packedModel().facts;
    const key = decodeKey(hexToBytes(verifyingKey));
    const unsound = encodeKey({ ...key, delta: key.gamma });
    return packedModel({ verifyingKey: bytesToHex(unsound), vkHash: vkHashOf(unsound) });
}

/** A model of public sides whose receipts speak of other tensors, whatever its proof says. */
export function withTensors(
    model: KnownModel,
    { input = model.input, output = model.output }: { input?: Uint8Array; output?: Uint8Array },
): KnownModel {
    const hashes = { inputHash: keccak256(input), outputHash: keccak256(output) };
    return { ...model, input, output, ...hashes, shown: { input: bytesToHex(input), output: bytesToHex(output) } };
}

type Tensor = { dtype: string; bytes: Uint8Array; committed?: boolean };

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
    const bound = isBound(ioSpec);
    const key = forgeKey({ seed, signalCount: signalCount(ioSpec) });
    const [given, answered] = [
        seal({ side: ioSpec.input, bytes: input.bytes, salt: SALTS.input }),
        seal({ side: ioSpec.output, bytes: output.bytes, salt: SALTS.output }),
    ];
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
        inputHash: given.hash,
        outputHash: answered.hash,
        shown: {
            ...(given.salt === undefined ? { input: bytesToHex(input.bytes) } : {}),
            ...(answered.salt === undefined ? { output: bytesToHex(output.bytes) } : {}),
        },
        opening: {
            ...(given.salt === undefined ? {} : { input: bytesToHex(input.bytes), inputSalt: given.salt }),
            ...(answered.salt === undefined ? {} : { output: bytesToHex(output.bytes), outputSalt: answered.salt }),
        },
        prove(parts) {
            const bind = bindOf(statementDigest(parts));
            const c = bound ? COMMITMENT : undefined;
            const signals = publicSignals({
                ioSpec,
                vkHash: facts.vkHash,
                input: given.shown,
                output: answered.shown,
                inputHash: given.hash,
                outputHash: answered.hash,
                bind,
                c,
            });
            return encodeGroth16({ proof: forgeProof({ seed, signals }), c });
        },
    };
}

/** One side with the salt that it has when it is committed. */
function seal({ side, bytes, salt: usual }: { side: Side; bytes: Uint8Array; salt: Hex }) {
    const salt = side.committed ? usual : undefined;
    return { ...sealSide({ side, bytes, salt }), salt };
}

function sideOf({ dtype, bytes, committed = false }: Tensor): Side {
    const { onnx, size } = dtypeOf(dtype);
    return { dtype: onnx, bits: 8 * size, committed, count: bytes.length / size };
}
