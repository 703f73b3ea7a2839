import type { AttestationRecord, Receipt, RegistryFacts } from "@assay/protocol";
import {
    bytesToHex,
    evidenceToJson,
    RECEIPT_VERSION,
    statementToJson,
    termsToJson,
    toHex,
    uintToHex,
} from "@assay/protocol";
import type { EvidenceItem } from "../journal/evidence.ts";
import { findEvidence } from "../journal/evidence.ts";
import { saveReceipt } from "../journal/receipts.ts";
import { writeReceiptFile } from "../receiptFiles.ts";
import type { PerformStep } from "../work/performer.ts";
import { registryFacts } from "./_registryFacts.ts";
import { type Context, type Dossier, dossierOf } from "./context.ts";

/** Keeps the receipt: what was asked, stated and brought, and what the registries said in the block it was settled in. */
export function keepStep(context: Context): PerformStep {
    return async ({ requestId, signal }) => {
        const dossier = await dossierOf(context, requestId);
        const items = await findEvidence(context.database, dossier.dated.digest);
        const { modelId } = dossier.dated.statement;
        const block = dossier.state.settlement?.block;
        const facts = await registryFacts({ context, modelId, items, block, signal });
        const receipt = JSON.stringify(receiptOf({ context, dossier, items, ...facts }));
        await writeReceiptFile({ home: context.home, requestId, receipt });
        return { event: { kind: "kept" }, write: (session) => saveReceipt(session, { requestId, receipt }) };
    };
}

type Parts = {
    context: Context;
    dossier: Dossier;
    items: readonly EvidenceItem[];
    registry: RegistryFacts;
    attestation: AttestationRecord[];
};

function receiptOf({ context, dossier, items, registry, attestation }: Parts): Receipt {
    const { chainId, contracts } = context.deployment;
    const { wanted, input, output, dated } = dossier;
    const common = {
        version: RECEIPT_VERSION,
        chainId,
        gate: contracts.EvidenceGate,
        statement: statementToJson(dated.statement),
        ...(input.length === 0 ? {} : { input: bytesToHex(input) }),
        ...(output.resultCode === 0 ? { output: bytesToHex(output.output) } : {}),
        evidence: evidenceToJson(items.map(({ family, data }) => ({ family, data: bytesToHex(data) }))),
        registry,
        ...(attestation.length === 0 ? {} : { attestation }),
    } as const;
    if (wanted.origin === "hub") {
        const { requester, salt, terms } = wanted;
        const request = { hub: contracts.InferenceHub, requester, salt, terms: termsToJson(terms) };
        return { ...common, origin: "hub", request, ...settlementOf(dossier) };
    }
    const { consumer, salt, ask } = wanted;
    const signers = { executors: ask.executors.map((one) => toHex(one)), minStakeWei: ask.minStakeWei.toString() };
    return { ...common, origin: "pull", request: { consumer, salt, policy: uintToHex(ask.policy), signers } };
}

function settlementOf({ state: { settlement } }: Dossier): Pick<Receipt, "settlement"> {
    if (settlement === undefined) return {};
    const { txHash, block, presentMask = 0 } = settlement;
    const place = { transaction: txHash, blockNumber: block.number, blockHash: block.hash };
    return { settlement: { kind: "delivery", ...place, presentMask } };
}
