import { type Database, migrate, openMemory } from "@assay/executor/journal";
import { expect } from "chai";
import { LIFE_MIGRATIONS } from "../../../offchain/gateway/shell/journal/migrations.ts";
import { createOperations } from "../../../offchain/gateway/shell/operations.ts";
import { SETTLEMENT_MIGRATIONS } from "../../../offchain/gateway/shell/settlement/migrations.ts";

const RELAYER = `0x${"0a".repeat(20)}`;

describe("gateway figures for operators", () => {
    let database: Database;
    let balance: () => Promise<bigint>;
    let asked: number;
    let told: unknown[];
    let now: number;

    before(async () => {
        database = await openMemory();
        await migrate({ database, migrations: [...LIFE_MIGRATIONS, ...SETTLEMENT_MIGRATIONS] });
    });
    after(() => database?.close());
    beforeEach(async () => {
        await database.query("TRUNCATE inferences, evidence, leaves, payments, batches");
        balance = async () => 1_500_000_000_000_000_000n;
        [asked, told, now] = [0, [], 0];
    });

    const open = (journal: Pick<Database, "query"> = database) =>
        createOperations({
            database: journal,
            provider: {
                getBalance: () => {
                    asked++;
                    return balance();
                },
            },
            relayer: RELAYER,
            log: { warn: (fields: unknown) => told.push(fields) },
            now: () => now,
        });
    const leaf = (sequence: number) =>
        database.query("INSERT INTO leaves VALUES ($1, $2, '0x', '0x')", [sequence, String(sequence)]);
    const batch = (first: number, count: number, number: number | null) =>
        database.query(
            `INSERT INTO batches (first_sequence, leaf_count, root, depth, data, leaves, made_at_block, batch)
             VALUES ($1, $2, '0x', 0, '', $3, 0, $4)`,
            [first, count, new Uint8Array(), number],
        );
    const inference = (id: string, stage: string) =>
        database.query(
            `INSERT INTO inferences (id, request_id, created_at, stage, state, wanted, input_hash, salt, payer, nonce)
             VALUES ($1, $1, 0, $2, '{}', '{}', '0x', '0x', '0x', '0x')`,
            [id, stage],
        );

    it("count receipts as waiting until the log is known to hold their batch", async () => {
        for (const sequence of [0, 1, 2, 3, 4]) await leaf(sequence);

        expect(await open().receiptsWaiting()).to.equal(5);
        await batch(0, 2, 0);
        await batch(2, 2, null);
        expect(await open().receiptsWaiting()).to.equal(3);
    });

    it("count refunds that are still owed", async () => {
        await inference("a", "refunding");
        await inference("b", "refunded");
        await inference("c", "proven");

        expect(await open().refundsOpen()).to.equal(1);
    });

    it("tell whether the journal answers, which is asked no more often than every two seconds", async () => {
        const query = database.query;
        let [isBroken, queries] = [false, 0];
        const { isJournalling } = open({
            query: (...call) => {
                queries += 1;
                return isBroken ? Promise.reject(new Error("broken")) : query(...call);
            },
        });

        expect(await Promise.all([isJournalling(), isJournalling()])).to.deep.equal([true, true]);
        isBroken = true;
        now = 1_999;
        expect([await isJournalling(), queries]).to.deep.equal([true, 1]);
        now = 2_000;
        expect(await isJournalling()).to.equal(false);
    });

    it("ask a node for the relayer's balance no more often than twice a minute", async () => {
        const { relayerBalance } = open();

        expect(await Promise.all([relayerBalance(), relayerBalance()])).to.deep.equal([1.5, 1.5]);
        now = 29_999;
        await relayerBalance();
        expect(asked).to.equal(1);
        now = 30_000;
        await relayerBalance();
        expect(asked).to.equal(2);
    });

    it("are not a number while a node does not answer, and log no URL", async () => {
        balance = () => Promise.reject(Object.assign(new Error("http://node/secret"), { code: "ECONNREFUSED" }));

        expect(await open().relayerBalance()).to.be.NaN;
        expect(told).to.deep.equal([{ code: "RPC_UNREACHABLE" }]);
    });
});
