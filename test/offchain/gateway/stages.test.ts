import { encodePolicy, FAMILIES, PRESETS } from "@assay/protocol";
import { expect } from "chai";
import { evidencePlan, flowOf, menuOf } from "../../../offchain/gateway/core/evidencePlan.ts";
import { pauseMs, remedyOf } from "../../../offchain/gateway/core/remedy.ts";
import {
    advance,
    begin,
    dueOf,
    isEnd,
    isReleased,
    type LifeEvent,
    type State,
    type Step,
} from "../../../offchain/gateway/core/stages.ts";
import { aModel } from "./_life.ts";

const { SIGNED, TEE_NITRO, TEE_SGX, TEE_TDX, ZK_GROTH16 } = FAMILIES;
const OK = { kind: "ran", resultCode: 0, text: "" } as const;
const FAILED = { kind: "ran", resultCode: 5, text: "why" } as const;

/** The stages and steps that a sequence of events leads through. */
function story(from: State, ...events: LifeEvent[]): string {
    const states = [from];
    for (const event of events) states.push(advance(states.at(-1) ?? from, event));
    return states.map((state) => `${state.stage}/${dueOf(state) ?? "end"}`).join(" ");
}

function of(
    kind: "verified" | "settled" | "signed" | "attested" | "proved" | "refunded" | "uncertain" | "resumed",
): LifeEvent {
    return { kind };
}

describe("gateway: stages of an inference", () => {
    const free = begin({ flow: "free", families: [] });
    const later = begin({ flow: "authorization", families: [] });
    const first = begin({ flow: "upfront", families: [TEE_NITRO, ZK_GROTH16] });
    const lost: LifeEvent = { kind: "lost", reason: { code: "GATEWAY_EVIDENCE_LOST", text: "why" } };
    const refused: LifeEvent = { kind: "refused", text: "no" };
    const abandoned: LifeEvent = { kind: "abandoned" };

    const stories: [string, State, LifeEvent[], string][] = [
        ["free", free, [OK, of("signed")], "running/run answered/sign proven/end"],
        ["free, failing", free, [FAILED, of("signed")], "running/run answered/sign failed/end"],
        ["free, abandoned", free, [abandoned], "running/run failed/end"],
        ["free, after a restart", free, [of("resumed")], "running/run failed/end"],
        [
            "paid after",
            later,
            [of("verified"), OK, of("settled"), of("signed")],
            "accepted/verify running/run paying/settle answered/sign proven/end",
        ],
        ["paid after, refused", later, [refused], "accepted/verify failed/end"],
        [
            "paid after, sent by somebody else",
            later,
            [of("settled"), OK, of("signed")],
            "accepted/verify running/run answered/sign proven/end",
        ],
        [
            "paid after, failing: never settled",
            later,
            [of("verified"), FAILED, of("signed")],
            "accepted/verify running/run answered/sign failed/end",
        ],
        [
            "paid after, not settled",
            later,
            [of("verified"), OK, refused],
            "accepted/verify running/run paying/settle failed/end",
        ],
        [
            "paid after, unknown",
            later,
            [of("verified"), OK, of("uncertain"), of("uncertain"), of("settled")],
            "accepted/verify running/run paying/settle paying/reconcile paying/reconcile answered/sign",
        ],
        [
            "paid before",
            first,
            [of("settled"), OK, of("signed"), of("attested"), of("proved")],
            "paying/settle running/run answered/sign signed/attest served/prove proven/end",
        ],
        [
            "paid before, failing",
            first,
            [of("settled"), FAILED, of("signed"), of("refunded")],
            "paying/settle running/run answered/sign refunding/refund refunded/end",
        ],
        [
            "paid before, proof lost",
            first,
            [of("settled"), OK, of("signed"), of("attested"), lost, of("refunded")],
            "paying/settle running/run answered/sign signed/attest served/prove refunding/refund refunded/end",
        ],
        ["paid before, abandoned in vain", first, [of("settled"), abandoned], "paying/settle running/run running/run"],
        [
            "paid before, after a restart: asked for, then sent",
            first,
            [of("resumed"), of("uncertain"), of("settled")],
            "paying/settle paying/reconcile paying/settle running/run",
        ],
    ];
    for (const [name, from, events, expected] of stories) {
        it(name, () => expect(story(from, ...events)).to.equal(expected));
    }

    it("change by no event that does not fit", () => {
        const kinds: LifeEvent[] = [of("attested"), of("proved"), of("refunded"), of("uncertain"), refused, lost];
        const running = advance(later, of("verified"));

        for (const event of kinds) expect(advance(running, event), event.kind).to.equal(running);
    });

    it("end where nothing is due", () => {
        const proven = [OK, of("signed")].reduce(advance, free);

        expect([isEnd(proven), isEnd(free)]).to.deep.equal([true, false]);
    });

    it("free an authorization only if nothing was taken, signed, or in doubt", () => {
        const cases: [State, LifeEvent[], boolean][] = [
            [later, [refused], true],
            [later, [of("verified"), abandoned], true],
            [later, [of("verified"), OK, refused], true],
            [later, [of("verified"), OK, of("uncertain"), refused], false],
            [later, [of("verified"), FAILED, of("signed")], false],
            [first, [refused], true],
            [first, [of("settled"), FAILED, of("signed")], false],
            [free, [abandoned], false],
        ];
        for (const [from, events, expected] of cases) {
            expect(isReleased(events.reduce(advance, from)), JSON.stringify(events)).to.equal(expected);
        }
    });

    it("have a remedy for every fault", () => {
        const paid = [of("settled"), OK].reduce(advance, first);
        const cases: [Step, State, string][] = [
            ["verify", later, "abandoned"],
            ["run", advance(later, of("verified")), "abandoned"],
            ["run", advance(later, of("settled")), "faulted"],
            ["reconcile", later, "faulted"],
            ["sign", paid, "faulted"],
            ["sign", { ...paid, faults: 19 }, "lost"],
            ["sign", advance(free, OK), "lost"],
            ["attest", { ...paid, faults: 1 }, "faulted"],
            ["prove", { ...paid, faults: 2 }, "lost"],
            ["refund", { ...paid, faults: 1_000 }, "faulted"],
        ];
        for (const [step, state, kind] of cases) {
            expect(remedyOf({ step, state, text: "", evidenceTries: 3 }).kind, step).to.equal(kind);
        }
    });

    it("are paused after faults, longer each time", () => {
        const given = { retryMs: 100, maxRetryMs: 1_000 };
        const after = (faults: number) => pauseMs({ state: { ...free, faults }, ...given });

        expect([0, 1, 2, 3, 9].map(after)).to.deep.equal([0, 100, 200, 400, 1_000]);
        expect(pauseMs({ state: advance({ ...later, stage: "paying" }, of("uncertain")), ...given })).to.equal(100);
    });
});

