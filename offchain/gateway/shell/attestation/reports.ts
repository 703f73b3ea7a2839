import { createEnclaveClient } from "@assay/executor/enclaves";
import {
    type AttestationRecord,
    type EnclaveFacts,
    FAMILIES,
    type Hex,
    isProtocolError,
    type JsonObject,
    ProtocolError,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { attestationRecordOf, contractsOf, type Deployment, enclaveFactsAt, onChain } from "@assay/sdk";
import type { Provider } from "ethers";
import type { AttestationQuestion } from "../http/parts.ts";
import { type Pulse, takePulse } from "./pulse.ts";

/** What reports are made of. */
export type ReportParts = {
    /** Where the executor's enclaves are. */
    enclaves: readonly string[];
    provider: Provider;
    deployment: Deployment;
    fetch: typeof globalThis.fetch;
};

/** An enclave that may attest a model, as the chain and it itself show. */
type Found = { facts: EnclaveFacts; record: AttestationRecord; pulse: Pulse | undefined };

/**
 * Reports of the enclaves behind a model, in the shape that verifiers of NEAR AI and Phala read. The document is the one
 * that the key was registered by; a nonce is answered by that key. Throws GATEWAY_ATTESTATION_NONE, GATEWAY_ATTESTATION_FAILED.
 */
export function createReports(parts: ReportParts): (question: AttestationQuestion) => Promise<JsonObject> {
    return async (question) => {
        const found: Found[] = [];
        for (const url of parts.enclaves) {
            const one = await look(parts, { ...question, url });
            if (one !== undefined) found.push(one);
        }
        if (found.length === 0) throw new ProtocolError({ code: "GATEWAY_ATTESTATION_NONE" });
        const attestations = found.map((one) => attestationJson(one, question));
        // The gateway itself runs in no enclave; of several enclaves simple verifiers look at the first.
        return { ...attestations[0], gateway_attestation: null, model_attestations: attestations };
    };
}

/** undefined: it is not reached, not registered, may not attest this model, or is not the one asked for. */
async function look(
    { provider, deployment, fetch }: ReportParts,
    { url, model, nonce, signer: wanted }: AttestationQuestion & { url: string },
): Promise<Found | undefined> {
    const signer = await signerOf({ url, fetch });
    if (signer === undefined || (wanted !== undefined && wanted !== signer)) return undefined;
    const { enclaves } = contractsOf({ deployment, runner: provider });
    const enclaveId = toHex(await onChain(() => enclaves.enclaveOf(signer)), 32);
    if (enclaveId === ZERO_BYTES32) return undefined;
    const block = await onChain(() => provider.getBlock("latest"));
    const at = { blockNumber: block?.number ?? 0, timestamp: block?.timestamp ?? 0 };
    const chain = { provider, deployment };
    const facts = await enclaveFactsAt(chain, { enclaveId, modelId: model.modelId, at });
    // Its code may attest the version, but does it run it? Families that are offered say so.
    const isServing = facts.mayAttest && model.families.includes(FAMILIES[facts.family]);
    const isValid = isServing && facts.standing === "live" && facts.validUntil >= at.timestamp;
    const record = isValid ? await attestationRecordOf(chain, { enclaveId }) : undefined;
    if (record === undefined) return undefined;
    const { chainId, contracts } = deployment;
    const enclave = { chainId, registry: contracts.TeeRegistry, enclaveId, signer };
    const pulse =
        nonce === undefined ? undefined : await takePulse({ url, fetch, nonce: toHex(`0x${nonce}`, 32), enclave });
    return { facts, record, pulse };
}

async function signerOf({ url, fetch }: { url: string; fetch: typeof globalThis.fetch }): Promise<Hex | undefined> {
    try {
        const { signer } = await createEnclaveClient({ url, fetch }).identity({ signal: new AbortController().signal });
        return signer;
    } catch (error) {
        const isAway =
            isProtocolError(error, "EXECUTOR_ENCLAVE_UNREACHABLE") ||
            isProtocolError(error, "EXECUTOR_ENCLAVE_REFUSED");
        if (isAway) return undefined;
        throw error;
    }
}

function attestationJson({ facts, record, pulse }: Found, { model, nonce }: AttestationQuestion): JsonObject {
    const { document, ...registered } = record;
    const isTdx = FAMILIES[facts.family] === FAMILIES.TEE_TDX;
    return {
        model_name: model.name,
        signing_address: facts.signer,
        signing_algo: "ecdsa",
        request_nonce: nonce ?? null,
        intel_quote: isTdx ? document.slice(2) : null,
        nitro_document: facts.family === "TEE_NITRO" ? document.slice(2) : null,
        nvidia_payload: null,
        /** What the document binds the key to, and what the registry says of it. */
        info: { ...registered, ...facts },
        /** EIP-712 heartbeat of that key over the nonce, in the place of a block that cannot be. */
        liveness: pulse ?? null,
    };
}
