import {
    type Attestation,
    type EnclaveBinding,
    enclaveBindingHash,
    enclaveIdOf,
    FAMILIES,
    type Hex,
    isDevelopmentChain,
    isProtocolError,
    ProtocolError,
    possessionDigest,
    recoverSigner,
} from "@assay/protocol";
import { checkDocument } from "../core/checkDocument.ts";
import type { Form } from "../core/provider.ts";
import { type AttestationRequest, FAMILY_OF } from "../shell/attester.ts";
import type { AttestedAnswer } from "./client.ts";

/** What an enclave was asked for, what it answered, and who it says it is. */
export type AnswerCheck = {
    request: AttestationRequest;
    answer: AttestedAnswer;
    form: Form;
    simulated: boolean;
    /** The measurement that the operator built; undefined = any. */
    expectedMeasurementId: Hex | undefined;
    /** Unix seconds. */
    at: number;
};

/** An enclave that may be registered. */
export type CheckedEnclave = {
    binding: EnclaveBinding;
    bindingHash: Hex;
    /** A FAMILIES number. */
    family: number;
    enclaveId: Hex;
    attestation: Attestation;
};

/**
 * Checks all that a registry will check of an answer, before any gas is spent. Throws ENCLAVE_ANSWER_INVALID,
 * ENCLAVE_ATTESTATION_INVALID, ENCLAVE_MEASUREMENT_OTHER, ENCLAVE_SIMULATED_CHAIN.
 */
export function checkAnswer(check: AnswerCheck): CheckedEnclave {
    const { request, answer, form, simulated, expectedMeasurementId, at } = check;
    const { chainId, registry } = request;
    if (simulated && !isDevelopmentChain(chainId)) {
        throw new ProtocolError({ code: "ENCLAVE_SIMULATED_CHAIN", message: `Chain ${chainId} is a real one.` });
    }
    const binding: EnclaveBinding = { ...request, ...answer.binding };
    const bindingHash = enclaveBindingHash(binding);
    const signer = possessorOf({ digest: possessionDigest({ chainId, registry, bindingHash }), answer });
    if (signer !== binding.signer) throw invalid(`its key is ${binding.signer}, and ${signer} signed`);

    const provider = { name: "the enclave", form, simulated, bindsKey: false };
    const given = { document: answer.document, collateral: answer.collateral };
    const nothing = new Uint8Array();
    const attestation = checkDocument({ provider, given, binding, publicKey: nothing, nonce: nothing, at });
    const { measurementId } = attestation;
    if (expectedMeasurementId !== undefined && measurementId !== expectedMeasurementId) {
        const message = `The enclave runs code ${measurementId}, not ${expectedMeasurementId}.`;
        throw new ProtocolError({ code: "ENCLAVE_MEASUREMENT_OTHER", message });
    }
    const family = FAMILIES[FAMILY_OF[form]];
    return { binding, bindingHash, family, enclaveId: enclaveIdOf({ ...binding, family, measurementId }), attestation };
}

function possessorOf({ digest, answer }: { digest: Hex; answer: AttestedAnswer }): Hex {
    try {
        return recoverSigner({ digest, signature: answer.possession });
    } catch (error) {
        if (isProtocolError(error, "EVIDENCE_MALFORMED")) throw invalid("its signature is none");
        throw error;
    }
}

function invalid(why: string): ProtocolError {
    return new ProtocolError({ code: "ENCLAVE_ANSWER_INVALID", message: `The enclave cannot be registered: ${why}.` });
}
