import { FAMILIES, PRESENT_BITS } from "../constants.ts";
import { isProtocolError } from "../errors/ProtocolError.ts";
import { decodeGroth16 } from "../evidence.ts";
import { verifyGroth16 } from "../groth16.ts";
import { type Hex, hexToBytes, ZERO_BYTES32 } from "../hex.ts";
import { decodeIoSpec, type IoSpec, type Side } from "../ioSpec.ts";
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
    const ioSpec = decodeIoSpec(BigInt(model.ioSpec));
    const open = { input: publicBytes(ioSpec.input, input), output: publicBytes(ioSpec.output, output) };
    if (open.input === undefined || open.output === undefined) {
        return refuse("RECEIPT_PROOF_BYTES_MISSING", "The public signals are made of input and output bytes.");
    }
    const item = readProof({ data, bound: isBound(ioSpec) });
    if (item === undefined) return refuse("RECEIPT_PROOF_MALFORMED", `Proof of ${(data.length - 2) / 2} bytes.`);
    const { inputHash, outputHash } = statement;
    const { vkHash } = model;
    const signals = publicSignals({
        ...{ ioSpec, vkHash, inputHash, outputHash, c: item.c, bind: bindOf(digest) },
        ...{ input: open.input, output: open.output },
    });
    if (!verifyGroth16({ key, signals, proof: item.proof })) {
        return refuse("RECEIPT_PROOF_INVALID", "The pairing equation does not hold for this statement's signals.");
    }
    return proofFindings({ model, ioSpec, isOutputKnown: output !== undefined });
}

/** The bytes that public signals are made of: none of a committed side, undefined when those of a public one lack. */
function publicBytes({ committed }: Side, bytes: Uint8Array | undefined): Uint8Array | undefined {
    if (committed) return new Uint8Array();
    return bytes?.length ? bytes : undefined;
}

function proofFindings({
    model: { setupKind, vkHash },
    ioSpec: { input, output },
    isOutputKnown,
}: {
    model: Model;
    ioSpec: IoSpec;
    isOutputKnown: boolean;
}): Report {
    const isDevelopment = setupKind === "dev";
    const to = output.committed ? "the output that outputHash commits to" : "this output";
    const from = input.committed ? "an input that the prover knew and inputHash commits to" : "this input";
    const text = `A proof under key ${vkHash} shows that the model gives ${to} for ${from}, for this statement.`;
    return {
        present: (1 << FAMILIES.ZK_GROTH16) | (isDevelopment ? 1 << PRESENT_BITS.DEVELOPMENT : 0),
        proven: [{ subject: isOutputKnown ? "output" : "statement.outputHash", by: "proof", text }],
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
