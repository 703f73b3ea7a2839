import { expect } from "chai";
import { priceFor, raised } from "../../../offchain/executor/core/fees.ts";
import {
    type NonceFacts,
    type OpenNonce,
    PATIENCE_BLOCKS,
    stepForNonce,
} from "../../../offchain/executor/core/nonce.ts";

const delivery = { hash: "0xd1", delivers: true, price: { maxFeeWei: 20n, tipWei: 2n }, madeAtBlock: 10 };
const filler = { hash: "0xf1", delivers: false, price: { maxFeeWei: 30n, tipWei: 3n }, madeAtBlock: 10 };

function anOpen(open: Partial<OpenNonce> = {}): OpenNonce {
    return { nonce: 5, wanted: true, transactions: [delivery], ...open };
}

function someFacts(facts: Partial<NonceFacts> = {}): NonceFacts {
    return { nextNonce: 5, headNumber: 11, baseFeeWei: 10n, known: true, othersWait: false, ...facts };
}

const abandoned = anOpen({ wanted: false });
const filled = anOpen({ wanted: false, transactions: [delivery, filler] });
const LATE = 10 + PATIENCE_BLOCKS;

const ROWS: readonly { it: string; open?: OpenNonce; facts?: Partial<NonceFacts>; kind: string }[] = [
    { it: "asks what used it up", facts: { nextNonce: 6 }, kind: "resolve" },
    { it: "asks also about one that nobody needs", open: abandoned, facts: { nextNonce: 6 }, kind: "resolve" },
    { it: "sends what the node does not know", facts: { known: false }, kind: "send" },
    { it: "waits for what the node knows", kind: "wait" },
    { it: "raises the price of what waits too long", facts: { headNumber: LATE }, kind: "raise" },
    { it: "raises at once what no node takes", facts: { known: false, baseFeeWei: 21n }, kind: "raise" },
    { it: "replaces a delivery that could still be mined for nothing", open: abandoned, kind: "fill" },
    {
        it: "fills a gap that others wait behind",
        open: abandoned,
        facts: { known: false, othersWait: true },
        kind: "fill",
    },
    {
        it: "keeps a nonce that was never sent for the next delivery",
        open: abandoned,
        facts: { known: false },
        kind: "wait",
    },
    { it: "waits for a filler", open: filled, kind: "wait" },
    {
        it: "sends a filler again while others wait",
        open: filled,
        facts: { known: false, othersWait: true },
        kind: "send",
    },
    { it: "raises a filler that waits too long", open: filled, facts: { headNumber: LATE }, kind: "fill" },
    {
        it: "lets a filler through when its request is back, so that the request gets another nonce",
        open: anOpen({ transactions: [delivery, filler] }),
        facts: { known: false },
        kind: "send",
    },
];

describe("executor core: nonces", () => {
    describe("stepForNonce", () => {
        for (const { it: title, open = anOpen(), facts, kind } of ROWS) {
            it(title, () => {
                expect(stepForNonce({ open, facts: someFacts(facts) })).to.deep.equal({ kind });
            });
        }
    });

    describe("prices", () => {
        it("stays good while the base fee doubles", () => {
            expect(priceFor({ baseFeeWei: 100n, tipWei: 3n })).to.deep.equal({ maxFeeWei: 203n, tipWei: 3n });
        });

        it("raises both prices by more than ten percent", () => {
            const old = { maxFeeWei: 1_000n, tipWei: 10n };

            expect(raised({ old, now: { maxFeeWei: 1n, tipWei: 1n } })).to.deep.equal({
                maxFeeWei: 1_126n,
                tipWei: 12n,
            });
        });

        it("goes to today's price if that is higher", () => {
            const old = { maxFeeWei: 1_000n, tipWei: 10n };
            const now = { maxFeeWei: 5_000n, tipWei: 50n };

            expect(raised({ old, now })).to.deep.equal(now);
        });

        it("never has a tip above the whole price", () => {
            const { maxFeeWei, tipWei } = raised({
                old: { maxFeeWei: 1n, tipWei: 1n },
                now: { maxFeeWei: 1n, tipWei: 9n },
            });

            expect({ maxFeeWei, tipWei }).to.deep.equal({ maxFeeWei: 9n, tipWei: 9n });
        });
    });
});
