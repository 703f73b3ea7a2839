import { rootOf, ZERO_BYTES32 } from "@assay/protocol";
import { onChain } from "@assay/sdk";
import { expect } from "chai";
import { leafOf } from "../../../offchain/protocol/receipt/batch.ts";
import { expectFault, expectRevert } from "../sdk/_expect.ts";
import {
    addLeaves,
    anEntry,
    BY_COUNT,
    createSettlementWorld,
    idOf,
    range,
    type SettlementWorld,
} from "./_settlement.ts";

/** What waits is posted almost at once. */
const SOON = { ...BY_COUNT, idleMs: 30 };

/** The log line of a batch that was handed to the node. */
const wasSent = ({ msg }: { msg: string }) => msg === "batch sent";

describe("gateway: settlement", () => {
    let world: SettlementWorld;
    before(async () => {
        world = await createSettlementWorld();
    });
    after(() => world.close());

    it("posts what was left, without gaps, and proves every receipt against the log", async () => {
        const executor = await world.anExecutor();
        await addLeaves(world.database, range(0, 10));

        const settlement = await world.settle(executor);
        await settlement.settled(8);
        // Two are too few for a batch of their own, and nobody waits that long here.
        await addLeaves(world.database, range(10, 12));
        for (const _ of range(0, 2)) settlement.wake();
        await settlement.settled(12);

        const batches = await world.batchesOf(executor);
        expect(batches.map(({ first, count }) => [first, count])).to.deep.equal([
            [0, 4],
            [4, 4],
            [8, 4],
        ]);
        const listed = await settlement.proofsFrom({ sequence: 0, most: 100 });
        expect(await settlement.proofsFrom({ sequence: 7, most: 2 })).to.deep.equal(listed.slice(7, 9));
        for (const n of range(0, 12)) {
            const inclusion = await settlement.proofOf(idOf(n));
            expect(inclusion).to.deep.equal(listed[n]);
            if (inclusion === undefined) throw new Error(`No proof of ${n}.`);
            expect(inclusion).to.include({ sequence: n, executor, log: world.address });
            expect(inclusion.leaf).to.equal(leafOf({ executor, sequence: n, ...anEntry(n) }));
            expect(rootOf(inclusion)).to.equal(batches[inclusion.batch]?.root);
            await world.requireIncluded(inclusion, anEntry(n));
            const posting = await world.provider.getTransactionReceipt(inclusion.transaction ?? "0x");
            expect(posting?.to?.toLowerCase()).to.equal(world.address);
        }
    });

    it("posts a batch that is not full when nothing follows, or when the oldest has waited long enough", async () => {
        for (const triggers of [SOON, { ...BY_COUNT, ageMs: 30 }]) {
            const executor = await world.anExecutor();
            const settlement = await world.settle(executor, { triggers });
            await addLeaves(world.database, [0]);

            settlement.wake();
            await settlement.settled(1);

            expect(await world.batchesOf(executor)).to.have.length(1);
            await settlement.stop();
        }
    });

    it("tells an unknown receipt from one that is not settled yet", async () => {
        const executor = await world.anExecutor();
        const settlement = await world.settle(executor, { triggers: { ...BY_COUNT, mostReceipts: 1_000 } });
        await settlement.stop();
        await addLeaves(world.database, [0]);

        expect(await settlement.proofOf(idOf(7))).to.equal(undefined);
        await expectFault(settlement.proofOf(idOf(0)), "GATEWAY_PROOF_PENDING");
    });

    it("does not start for an executor that lets nobody post for it", async () => {
        const stranger = world.chain.world.requester.address.toLowerCase() as `0x${string}`;

        await expectFault(world.settle(stranger), "GATEWAY_POSTER_NOT_ALLOWED");
    });

    describe("a journal that is damaged", () => {
        it("loses the proof of that receipt and of no other, before it is posted", async () => {
            const executor = await world.anExecutor();
            await addLeaves(world.database, range(0, 4));
            await world.database.query("UPDATE leaves SET receipt_hash = 'rotten' WHERE sequence = 1");

            const settlement = await world.settle(executor);
            await settlement.settled(4);

            expect(settlement.lines.map(({ code }) => code)).to.include("GATEWAY_LEAF_DAMAGED");
            await expectFault(settlement.proofOf(idOf(1)), "GATEWAY_LEAF_DAMAGED");
            for (const n of [0, 2, 3]) expect((await settlement.proofOf(idOf(n)))?.sequence).to.equal(n);
        });

        it("loses the proof of that receipt and of no other, after it was posted", async () => {
            const executor = await world.anExecutor();
            await addLeaves(world.database, range(0, 4));
            const settlement = await world.settle(executor);
            await settlement.settled(4);

            await world.database.query("UPDATE leaves SET digest = $1 WHERE sequence = 2", [ZERO_BYTES32]);

            await expectFault(settlement.proofOf(idOf(2)), "GATEWAY_LEAF_DAMAGED");
            for (const n of [0, 1, 3]) expect((await settlement.proofOf(idOf(n)))?.sequence).to.equal(n);
        });

        it("shows to everybody which receipt was left out", async () => {
            const executor = await world.anExecutor();
            await addLeaves(world.database, [0, 1, 3]);

            const settlement = await world.settle(executor, { triggers: SOON });
            await settlement.settled(4);

            expect(settlement.lines.map(({ code }) => code)).to.include("GATEWAY_LEAF_MISSING");
            const neighbour = await settlement.proofOf(idOf(3));
            if (neighbour === undefined) throw new Error("No proof.");
            await world.requireIncluded(neighbour, anEntry(3));
            // Whoever holds the receipt of sequence 2 finds its sequence in a batch, and no way to its root.
            const sequence = 2;
            const leaf = leafOf({ executor, sequence, ...anEntry(sequence) });
            await expectRevert(
                onChain(() => world.requireIncluded({ ...neighbour, sequence }, anEntry(sequence))),
                "ReceiptNotIncluded",
                { leaf, root: neighbour.root },
            );
        });

        it("waits for a leaf that is only late", async () => {
            const executor = await world.anExecutor();
            await addLeaves(world.database, [1, 2, 3]);
            const settlement = await world.settle(executor, { triggers: SOON, gapPatienceMs: 3_600_000 });
            await addLeaves(world.database, [0]);

            settlement.wake();
            await settlement.settled(4);

            expect((await settlement.proofOf(idOf(0)))?.sequence).to.equal(0);
        });
    });

    it("gives up the sequences that somebody else posted in the executor's name, and goes on behind them", async () => {
        const executor = await world.anExecutor();
        await addLeaves(world.database, range(0, 4));
        const foreign = {
            root: leafOf({ executor, sequence: 0, ...anEntry(9) }),
            firstSequence: 0,
            count: 2,
            depth: 1,
        };
        const data = world.receipts.interface.encodeFunctionData("post", [executor, { ...foreign, data: "" }]);
        // Between the batch's making and its sending: it can never be in the log.
        const relayer = world.relayer();
        let isFirst = true;
        const overtaken: typeof relayer = {
            ...relayer,
            send: async (sending) => {
                const to = world.address as `0x${string}`;
                if (isFirst) await relayer.send({ to, data: data as `0x${string}`, gasCap: 1_000_000n });
                isFirst = false;
                return relayer.send(sending);
            },
        };

        const settlement = await world.settle(executor, { relayer: overtaken });
        await settlement.settled(4);

        expect(settlement.lines.map(({ code }) => code)).to.include("GATEWAY_BATCH_FOREIGN");
        for (const n of [0, 1]) await expectFault(settlement.proofOf(idOf(n)), "GATEWAY_BATCH_FOREIGN");
        for (const n of [2, 3]) expect((await settlement.proofOf(idOf(n)))?.batch).to.equal(1);
    });

    it("counts a batch as settled when it has its confirmations, and posts it again when its blocks are gone", async () => {
        const executor = await world.anExecutor();
        const { provider } = world;
        const mine = (blocks: number) => provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]);
        await addLeaves(world.database, range(0, 4));
        const before = await provider.send("evm_snapshot", []);
        const settlement = await world.settle(executor, { confirmations: 3 });
        await settlement.seen(wasSent);
        expect(settlement.settledUpTo()).to.equal(0);

        await provider.send("evm_revert", [before]);
        await world.renewRelayer();
        await mine(2);
        await settlement.stop();
        const again = await world.settle(executor, { confirmations: 3 });
        await again.seen(wasSent);
        await expectFault(again.proofOf(idOf(0)), "GATEWAY_PROOF_PENDING");
        await mine(3);
        await again.settled(4);

        expect(await world.batchesOf(executor)).to.have.length(1);
        expect((await again.proofOf(idOf(3)))?.sequence).to.equal(3);
    });
});
