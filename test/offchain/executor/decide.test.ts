import { expect } from "chai";
import { decide } from "../../../offchain/executor/core/decide.ts";
import type { RequestEvent } from "../../../offchain/executor/core/events.ts";
import { aHead, aRequested, aSettlement, aState, SOMEBODY, someRules, US, word } from "./_builders.ts";
import { abort, decidesByTable, expired, perform } from "./_decides.ts";

describe("executor core: decide on what the chain tells", () => {
    decidesByTable({
        confirmations: [
            {
                it: "waits until the block is deep enough",
                rules: { requestConfirmations: 2 },
                from: { stage: "seen", confirmed: false },
                event: { kind: "head", head: aHead(11) },
            },
            {
                it: "admits at that depth",
                rules: { requestConfirmations: 2 },
                from: { stage: "seen", confirmed: false },
                event: { kind: "head", head: aHead(12) },
                to: { stage: "admit", confirmed: true },
                effects: [perform("admit")],
            },
            {
                it: "keeps the receipt only when the delivery is deep enough",
                rules: { deliveryConfirmations: 3 },
                from: { stage: "await", settlement: aSettlement() },
                event: { kind: "head", head: aHead(13) },
            },
            {
                it: "keeps the receipt at that depth",
                rules: { deliveryConfirmations: 3 },
                from: { stage: "await", settlement: aSettlement() },
                event: { kind: "head", head: aHead(14) },
                to: { stage: "keep" },
                effects: [perform("keep")],
            },
        ],
        deadlines: [
            {
                it: "serves in the last second",
                from: { stage: "check" },
                event: { kind: "head", head: aHead(11, { timestamp: 2_000n }) },
            },
            {
                it: "closes and stops working one second later",
                from: { stage: "prove" },
                event: { kind: "head", head: aHead(11, { timestamp: 2_001n }) },
                to: {
                    stage: "closed",
                    endedFrom: "prove",
                    outcome: { ...expired, detail: "deadline 2000, chain time 2001" },
                },
                effects: [abort],
            },
            {
                it: "does not close a request whose delivery is recorded",
                rules: { deliveryConfirmations: 9 },
                from: { stage: "await", settlement: aSettlement() },
                event: { kind: "head", head: aHead(12, { timestamp: 9_999n }) },
            },
            {
                it: "never closes a pull request for its age",
                from: { origin: "pull", deadline: undefined, stage: "prove" },
                event: { kind: "head", head: aHead(11, { timestamp: 9_999_999n }) },
            },
        ],
        "settlement by the hub": [
            {
                it: "keeps the receipt of its own delivery",
                from: { stage: "await", statements: 1 },
                event: { kind: "settled", settlement: aSettlement(), head: aHead(11) },
                to: { stage: "keep", settlement: aSettlement() },
                effects: [perform("keep")],
            },
            {
                it: "takes its own delivery from whoever sent it",
                from: { stage: "check", statements: 1 },
                event: { kind: "settled", settlement: aSettlement(), head: aHead(11) },
                to: { stage: "keep", settlement: aSettlement() },
                effects: [abort, perform("keep")],
            },
            {
                it: "knows its own address in any case",
                rules: { executor: US.toUpperCase().replace("0X", "0x") as `0x${string}` },
                from: { stage: "await", statements: 1 },
                event: { kind: "settled", settlement: aSettlement(), head: aHead(11) },
                to: { stage: "keep", settlement: aSettlement() },
                effects: [perform("keep")],
            },
            {
                it: "takes a delivery that came after it had given up",
                from: { stage: "closed", statements: 1, outcome: expired, endedFrom: "await" },
                event: { kind: "settled", settlement: aSettlement(), head: aHead(11) },
                to: { stage: "keep", settlement: aSettlement(), outcome: undefined, endedFrom: undefined },
                effects: [perform("keep")],
            },
            {
                it: "stops working when somebody else answered",
                from: { stage: "prove", statements: 1 },
                event: { kind: "settled", settlement: aSettlement({ executor: SOMEBODY }), head: aHead(11) },
                to: {
                    stage: "closed",
                    endedFrom: "prove",
                    settlement: aSettlement({ executor: SOMEBODY }),
                    outcome: {
                        code: "EXECUTOR_ANSWERED_BY_OTHER",
                        detail: `delivered in block 11, transaction ${word(0x7a)}`,
                    },
                },
                effects: [abort],
            },
            {
                it: "closes when refunded",
                from: { stage: "seen", confirmed: false },
                event: {
                    kind: "settled",
                    settlement: aSettlement({ how: "refunded", executor: undefined }),
                    head: aHead(11),
                },
                to: {
                    stage: "closed",
                    endedFrom: "seen",
                    settlement: aSettlement({ how: "refunded", executor: undefined }),
                    outcome: {
                        code: "EXECUTOR_REQUEST_REFUNDED",
                        detail: `refunded in block 11, transaction ${word(0x7a)}`,
                    },
                },
            },
            {
                it: "sees the same log twice and does nothing",
                from: { stage: "finished", settlement: aSettlement() },
                event: { kind: "settled", settlement: aSettlement(), head: aHead(12) },
            },
            {
                it: "leaves a refused request alone",
                from: { stage: "refused" },
                event: { kind: "settled", settlement: aSettlement({ executor: SOMEBODY }), head: aHead(11) },
            },
        ],
        reorganisations: [
            {
                it: "pauses when the request is removed",
                from: { stage: "prove" },
                event: { kind: "orphaned" },
                to: { included: undefined, confirmed: false },
            },
            {
                it: "accepts finished work meanwhile, but goes no further",
                from: { stage: "prove", included: undefined, confirmed: false },
                event: { kind: "proved" },
                to: { stage: "check" },
            },
            {
                it: "goes on when the request is back",
                from: { stage: "check", included: undefined, confirmed: false },
                event: aRequested({ block: { number: 12, hash: word(12) }, head: aHead(12) }),
                to: { included: { number: 12, hash: word(12) }, confirmed: true },
                effects: [perform("check")],
            },
            {
                it: "asks again about a request it had refused",
                from: {
                    stage: "refused",
                    included: undefined,
                    confirmed: false,
                    outcome: { code: "EXECUTOR_FEE_TOO_LOW", detail: "" },
                    endedFrom: "admit",
                },
                event: aRequested({ block: { number: 12, hash: word(12) }, head: aHead(12) }),
                to: {
                    stage: "admit",
                    included: { number: 12, hash: word(12) },
                    confirmed: true,
                    outcome: undefined,
                    endedFrom: undefined,
                },
                effects: [perform("admit")],
            },
            {
                it: "waits again for a delivery that was removed",
                from: { stage: "finished", settlement: aSettlement(), statements: 1 },
                event: { kind: "unsettled" },
                to: { stage: "await", settlement: undefined },
            },
            {
                it: "goes back to work when the other's answer was removed",
                from: {
                    stage: "closed",
                    endedFrom: "prove",
                    settlement: aSettlement({ executor: SOMEBODY }),
                    outcome: { code: "EXECUTOR_ANSWERED_BY_OTHER", detail: "" },
                },
                event: { kind: "unsettled" },
                to: { stage: "prove", settlement: undefined, outcome: undefined, endedFrom: undefined },
                effects: [perform("prove")],
            },
            { it: "sees the same inclusion twice and does nothing", from: { stage: "check" }, event: aRequested() },
        ],
    });

    it("opens a request and admits it at once when no confirmation is wanted", () => {
        const { state, effects } = decide({ rules: someRules(), state: undefined, event: aRequested() });

        expect(state).to.deep.equal(aState({ plan: undefined }));
        expect(effects).to.deep.equal([perform("admit")]);
    });

    it("ignores what it hears of a request that it never saw", () => {
        const event: RequestEvent = { kind: "settled", settlement: aSettlement(), head: aHead() };

        expect(decide({ rules: someRules(), state: undefined, event })).to.deep.equal({
            state: undefined,
            effects: [],
        });
    });

    it("gives back the same object when nothing changed, so that nothing is journalled", () => {
        const state = aState({ stage: "await" });

        expect(decide({ rules: someRules(), state, event: { kind: "head", head: aHead(11) } }).state).to.equal(state);
    });
});
