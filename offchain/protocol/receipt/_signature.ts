import { FAMILIES } from "../constants.ts";
import { isProtocolError } from "../errors/ProtocolError.ts";
import { recoverSigner } from "../evidence.ts";
import type { Hex } from "../hex.ts";
import type { Case } from "./_case.ts";
import { type Report, refuse } from "./verdict.ts";

/** SIGNED: the key that the executor had at the receipt's block signed the statement's digest. */
export function checkSignature(examined: Case, signature: Hex): Report {
    const { receipt, signers, digest } = examined;
    if (signers.executors.length === 0 && signers.minStakeWei === 0n) {
        return refuse("RECEIPT_SIGNERS_UNSPECIFIED", "Anybody could have signed.");
    }
    const record = receipt.registry.executor;
    if (record === undefined) return refuse("RECEIPT_SIGNING_KEY_MISSING", "It has no record of the executor.");
    const signer = tryRecover({ digest, signature });
    if (signer === undefined) return refuse("RECEIPT_SIGNATURE_MALFORMED", `Signature ${signature.slice(0, 150)}.`);
    if (signer !== record.signingKey) {
        return refuse("RECEIPT_SIGNATURE_WRONG", `Signed by ${signer}, not by ${record.signingKey}.`);
    }
    return keyFault(examined, record) ?? signatureFindings(examined, record.signingKey);
}

function keyFault({ receipt, chain }: Case, { state, notBefore, notAfter }: KeyRecord): Report | undefined {
    const { blockTimestamp } = receipt.registry;
    if (state === "compromised") return refuse("RECEIPT_KEY_COMPROMISED", "At the block that was read.");
    if (chain?.latest?.keyState === "compromised") return refuse("RECEIPT_KEY_COMPROMISED", "Reported since.");
    if (state === "active" && notBefore <= blockTimestamp && blockTimestamp <= notAfter) return undefined;
    const window = `${notBefore} to ${notAfter}, read at ${blockTimestamp}`;
    return refuse("RECEIPT_KEY_NOT_VALID", `The key is ${state}, valid ${window}.`);
}

function signatureFindings({ receipt, chain }: Case, key: Hex): Report {
    const { executor } = receipt.statement;
    const belongs = `That ${key} was the valid key of executor ${executor} is the receipt's word.`;
    const members = ["signingKey", "notBefore", "notAfter", "state"];
    return {
        present: 1 << FAMILIES.SIGNED,
        proven: [{ subject: "statement", by: "signature", text: `Key ${key} signed the whole statement.` }],
        claimed:
            chain?.executor === undefined
                ? members.map((member) => ({ subject: `registry.executor.${member}`, text: belongs }))
                : [],
        warnings:
            chain?.latest?.keyState === "retired"
                ? [{ code: "RECEIPT_KEY_RETIRED", text: `Key ${key} was retired after this statement.` }]
                : [],
    };
}

type KeyRecord = NonNullable<Case["receipt"]["registry"]["executor"]>;

function tryRecover(parts: { digest: Hex; signature: Hex }): Hex | undefined {
    try {
        return recoverSigner(parts);
    } catch (error) {
        if (isProtocolError(error, "EVIDENCE_MALFORMED")) return undefined;
        throw error;
    }
}
