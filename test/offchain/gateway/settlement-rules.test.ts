import { type Hex, keccak256, receiptTree, uintToHex, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import { dueInMs, entriesFrom, type LeafRow } from "../../../offchain/gateway/core/settlement.ts";
import { growTree } from "../../../offchain/gateway/shell/settlement/growTree.ts";

const TRIGGERS = { mostReceipts: 10, ageMs: 1_000, idleMs: 200 };

const hash = (n: number): Hex => keccak256(Uint8Array.of(n));
const aRow = (sequence: number, row: Partial<LeafRow> = {}): LeafRow => ({
    sequence,
    digest: hash(sequence),
    receiptHash: hash(100 + sequence),
    ...row,
});

describe("gateway: rules of settlement", () => {
    describe("dueInMs", () => {
        const waiting = { count: 3, oldestAtMs: 5_000, newestAtMs: 5_500 };

        it("says nothing while nothing waits", () => {
            expect(dueInMs(undefined, TRIGGERS, 9_000)).to.equal(undefined);
            expect(dueInMs({ ...waiting, count: 0 }, TRIGGERS, 9_000)).to.equal(undefined);
        });

        it("takes a full batch at once", () => {
            expect(dueInMs({ ...waiting, count: 10 }, TRIGGERS, 5_500)).to.equal(0);
        });

        it("counts idleness from the newest receipt", () => {
            expect(dueInMs(waiting, TRIGGERS, 5_600)).to.equal(100);
            expect(dueInMs(waiting, TRIGGERS, 5_700)).to.equal(0);
        });

        it("counts age from the oldest receipt, however many follow", () => {
            expect(dueInMs({ ...waiting, newestAtMs: 5_990 }, TRIGGERS, 5_990)).to.equal(10);
            expect(dueInMs({ ...waiting, newestAtMs: 6_200 }, TRIGGERS, 6_200)).to.equal(0);
        });
    });

    describe("entriesFrom", () => {
        const read = (rows: readonly LeafRow[], question: { most?: number; fillsGaps?: boolean } = {}) =>
            entriesFrom({ next: 5, rows, most: 4, fillsGaps: false, ...question });
        const sequences = ({ entries }: ReturnType<typeof read>) => entries.map(({ sequence }) => sequence);

        it("takes rows as they follow on each other, up to the most", () => {
            expect(sequences(read([5, 6, 7, 8, 9].map((n) => aRow(n))))).to.deep.equal([5, 6, 7, 8]);
            expect(read([aRow(5)])).to.deep.equal({ entries: [aRow(5)], faults: [] });
        });

        it("ends before a gap", () => {
            expect(sequences(read([aRow(5), aRow(7)]))).to.deep.equal([5]);
            expect(sequences(read([aRow(6)]))).to.deep.equal([]);
        });

        it("fills a gap with zeros when told to, never beyond the most", () => {
            const filled = read([aRow(5), aRow(7)], { fillsGaps: true });
            const zero = { sequence: 6, digest: ZERO_BYTES32, receiptHash: ZERO_BYTES32 };
            expect(filled.entries).to.deep.equal([aRow(5), zero, aRow(7)]);
            expect(filled.faults).to.deep.equal([{ sequence: 6, code: "GATEWAY_LEAF_MISSING" }]);
            expect(sequences(read([aRow(2_000_000)], { fillsGaps: true }))).to.deep.equal([5, 6, 7, 8]);
        });

        it("puts a hash that no receipt leads to in the place of a damaged row", () => {
            const text = (value: string) => keccak256(new TextEncoder().encode(value));
            const damaged = aRow(6, { digest: "0x12" });

            const { entries, faults } = read([aRow(5), damaged, aRow(7)]);

            expect(entries[1]).to.deep.equal({
                sequence: 6,
                digest: text("0x12"),
                receiptHash: text(damaged.receiptHash),
            });
            expect(entries[2]).to.deep.equal(aRow(7));
            expect(faults).to.deep.equal([{ sequence: 6, code: "GATEWAY_LEAF_DAMAGED" }]);
        });
    });

    describe("growTree", () => {
        for (const count of [1, 2, 255, 256, 257, 513, 1_024, 2_000]) {
            it(`is the protocol's tree of ${count} leaves`, async () => {
                const leaves = Array.from({ length: count }, (_, i) => uintToHex(BigInt(i)));
                const whole = receiptTree(leaves);

                const grown = await growTree(leaves);

                expect([grown.root, grown.depth]).to.deep.equal([whole.root, whole.depth]);
                for (const [i] of leaves.entries()) expect(grown.proofOf(i)).to.deep.equal(whole.proofOf(i));
            });
        }
    });
});
