import { aSettlement } from "./_builders.ts";
import { abort, decidesByTable, expired, later, perform } from "./_decides.ts";

const zk = { plan: { families: [4], mayFail: false } };
const tee = { plan: { families: [1, 3], mayFail: false } };
const all = { plan: { families: [0, 2, 4], mayFail: true } };
const both = { plan: { families: [0, 4], mayFail: true } };

describe("executor core: decide on its own work", () => {
    decidesByTable({
        "the way of a request": [
            {
                it: "runs what was admitted",
                event: { kind: "admitted", plan: both.plan },
                to: { ...both, stage: "run" },
                effects: [perform("run")],
            },
            {
                it: "refuses with its reason",
                event: { kind: "refused", outcome: { code: "EXECUTOR_NOT_NAMED", detail: "" } },
                to: { stage: "refused", outcome: { code: "EXECUTOR_NOT_NAMED", detail: "" }, endedFrom: "admit" },
            },
            {
                it: "dates an output",
                from: { stage: "run" },
                event: { kind: "ran", resultCode: 0, resultName: "OK" },
                to: { stage: "date", resultCode: 0 },
                effects: [perform("date")],
            },
            {
                it: "signs when the plan says so",
                from: { stage: "date", ...both },
                event: { kind: "dated" },
                to: { stage: "sign", statements: 1 },
                effects: [perform("sign")],
            },
            {
                it: "only proves when nothing is to be signed",
                from: { stage: "date", ...zk },
                event: { kind: "dated" },
                to: { stage: "prove", statements: 1 },
                effects: [perform("prove")],
            },
            {
                it: "proves after signing",
                from: { stage: "sign", ...both },
                event: { kind: "signed" },
                to: { stage: "prove" },
                effects: [perform("prove")],
            },
            {
                it: "attests after signing, before proving",
                from: { stage: "sign", ...all },
                event: { kind: "signed" },
                to: { stage: "attest" },
                effects: [perform("attest")],
            },
            {
                it: "attests alone when nothing else is wanted",
                from: { stage: "date", ...tee },
                event: { kind: "dated" },
                to: { stage: "attest", statements: 1 },
                effects: [perform("attest")],
            },
            {
                it: "proves after attesting",
                from: { stage: "attest", ...all },
                event: { kind: "attested" },
                to: { stage: "prove" },
                effects: [perform("prove")],
            },
            {
                it: "checks what was attested",
                from: { stage: "attest", ...tee },
                event: { kind: "attested" },
                to: { stage: "check" },
                effects: [perform("check")],
            },
            {
                it: "checks after signing when nothing is to be proven",
                from: { stage: "sign" },
                event: { kind: "signed" },
                to: { stage: "check" },
                effects: [perform("check")],
            },
            {
                it: "checks what was proven",
                from: { stage: "prove", ...zk },
                event: { kind: "proved" },
                to: { stage: "check" },
                effects: [perform("check")],
            },
            {
                it: "delivers a hub request",
                from: { stage: "check" },
                event: { kind: "checked" },
                to: { stage: "deliver" },
                effects: [perform("deliver")],
            },
            {
                it: "keeps the receipt of a pull request without delivering",
                from: { stage: "check", origin: "pull", deadline: undefined },
                event: { kind: "checked" },
                to: { stage: "keep" },
                effects: [perform("keep")],
            },
            {
                it: "waits for the chain once sent",
                from: { stage: "deliver" },
                event: { kind: "sent" },
                to: { stage: "await" },
            },
            {
                it: "finishes with the receipt",
                from: { stage: "keep" },
                event: { kind: "kept" },
                to: { stage: "finished" },
            },
        ],
        "results that are failures": [
            {
                it: "signs a failure when named, and proves none",
                from: { stage: "run", ...both },
                event: { kind: "ran", resultCode: 2, resultName: "INPUT_RANGE" },
                to: { stage: "date", resultCode: 2, plan: { families: [0], mayFail: true } },
                effects: [perform("date")],
            },
            {
                it: "refuses when not named",
                from: { stage: "run" },
                event: { kind: "ran", resultCode: 1, resultName: "INPUT_SHAPE" },
                to: {
                    stage: "refused",
                    resultCode: 1,
                    outcome: { code: "EXECUTOR_RESULT_IS_FAILURE", detail: "INPUT_SHAPE" },
                    endedFrom: "run",
                },
            },
        ],
        "steps that were overtaken": [
            { it: "ignores a proof after the end", from: { stage: "closed" }, event: { kind: "proved" } },
            { it: "ignores a second admission", from: { stage: "run" }, event: { kind: "admitted", plan: zk.plan } },
            {
                it: "ignores a fault of an earlier step",
                from: { stage: "check" },
                event: { kind: "fault", step: "prove", code: "EXECUTOR_PROVER_FAILED", detail: "", patience: "none" },
            },
            {
                it: "ignores a retry of an earlier step",
                from: { stage: "check" },
                event: { kind: "retried", step: "prove" },
            },
        ],
        faults: [
            {
                it: "tries again after a pause",
                from: { stage: "prove" },
                event: {
                    kind: "fault",
                    step: "prove",
                    code: "EXECUTOR_PROVER_FAILED",
                    detail: "",
                    patience: "limited",
                },
                to: { starts: 2 },
                effects: [later("prove", 100)],
            },
            {
                it: "doubles the pause",
                from: { stage: "prove", starts: 3 },
                event: {
                    kind: "fault",
                    step: "prove",
                    code: "EXECUTOR_PROVER_FAILED",
                    detail: "",
                    patience: "limited",
                },
                to: { starts: 4 },
                effects: [later("prove", 400)],
            },
            {
                it: "gives up after the last start",
                from: { stage: "prove", starts: 4 },
                event: {
                    kind: "fault",
                    step: "prove",
                    code: "EXECUTOR_PROVER_FAILED",
                    detail: "why",
                    patience: "limited",
                },
                to: { stage: "closed", endedFrom: "prove", outcome: { code: "EXECUTOR_PROVER_FAILED", detail: "why" } },
                effects: [abort],
            },
            {
                it: "never gives up because the chain cannot be reached, which does not kill the process either",
                from: { stage: "check", starts: 4, begun: true, deaths: 2 },
                event: {
                    kind: "fault",
                    step: "check",
                    code: "EXECUTOR_RPC_UNREACHABLE",
                    detail: "",
                    patience: "endless",
                },
                to: { starts: 5, begun: false, deaths: 0 },
                effects: [later("check", 800)],
            },
            {
                it: "never gives up before the deadline because an enclave is away",
                from: { stage: "admit", starts: 4 },
                event: {
                    kind: "fault",
                    step: "admit",
                    code: "EXECUTOR_ENCLAVE_MISSING",
                    detail: "",
                    patience: "deadline",
                },
                to: { starts: 5 },
                effects: [later("admit", 800)],
            },
            {
                it: "gives up a request without a deadline when an enclave stays away",
                from: { stage: "attest", starts: 4, origin: "pull", deadline: undefined },
                event: {
                    kind: "fault",
                    step: "attest",
                    code: "EXECUTOR_ENCLAVE_MISSING",
                    detail: "why",
                    patience: "deadline",
                },
                to: {
                    stage: "closed",
                    endedFrom: "attest",
                    outcome: { code: "EXECUTOR_ENCLAVE_MISSING", detail: "why" },
                },
                effects: [abort],
            },
            {
                it: "does not try a hopeless step again",
                from: { stage: "check" },
                event: {
                    kind: "fault",
                    step: "check",
                    code: "EXECUTOR_EVIDENCE_INVALID",
                    detail: "",
                    patience: "none",
                },
                to: { stage: "closed", endedFrom: "check", outcome: { code: "EXECUTOR_EVIDENCE_INVALID", detail: "" } },
                effects: [abort],
            },
            {
                it: "starts the step when the pause is over",
                from: { stage: "prove", starts: 2 },
                event: { kind: "retried", step: "prove" },
                effects: [perform("prove")],
            },
        ],
        restarts: [
            {
                it: "performs the step that was due",
                from: { stage: "prove" },
                event: { kind: "resumed" },
                effects: [perform("prove")],
            },
            {
                it: "remembers that a heavy step has begun",
                from: { stage: "prove" },
                event: { kind: "begun", step: "prove" },
                to: { begun: true },
            },
            {
                it: "counts the ends of the process during a heavy step",
                from: { stage: "prove", begun: true },
                event: { kind: "resumed" },
                to: { begun: false, deaths: 1 },
                effects: [perform("prove")],
            },
            {
                it: "does not perform a step that kills the process for ever",
                from: { stage: "run", begun: true, deaths: 2 },
                event: { kind: "resumed" },
                to: {
                    stage: "closed",
                    endedFrom: "run",
                    outcome: { code: "EXECUTOR_GAVE_UP", detail: "the process ended 3 times during step run" },
                },
                effects: [abort],
            },
            {
                it: "does not blame a step that was still waiting in its queue",
                from: { stage: "run", deaths: 2 },
                event: { kind: "resumed" },
                effects: [perform("run")],
            },
            {
                it: "leaves what waits for the chain to the chain",
                from: { stage: "await" },
                event: { kind: "resumed" },
            },
            {
                it: "performs nothing for a request that is not in the chain",
                from: { stage: "run", included: undefined, confirmed: false },
                event: { kind: "resumed" },
            },
        ],
        "evidence that the chain refuses": [
            {
                it: "dates anew what grew too old",
                from: { stage: "check", statements: 1 },
                event: { kind: "rejected", remedy: "redate", outcome: expired },
                to: { stage: "date" },
                effects: [perform("date")],
            },
            {
                it: "does so only as often as the rules say",
                from: { stage: "check", statements: 2 },
                event: {
                    kind: "rejected",
                    remedy: "redate",
                    outcome: { code: "EXECUTOR_STATEMENT_OUTDATED", detail: "" },
                },
                to: {
                    stage: "closed",
                    endedFrom: "check",
                    outcome: { code: "EXECUTOR_STATEMENT_OUTDATED", detail: "" },
                },
                effects: [abort],
            },
            {
                it: "waits when the chain's clock is behind",
                from: { stage: "deliver" },
                event: { kind: "rejected", remedy: "wait", outcome: expired },
                to: { stage: "check" },
                effects: [later("check", 1_000)],
            },
            {
                it: "closes when nothing helps",
                from: { stage: "check" },
                event: {
                    kind: "rejected",
                    remedy: "close",
                    outcome: { code: "EXECUTOR_CHECK_REVERTED", detail: "KeyBroken" },
                },
                to: {
                    stage: "closed",
                    endedFrom: "check",
                    outcome: { code: "EXECUTOR_CHECK_REVERTED", detail: "KeyBroken" },
                },
                effects: [abort],
            },
        ],
        "deliveries that failed": [
            {
                it: "looks again why a delivery reverted",
                from: { stage: "await" },
                event: { kind: "spent", reverted: true, detail: "" },
                to: { stage: "check", reverts: 1 },
                effects: [perform("check")],
            },
            {
                it: "pays for reverts only as often as the rules say",
                from: { stage: "await", reverts: 1 },
                event: { kind: "spent", reverted: true, detail: "tx" },
                to: {
                    stage: "closed",
                    reverts: 2,
                    endedFrom: "await",
                    outcome: { code: "EXECUTOR_DELIVERY_REVERTED", detail: "tx" },
                },
            },
            {
                it: "ignores a spent nonce once the delivery is recorded",
                from: { stage: "await", settlement: aSettlement() },
                event: { kind: "spent", reverted: true, detail: "" },
            },
        ],
    });
});
