import {
    describePolicy,
    describePresent,
    type EnclaveFacts,
    explainError,
    type Receipt,
    type Verdict,
} from "@assay/protocol";
import { facts } from "../io/text.ts";
import { gatewayRows } from "./gatewayRows.ts";

type Row = [name: string, value: string];

/** A receipt for people: what was asked, what was answered, with which evidence. */
export function receiptText(receipt: Receipt): string {
    return facts(receiptRows(receipt));
}

/** A verdict for people: what it comes to, what is proven, and what is only claimed. */
export function verdictText({ receipt, verdict }: { receipt: Receipt; verdict: Verdict }): string {
    const { code, reason, present, proven, claimed, warnings } = verdict;
    const head: Row[] = [
        ...receiptRows(receipt),
        ["present", describePresent(present)],
        ...verdictRows({ code, reason }),
    ];
    const findings: Row[] = [
        ...warnings.map(({ code, text }): Row => [`WARNING ${code}`, text]),
        ...grouped(proven.map(({ subject, by, text }) => ({ name: `proven by ${by}`, subject, text }))),
        ...grouped(claimed.map(({ subject, text }) => ({ name: "CLAIMED", subject, text }))),
    ];
    return `${facts(head)}\n\n${facts(findings)}`;
}

/** A refusal comes with the way out. */
function verdictRows({ code, reason }: Pick<Verdict, "code" | "reason">): Row[] {
    if (code === "ACCEPTED") return [["verdict", code]];
    const { fix } = explainError(code);
    return [["verdict", `REFUSED ${code}: ${reason}`], ...(fix === "" ? [] : [["fix", fix] satisfies Row])];
}

/** One line for all subjects of which the same is said. */
function grouped(findings: readonly { name: string; subject: string; text: string }[]): Row[] {
    const groups = Map.groupBy(findings, ({ name, text }) => JSON.stringify([name, text]));
    return [...groups.values()].flatMap((group) => {
        const [first] = group;
        if (first === undefined) return [];
        return [[first.name, `${group.map(({ subject }) => subject).join(", ")}: ${first.text}`] satisfies Row];
    });
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
