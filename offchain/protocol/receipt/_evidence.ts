import { FAMILIES, familyName } from "../constants.ts";
import { isTeeFamily } from "../evidence.ts";
import type { Case } from "./_case.ts";
import { checkEnclave, checkEnclaveLists } from "./_enclave.ts";
import { checkProof } from "./_proof.ts";
import { checkSignature } from "./_signature.ts";
import { merge, type Report, refuse } from "./verdict.ts";

/** Every item of evidence holds for this statement; one that does not refuses the whole receipt. */
export function checkEvidence(examined: Case): Report {
    const { evidence } = examined;
    if (evidence.length === 0) return refuse("RECEIPT_EVIDENCE_MISSING", "The list of evidence is empty.");
    const unordered = evidence.findIndex(({ family }, i) => i > 0 && family <= (evidence[i - 1]?.family ?? 0));
    if (unordered !== -1) return refuse("RECEIPT_EVIDENCE_ORDER", `Item ${unordered} is out of order.`);
    return merge([checkEnclaveLists(examined), ...items(examined)]);
}

function* items(examined: Case): Generator<Report> {
    for (const { family, data } of examined.evidence) {
        if (family === FAMILIES.SIGNED) yield checkSignature(examined, data);
        else if (family === FAMILIES.ZK_GROTH16) yield checkProof(examined, data);
        else if (isTeeFamily(family)) yield checkEnclave(examined, { family, data });
        else if (family === FAMILIES.OPTIMISTIC || family === FAMILIES.QUORUM) {
            yield refuse("RECEIPT_FAMILY_NOT_AN_ITEM", `${familyName(family)} is never an item.`);
        } else yield refuse("RECEIPT_FAMILY_UNSUPPORTED", `${familyName(family)} cannot be checked here yet.`);
    }
}
