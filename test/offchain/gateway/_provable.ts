import {
    bindOf,
    bytesToHex,
    dtypeOf,
    type EnclaveFacts,
    enclaveIdOf,
    encodeGroth16,
    encodeIoSpec,
    encodeTee,
    FAMILIES,
    type Hex,
    hexToBytes,
    keccak256,
    publicSignals,
    toHex,
    uintToHex,
    vkHashOf,
    wordCount,
} from "@assay/protocol";
import { computeAddress, SigningKey } from "ethers";
import type { EvidenceQuestion } from "../../../offchain/gateway/core/model.ts";
import { forgeKey, forgeProof } from "../../support/forgeableKey.ts";
import { classBytes } from "../../support/forgedModel.ts";
import { account, word } from "../executor/_builders.ts";
import { aModel, CHAIN_ID, EXECUTOR, type FakeModel } from "./_life.ts";

const SEED = 5;
/** Bytes that the provable model takes. */
export const PROVABLE_TEXT = "prove";
const INPUT = { dtype: dtypeOf("uint8").onnx, bits: 8, committed: false, count: PROVABLE_TEXT.length };
const OUTPUT = { dtype: dtypeOf("int64").onnx, bits: 8, committed: false, count: 1 };
const ENCLAVE_KEY = new SigningKey(keccak256(Uint8Array.of(2)));

/** A model whose evidence is real: proofs by a forgeable development key, and signatures of an enclave. */
export function aProvableModel(families: number[] = [FAMILIES.TEE_NITRO, FAMILIES.ZK_GROTH16]): FakeModel {
    const key = forgeKey({ seed: SEED, signalCount: wordCount(INPUT) + wordCount(OUTPUT) + 1 });
    const ioSpec = encodeIoSpec({ input: INPUT, output: OUTPUT });
    const vkHash = vkHashOf(key);
    const model = aModel({
        name: "provable",
        families: [FAMILIES.SIGNED, ...families],
        facts: {
            semantics: "EXACT_INT",
            ioSpec: uintToHex(ioSpec),
            vkHash,
            setupKind: "dev",
            verifyingKey: bytesToHex(key),
        },
    });
    model.script = async ({ input }) => {
        const output = classBytes(input.reduce((sum, byte) => sum + byte, 0) % 10);
        return {
            resultCode: 0,
            output,
            usage: null,
            upstream: null,
        };
    };
    model.proof = async ({ family, digest, input, output }) =>
        hexToBytes(
            family === FAMILIES.ZK_GROTH16 ? proofOf({ ioSpec, vkHash, digest, input, output }) : enclaveSigned(digest),
        );
    return model;
}

/** What the registry says of the enclave. */
export function enclaveFacts(): EnclaveFacts {
    const registry = account(0xd0);
    const signer = toHex(computeAddress(ENCLAVE_KEY), 20);
    const measurementId = word(0x3ea);
    const family = FAMILIES.TEE_NITRO;
    return {
        enclaveId: enclaveIdOf({ chainId: CHAIN_ID, registry, family, measurementId, signer, keyEpoch: 0n }),
        registry,
        family: "TEE_NITRO",
        signer,
        operator: EXECUTOR,
        measurementId,
        keyEpoch: "0",
        claimClass: "COMPUTE",
        simulated: true,
        registeredAt: 1_600_000_000,
        validUntil: 1_800_000_000,
        standing: "live",
        mayAttest: true,
    };
}

function proofOf({
    digest,
    ...parts
}: { ioSpec: bigint; vkHash: Hex; digest: Hex } & Pick<EvidenceQuestion, "input" | "output">): Hex {
    const proof = forgeProof({ seed: SEED, signals: publicSignals({ ...parts, bind: bindOf(digest) }) });
    return encodeGroth16({ proof }).data;
}

function enclaveSigned(digest: Hex): Hex {
    const signature = toHex(ENCLAVE_KEY.sign(digest).serialized, 65);
    return encodeTee({ family: FAMILIES.TEE_NITRO, enclaveId: enclaveFacts().enclaveId, signature }).data;
}
