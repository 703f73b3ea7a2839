import { commitmentOf, isCommitment, type Opening } from "../commitment.ts";
import type { ErrorCode } from "../errors/ProtocolError.ts";
import { type Hex, keccak256 } from "../hex.ts";
import { type Side, sideBytes } from "../ioSpec.ts";
import type { Case } from "./_case.ts";
import { merge, type Report, refuse } from "./verdict.ts";

/** One side of a receipt: what the statement says of it, and what the receipt brings of it. */
type Given = {
    name: "input" | "output";
    hash: Hex;
    mismatch: ErrorCode;
    bytes: Uint8Array | undefined;
    salt: Hex | undefined;
    /** Of a model version with a key, when its ioSpec can be read. */
    side: Side | undefined;
};

/** The bytes are those of the statement; a committed side is opened by bytes and salt, or stays private. */
export function checkBytes({ receipt, statement, input, output, ioSpec }: Case): Report {
    const given: Given = {
        name: "input",
        hash: statement.inputHash,
        mismatch: "RECEIPT_INPUT_MISMATCH",
        bytes: input,
        salt: receipt.inputSalt,
        side: ioSpec?.input,
    };
    const answered: Given = {
        name: "output",
        hash: statement.outputHash,
        mismatch: "RECEIPT_OUTPUT_MISMATCH",
        bytes: output,
        salt: receipt.outputSalt,
        side: ioSpec?.output,
    };
    const isFailure = statement.resultCode !== 0n;
    if (isFailure && answered.salt !== undefined) return badOpening("A failure has no output that a salt could open.");
    return merge(isFailure ? [checkSide(given)] : [checkSide(given), checkSide(answered)]);
}

/** A proof speaks of a committed side by a public signal, and signals are field elements. */
export function checkCommitments({ statement, ioSpec }: Case): Report {
    if (statement.resultCode !== 0n || ioSpec === undefined) return {};
    const { inputHash, outputHash } = statement;
    if (ioSpec.input.committed && !isCommitment(inputHash)) {
        return refuse("RECEIPT_COMMITMENT_INVALID", `inputHash ${inputHash} is no field element.`);
    }
    if (ioSpec.output.committed && !isCommitment(outputHash)) {
        return refuse("RECEIPT_COMMITMENT_INVALID", `outputHash ${outputHash} is no field element.`);
    }
    return {};
}

function checkSide(given: Given): Report {
    return given.side?.committed === true ? checkCommitted(given, given.side) : checkPublic(given);
}

function checkPublic({ name, hash, mismatch, bytes, salt }: Given): Report {
    if (salt !== undefined) return badOpening(`The ${name} is public: there is nothing that a salt could open.`);
    if (bytes === undefined) {
        return claim(name, `The ${name} is not in the receipt, only its hash.`);
    }
    const actual = keccak256(bytes);
    if (actual !== hash) return refuse(mismatch, `The ${name} hashes to ${actual}.`);
    return proven(name, `The statement commits to exactly these ${name} bytes.`);
}

function checkCommitted({ name, hash, mismatch, bytes, salt }: Given, side: Side): Report {
    if (bytes === undefined && salt === undefined) {
        return claim(name, `The ${name} stays private: the statement has its commitment, and this receipt no opening.`);
    }
    const opening = openingOf({ bytes, salt });
    if (opening === undefined) return badOpening(`Bytes and a salt, both, open the ${name}.`);
    if (opening.bytes.length !== sideBytes(side)) {
        const reason = `The opened ${name} has ${opening.bytes.length} bytes, not ${sideBytes(side)}.`;
        return refuse("RECEIPT_LENGTH_MISMATCH", reason);
    }
    const actual = commitmentOf({ side, opening });
    if (actual !== hash) return refuse(mismatch, `The opened ${name} has the commitment ${actual}.`);
    return proven(name, `Opened: the statement's commitment is to exactly these ${name} bytes.`);
}

function openingOf({ bytes, salt }: Pick<Given, "bytes" | "salt">): Opening | undefined {
    return bytes !== undefined && salt !== undefined && isCommitment(salt) ? { bytes, salt } : undefined;
}

function claim(name: Given["name"], text: string): Report {
    return { claimed: [{ subject: `statement.${name}Hash`, text }] };
}

function proven(subject: Given["name"], text: string): Report {
    return { proven: [{ subject, by: "hash", text }] };
}

function badOpening(reason: string): Report {
    return refuse("RECEIPT_OPENING_INVALID", reason);
}