describe("gateway: evidence that a policy needs", () => {
    const model = aModel({ families: [SIGNED, TEE_TDX, ZK_GROTH16], facts: { semantics: "EXACT_INT" } });
    const planOf = (policy: bigint, hasConfig = false) => evidencePlan({ policy, model, hasConfig });

    it("is that of the cheapest clause that can be met", () => {
        expect(planOf(PRESETS.SIGNED)).to.deep.equal([]);
        expect(planOf(PRESETS.TEE)).to.deep.equal([TEE_TDX]);
        expect(planOf(PRESETS.TEE_AND_ZK)).to.deep.equal([TEE_TDX, ZK_GROTH16]);
        expect(planOf(encodePolicy({ clauses: [1 << ZK_GROTH16, 1 << TEE_TDX] }))).to.deep.equal([TEE_TDX]);
    });

    it("does not exist for what nobody here can make", () => {
        expect(planOf(encodePolicy({ clauses: [1 << TEE_SGX] }))).to.equal(undefined);
        expect(planOf(PRESETS.QUORUM_3_OF_5)).to.equal(undefined);
        expect(planOf(PRESETS.ZK, true)).to.equal(undefined);
        expect(menuOf({ model, hasConfig: true })).to.deep.equal([PRESETS.SIGNED]);
    });

    it("is there for the policies of the menu that are offered, and for no other of it", () => {
        const { SIGNED: signed, TEE, SIGNED_AND_TEE, ZK, SIGNED_AND_ZK, TEE_AND_ZK } = PRESETS;
        for (const families of [[SIGNED], [SIGNED, TEE_SGX], [SIGNED, ZK_GROTH16], [TEE_SGX, TEE_TDX, ZK_GROTH16]]) {
            const ability = { model: aModel({ families, facts: { semantics: "EXACT_INT" } }), hasConfig: false };
            const met = [signed, TEE, SIGNED_AND_TEE, ZK, SIGNED_AND_ZK, TEE_AND_ZK].filter(
                (policy) => evidencePlan({ ...ability, policy }) !== undefined,
            );

            expect(menuOf(ability)).to.deep.equal(met);
        }
    });

    it("is paid for before the work when it is costly, or cannot be taken back", () => {
        expect(flowOf({ isStream: false, families: [] })).to.equal("authorization");
        expect(flowOf({ isStream: true, families: [] })).to.equal("upfront");
        expect(flowOf({ isStream: false, families: [TEE_TDX] })).to.equal("upfront");
    });
});
