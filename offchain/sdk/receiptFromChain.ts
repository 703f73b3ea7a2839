import {
    type AttestationRecord,
    bytesToHex,
    decodeTee,
    type EnclaveFacts,
    evidenceToJson,
    type Hex,
    type HubReceipt,
    hexToBytes,
    isProtocolError,
    isTeeFamily,
    keccak256,
    ProtocolError,
    RECEIPT_VERSION,
    type RegistryFacts,
    type Statement,
    statementToJson,
    termsToJson,
    toHex,
    verifyReceipt,
    ZERO_BYTES32,
} from "@assay/protocol";
import type { Provider } from "ethers";
import { type DeliveryCall, deliveryCalls } from "./_deliveryCall.ts";
import type { Moment } from "./_events.ts";
import { blockFacts } from "./blockFacts.ts";
import { onChain } from "./chainFault.ts";
import type { Deployment } from "./deployment.ts";
import { attestationRecordOf, enclaveFactsAt } from "./enclaveFacts.ts";
import { executorFactsAt } from "./executorFacts.ts";
import { modelFactsAt } from "./modelFacts.ts";
import { type RecordedAnswer, type RecordedRequest, recordedAnswer, recordedRequest } from "./requestLog.ts";

type ChainDeps = { provider: Provider; deployment: Deployment };

/**
 * Builds the receipt of an answered request from logs and chain state alone: whoever served it is not asked. Throws
 * EVIDENCE_NOT_IN_CALLDATA when a contract put the evidence together itself: nothing that the gate accepted is in the
 * transaction's calldata.
 * @example
 * const verdict = verifyReceipt({ receipt: await receiptFromChain({ provider, deployment, requestId }) });
 */
export async function receiptFromChain({
    provider,
    deployment,
    requestId,
}: ChainDeps & { requestId: Hex }): Promise<HubReceipt> {
    return onChain(async () => {
        const deps = { provider, deployment };
        const request = await recordedRequest(deps, requestId);
        const answer = await recordedAnswer(deps, requestId);
        if (answer === undefined) {
            throw new ProtocolError({ code: "REQUEST_UNANSWERED", message: `Nobody answered ${requestId} yet.` });
        }
        const { modelId } = request.terms;
        const { executor, blockNumber, logIndex, transactionHash } = answer;
        const at = { blockNumber, logIndex };
        const registry = await registryFactsAt(deps, { modelId, executor, at });
        for await (const call of deliveryCalls(deps, { requestId, transactionHash })) {
            const enclaves = await enclavesOf(deps, {
                call,
                modelId,
                at: { ...at, timestamp: registry.blockTimestamp },
            });
            const receipt = assemble({ deployment, request, answer, call, registry, enclaves });
            if (verifyReceipt({ receipt }).accepted) return receipt;
        }
        const message = `Transaction ${transactionHash} delivered ${requestId}, but its calldata does not show the evidence.`;
        throw new ProtocolError({ code: "EVIDENCE_NOT_IN_CALLDATA", message });
    });
}

/** What the registries said of a model and an executor at a moment, with the block that was read. */
async function registryFactsAt(
    deps: ChainDeps,
    { modelId, executor, at }: { modelId: Hex; executor: Hex; at: Moment },
): Promise<RegistryFacts> {
    const { number, hash, timestamp } = await blockFacts(deps, at.blockNumber);
    return {
        blockNumber: number,
        blockHash: hash,
        blockTimestamp: timestamp,
        model: await modelFactsAt(deps, { modelId, at }),
        executor: await executorFactsAt(deps, { executor, at }),
    };
}

/** Records and documents of the enclaves that signed; an item that names none which is registered is left to the verdict. */
async function enclavesOf(
    deps: ChainDeps,
    { call, modelId, at }: { call: DeliveryCall; modelId: Hex; at: Moment & { timestamp: number } },
): Promise<{ records: EnclaveFacts[]; attestation: AttestationRecord[] }> {
    const records: EnclaveFacts[] = [];
    const attestation: AttestationRecord[] = [];
    for (const { family, data } of call.evidence) {
        const enclaveId = isTeeFamily(family) ? enclaveIdIn(data) : undefined;
        if (enclaveId === undefined) continue;
        records.push(await enclaveFactsAt(deps, { enclaveId, modelId, at }));
        const document = await attestationRecordOf(deps, { enclaveId });
        if (document !== undefined) attestation.push(document);
    }
    return { records, attestation };
}

/** Undefined for data of a wrong form. */
function enclaveIdIn(data: Hex): Hex | undefined {
    try {
        return decodeTee(data).enclaveId;
    } catch (error) {
        if (isProtocolError(error, "EVIDENCE_MALFORMED")) return undefined;
        throw error;
    }
}

/** The input from the request's event, else from the delivery; undefined when it is nowhere on chain. */
function inputOf({ request, call }: { request: RecordedRequest; call: DeliveryCall }): Hex | undefined {
    if (request.input.length > 0) return bytesToHex(request.input);
    return keccak256(hexToBytes(call.input)) === request.terms.inputHash ? call.input : undefined;
}

/** The output that was delivered; undefined for a failure and when the output is committed. */
function outputOf({ output, outputHash }: RecordedAnswer): Hex | undefined {
    if (output === undefined || hexToBytes(output).length > 0) return output;
    return keccak256(new Uint8Array()) === outputHash ? output : undefined;
}

function assemble({
    deployment,
    request,
    answer,
    call,
    registry,
    enclaves: { records, attestation },
}: {
    deployment: Deployment;
    request: RecordedRequest;
    answer: RecordedAnswer;
    call: DeliveryCall;
    registry: RegistryFacts;
    enclaves: { records: EnclaveFacts[]; attestation: AttestationRecord[] };
}): HubReceipt {
    const input = inputOf({ request, call });
    const output = outputOf(answer);
    const { contracts, chainId } = deployment;
    const { transactionHash, blockNumber, blockHash, presentMask } = answer;
    return {
        version: RECEIPT_VERSION,
        origin: "hub",
        chainId,
        gate: toHex(contracts.EvidenceGate),
        request: {
            hub: toHex(contracts.InferenceHub),
            requester: request.requester,
            salt: request.salt,
            terms: termsToJson(request.terms),
        },
        statement: statementToJson(statementOf({ request, answer })),
        ...(input === undefined ? {} : { input }),
        ...(output === undefined ? {} : { output }),
        evidence: evidenceToJson(call.evidence),
        registry: { ...registry, ...(records.length === 0 ? {} : { enclaves: records }) },
        ...(attestation.length === 0 ? {} : { attestation }),
        settlement: {
            kind: "delivery",
            transaction: transactionHash,
            blockNumber,
            blockHash,
            presentMask: Number(presentMask),
        },
    };
}

/** The statement that the evidence of a hub answer commits to, rebuilt from request and answer. */
function statementOf({ request, answer }: { request: RecordedRequest; answer: RecordedAnswer }): Statement {
    const { modelId, configHash, inputHash } = request.terms;
    return {
        requestId: request.requestId,
        modelId,
        configHash,
        inputHash,
        outputHash: answer.outputHash,
        contextHash: ZERO_BYTES32,
        executor: answer.executor,
        issuedAt: answer.issuedAt,
        round: answer.round,
        resultCode: answer.resultCode,
    };
}
