import { ProtocolError } from "@assay/protocol";
import { expect } from "chai";
import { addLeaves, BY_COUNT, createSettlementWorld, idOf, range, type SettlementWorld } from "./_settlement.ts";

/** Every place at which the process can end between two things whose order matters. */
const POINTS = [
    "settlement.form.before",
    "settlement.form.acted",
    "settlement.send.before",
    "settlement.send.signed",
    "settlement.send.acted",
    "settlement.settle.before",
    "settlement.settle.acted",
];
const RECEIPTS = 10;
/** What waits is posted almost at once. */
const SOON = { ...BY_COUNT, ageMs: 30, idleMs: 30 };

describe("gateway: settlement that is interrupted", () => {
    let world: SettlementWorld;
    before(async () => {
        world = await createSettlementWorld();
    });
    after(() => world.close());

    for (const point of POINTS) {
        it(`loses and posts nothing twice when it ends at ${point}`, async () => {
            const executor = await world.anExecutor();
            await addLeaves(world.database, range(0, RECEIPTS));
            const death = dyingAt(point);
            const first = await world.settle(executor, { crash: death.crash });
            await death.happened;
            await first.stop();
            await world.renewRelayer();

            const second = await world.settle(executor, { triggers: SOON });
            await second.settled(RECEIPTS);

            await expectAllSettledOnce(executor, second);
        });
    }

    it("finds its batch in the log when the node took it and never answered", async () => {
        const executor = await world.anExecutor();
        await addLeaves(world.database, range(0, RECEIPTS));
        const relayer = world.relayer();
        const silent: typeof relayer = {
            ...relayer,
            send: async (sending) => {
                await relayer.send(sending);
                throw new ProtocolError({ code: "RPC_UNREACHABLE" });
            },
        };

        const settlement = await world.settle(executor, { relayer: silent, triggers: SOON });
        await settlement.settled(RECEIPTS);

        await expectAllSettledOnce(executor, settlement);
    });

    async function expectAllSettledOnce(
        executor: `0x${string}`,
        { proofOf }: Pick<Awaited<ReturnType<SettlementWorld["settle"]>>, "proofOf">,
    ): Promise<void> {
        const batches = await world.batchesOf(executor);
        let next = 0;
        for (const { first, count } of batches) {
            expect(first).to.equal(next);
            next += count;
        }
        expect(next).to.equal(RECEIPTS);
        for (const n of range(0, RECEIPTS)) expect((await proofOf(idOf(n)))?.sequence).to.equal(n);
        // A second transaction for a batch would revert, and cost gas.
        const sent = await world.database.query("SELECT tx_hash FROM batch_sends");
        const mined = await Promise.all(sent.map(({ tx_hash }) => world.provider.getTransactionReceipt(`${tx_hash}`)));
        expect(mined.filter((receipt) => receipt !== null).map(({ status }) => status)).to.deep.equal(
            batches.map(() => 1),
        );
    }
});

/** A process that ends at a point: from then on nothing that it begins is done. */
function dyingAt(point: string): { crash: (at: string) => void; happened: Promise<void> } {
    const { promise: happened, resolve } = Promise.withResolvers<void>();
    let isDead = false;
    const crash = (at: string) => {
        isDead ||= at === point;
        if (!isDead) return;
        resolve();
        throw new Error(`Ended at ${point}.`);
    };
    return { crash, happened };
}
