import { FAMILIES, PRESENT_BITS } from "../constants.ts";
import { isProtocolError } from "../errors/ProtocolError.ts";
import { decodeGroth16 } from "../evidence.ts";
import { verifyGroth16 } from "../groth16.ts";
import { type Hex, hexToBytes, ZERO_BYTES32 } from "../hex.ts";
import { decodeIoSpec } from "../ioSpec.ts";
import { lintKey } from "../keyLint.ts";
import { bindOf } from "../statement.ts";
import { isBound, publicSignals, signalCount } from "../words.ts";
import type { Case } from "./_case.ts";
import { type Report, refuse } from "./verdict.ts";

/** ZK_GROTH16: the proof verifies under the model's key for signals rebuilt from input, output and digest. */
export function checkProof(examined: Case, data: Hex): Report {
    const { receipt, statement, input, output, digest, chain } = examined;
    const { model } = receipt.registry;
    if (statement.resultCode !== 0n || statement.configHash !== ZERO_BYTES32) {
        return refuse("RECEIPT_ZK_NOT_APPLICABLE", "The circuit knows neither failures nor configurations.");
    }
    if (model.vkHash === ZERO_BYTES32) return refuse("RECEIPT_MODEL_HAS_NO_KEY", `Model ${statement.modelId}.`);
    if (model.broken || chain?.model?.broken || chain?.latest?.modelBroken) {
        return refuse("RECEIPT_MODEL_BROKEN", `Somebody proved two outputs for one input under ${model.vkHash}.`);
    }
    const key = soundKey(model);
    if (!(key instanceof Uint8Array)) return key;
    if (!input?.length || output === undefined) {
        return refuse("RECEIPT_PROOF_BYTES_MISSING", "The public signals are made of input and output bytes.");
    }
    const ioSpec = decodeIoSpec(BigInt(model.ioSpec));
    const item = readProof({ data, bound: isBound(ioSpec) });
    if (item === undefined) return refuse("RECEIPT_PROOF_MALFORMED", `Proof of ${(data.length - 2) / 2} bytes.`);
    const parts = { ioSpec, vkHash: model.vkHash, input, output, bind: bindOf(digest), c: item.c };
    if (!verifyGroth16({ key, signals: publicSignals(parts), proof: item.proof })) {
        return refuse("RECEIPT_PROOF_INVALID", "The pairing equation does not hold for this statement's signals.");
    }
    return proofFindings(model);
}

function proofFindings({ setupKind, vkHash }: Model): Report {
    const isDevelopment = setupKind === "dev";
    const text = `A proof under key ${vkHash} shows that the model gives this output for this input, for this statement.`;
    return {
        present: (1 << FAMILIES.ZK_GROTH16) | (isDevelopment ? 1 << PRESENT_BITS.DEVELOPMENT : 0),
        proven: [{ subject: "output", by: "proof", text }],
        warnings: isDevelopment
            ? [
                  {
                      code: "RECEIPT_DEV_SETUP",
                      text: "DEVELOPMENT SETUP: its secrets are public, anybody can forge proofs.",
                  },
              ]
            : [],
    };
}

/** The receipt's key bytes, which are those of vkHash, if they are sound; or what is wrong with them. */
function soundKey({ verifyingKey, vkHash, ioSpec }: Model): Uint8Array | Report {
    if (verifyingKey === undefined) return refuse("RECEIPT_VERIFYING_KEY_MISSING", `Wanted is the key ${vkHash}.`);
    const key = hexToBytes(verifyingKey);
    const [fault] = lintKey(key, { signals: signalCount(decodeIoSpec(BigInt(ioSpec))) });
    return fault === undefined ? key : refuse("RECEIPT_VERIFYING_KEY_UNSOUND", `${fault.fault} (${fault.index}).`);
}

type Model = Case["receipt"]["registry"]["model"];

function readProof({ data, bound }: { data: Hex; bound: boolean }): ReturnType<typeof decodeGroth16> | undefined {
    try {
        const item = decodeGroth16(data);
        return (item.c !== undefined) === bound ? item : undefined;
    } catch (error) {
        if (isProtocolError(error, "EVIDENCE_MALFORMED") || isProtocolError(error, "PROOF_MALFORMED")) return undefined;
        throw error;
    }
}
