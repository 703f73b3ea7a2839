import { describePolicy, describePresent, type EnclaveFacts, type Receipt, type Verdict } from "@assay/protocol";
import { facts } from "../io/text.ts";
import { gatewayRows } from "./gatewayRows.ts";

type Row = [name: string, value: string];

/** A receipt for people: what was asked, what was answered, with which evidence. */
export function receiptText(receipt: Receipt): string {
    return facts(receiptRows(receipt));
}

/** A verdict for people: what it comes to, what is proven, and what is only claimed. */
export function verdictText({ receipt, verdict }: { receipt: Receipt; verdict: Verdict }): string {
    const { accepted, code, reason, present, proven, claimed, warnings } = verdict;
    const head: Row[] = [
        ...receiptRows(receipt),
        ["present", describePresent(present)],
        ["verdict", accepted ? "ACCEPTED" : `REFUSED ${code}: ${reason}`],
    ];
    const findings: Row[] = [
        ...warnings.map(({ code, text }): Row => [`WARNING ${code}`, text]),
        ...proven.map(({ subject, by, text }): Row => [`proven by ${by}: ${subject}`, text]),
        ...claimed.map(({ subject, text }): Row => [`CLAIMED: ${subject}`, text]),
    ];
    return `${facts(head)}\n\n${facts(findings)}`;
}

/** Who ran what, and whether any of that is real. */
function enclaveText({ family, claimClass, simulated, measurementId }: EnclaveFacts): string {
    const did = claimClass === "COMPUTE" ? "COMPUTE, the model ran inside" : "GATEWAY, it only forwarded";
    const worth = simulated ? "SIMULATED, proves nothing: " : "";
    return `${worth}${family}, ${did}, code ${measurementId}`;
}

/** Only proofs rest on a setup. */
function setupRow({ registry: { model } }: Pick<Receipt, "registry">): Row {
    return ["setup", model.setupKind === "dev" ? "DEV SETUP" : model.setupKind];
}

function receiptRows(receipt: Receipt): Row[] {
    return [...commonRows(receipt), ...(receipt.origin === "gateway" ? gatewayRows(receipt) : [])];
}

function commonRows({ origin, chainId, gate, request, statement, ...receipt }: Receipt): Row[] {
    const policy = "terms" in request ? request.terms.policy : request.policy;
    const { resultCode, executor, requestId, modelId } = statement;
    return [
        ["requestId", requestId],
        ["origin", `${origin}, chain ${chainId}, gate ${gate}`],
        ["modelId", modelId],
        ["policy", describePolicy(BigInt(policy))],
        ["executor", executor],
        ["result", resultCode === 0 ? "ok" : `failure ${resultCode}`],
        ["output", receipt.output ?? "not in the receipt"],
        ["evidence", receipt.evidence.map(({ family }) => family).join(" + ")],
        ...(receipt.registry.enclaves ?? []).map((enclave): Row => ["enclave", enclaveText(enclave)]),
        ...(receipt.evidence.some(({ family }) => family === "ZK_GROTH16") ? [setupRow(receipt)] : []),
    ];
}
