import { isDevelopmentChain, RESULT_CODES } from "../constants.ts";
import { hexToBytes, ZERO_ADDRESS, ZERO_BYTES32 } from "../hex.ts";
import { contentHash, modelIdOf, vkHashOf } from "../ids.ts";
import { hasCommittedSide, type IoSpec, isProvable, sideBytes } from "../ioSpec.ts";
import { type Case, readIoSpec } from "./_case.ts";
import { modelSpecOf } from "./json.ts";
import { type Report, refuse } from "./verdict.ts";

/** The statement keeps the rules that the chain has for every statement, failures included. */
export function checkStatement({ receipt, output, evidence, signers }: Case): Report {
    const { executor, round, resultCode, outputHash } = receipt.statement;
    if (executor === ZERO_ADDRESS) return refuse("RECEIPT_EXECUTOR_ZERO", "Nobody answers for this statement.");
    if (round !== 0) return refuse("RECEIPT_ROUND_INVALID", `Round ${round}: there are no refuted answers yet.`);
    const issued = {
        subject: "statement.issuedAt",
        text: "When it was issued is the word of whoever made the evidence.",
    };
    if (resultCode === 0) return { claimed: [issued] };

    if (receipt.origin === "pull") return refuse("RECEIPT_FAILURE_IN_PULL", `Result code ${resultCode}.`);
    if (outputHash !== ZERO_BYTES32 || (output?.length ?? 0) > 0) {
        return refuse("RECEIPT_FAILURE_HAS_OUTPUT", `Result code ${resultCode}.`);
    }
    if (!signers.executors.includes(executor)) return refuse("RECEIPT_FAILURE_NOT_NAMED", `Executor ${executor}.`);
    if (evidence.length !== 1) return refuse("RECEIPT_FAILURE_EVIDENCE", `${evidence.length} items.`);
    const meaning = RESULT_CODES.find(({ code }) => code === resultCode)?.meaning;
    return {
        claimed: [issued, { subject: "statement.resultCode", text: "That it failed is the executor's word." }],
        warnings: [{ code: "RECEIPT_IS_FAILURE", text: `Result code ${resultCode}: ${meaning ?? "unknown here"}` }],
    };
}

/** The model version is the one of the statement, and bytes fit it. */
export function checkModel(examined: Case): Report {
    const { receipt, statement, input, output, ioSpec } = examined;
    const { model } = receipt.registry;
    const modelId = modelIdOf({ owner: model.owner, contentHash: contentHash(modelSpecOf(model)) });
    if (modelId !== statement.modelId) {
        return refuse("RECEIPT_MODEL_ID_MISMATCH", `What the receipt says of the model has the id ${modelId}.`);
    }
    const invalid = modelFault(examined);
    if (invalid !== undefined) return refuse("RECEIPT_MODEL_INVALID", invalid);
    if (model.setupKind === "dev" && !isDevelopmentChain(receipt.chainId)) {
        return refuse("RECEIPT_DEV_SETUP_FORBIDDEN", `Chain ${receipt.chainId}.`);
    }
    const keyHash = model.verifyingKey === undefined ? model.vkHash : vkHashOf(hexToBytes(model.verifyingKey));
    if (keyHash !== model.vkHash) return refuse("RECEIPT_VERIFYING_KEY_MISMATCH", `The key hashes to ${keyHash}.`);
    if (ioSpec !== undefined && statement.resultCode === 0n) {
        const wrong = lengthFault({ ioSpec, input, output });
        if (wrong !== undefined) return refuse("RECEIPT_LENGTH_MISMATCH", wrong);
    }
    return modelFindings(examined);
}

function modelFindings({ receipt, chain }: Case): Report {
    const { model } = receipt.registry;
    const text = "modelId is the hash of owner, artifact, ioSpec, schema, semantics, key and parent.";
    const content = ["owner", "artifactDigest", "ioSpec", "schemaHash", "semantics", "vkHash", "derivedFrom"];
    const registered = "That this version is registered, and its canary unbroken, is the receipt's word.";
    return {
        proven: content.map((member) => ({ subject: `registry.model.${member}`, by: "hash", text })),
        claimed: [
            ...(model.vkHash === ZERO_BYTES32 ? [] : setupClaims(model.setupKind)),
            ...(chain?.model === undefined ? [{ subject: "registry.model.broken", text: registered }] : []),
        ],
    };
}

/** How a key was made is its owner's word even on chain. */
function setupClaims(setupKind: string): { subject: string; text: string }[] {
    const text = `The model's owner says the key was made by a ${setupKind} setup; whoever knows its secrets can forge.`;
    return ["setupKind", "transcriptHash"].map((member) => ({ subject: `registry.model.${member}`, text }));
}

/** The rules of contracts/libraries/ModelRules.sol. */
function modelFault({ receipt }: Case): string | undefined {
    const { vkHash, semantics, ioSpec, setupKind, transcriptHash, artifactDigest } = receipt.registry.model;
    const hasKey = vkHash !== ZERO_BYTES32;
    if (artifactDigest === ZERO_BYTES32) return "It has no artifact.";
    if (hasKey && semantics !== "EXACT_INT") return `It has a key, but its semantics are ${semantics}.`;
    const spec = readIoSpec(BigInt(ioSpec));
    if (spec === undefined && (hasKey || BigInt(ioSpec) !== 0n)) return "Its ioSpec is not one.";
    if (hasKey && spec !== undefined && !isProvable(spec)) return "No key exists for its ioSpec.";
    if (!hasKey && spec !== undefined && hasCommittedSide(spec)) return "A side is committed, but there is no key.";
    if (hasKey === (setupKind === "none")) return `Key and setup "${setupKind}" do not fit together.`;
    const wantsTranscript = setupKind === "ceremony";
    const hasTranscript = transcriptHash !== ZERO_BYTES32;
    if (setupKind !== "single" && wantsTranscript !== hasTranscript) return "Transcript and setup do not fit together.";
    return undefined;
}

function lengthFault({ ioSpec, input, output }: { ioSpec: IoSpec } & Pick<Case, "input" | "output">) {
    const [inputBytes, outputBytes] = [sideBytes(ioSpec.input), sideBytes(ioSpec.output)];
    if (input !== undefined && input.length !== inputBytes) return `Input: ${input.length} bytes, not ${inputBytes}.`;
    if (output !== undefined && output.length !== outputBytes)
        return `Output: ${output.length} bytes, not ${outputBytes}.`;
    return undefined;
}
