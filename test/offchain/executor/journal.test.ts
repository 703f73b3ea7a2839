import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
    checkIdentity,
    findHead,
    insertLog,
    type LogPlace,
    rememberBlock,
    rememberedBlocks,
    removeAbove,
    saveHead,
} from "../../../offchain/executor/shell/journal/chain.ts";
import type { Database } from "../../../offchain/executor/shell/journal/database.ts";
import {
    findEvidence,
    findOutput,
    findStatement,
    insertEvidence,
    insertOutput,
    insertStatement,
} from "../../../offchain/executor/shell/journal/evidence.ts";
import { migrate } from "../../../offchain/executor/shell/journal/migrate.ts";
import { MIGRATIONS } from "../../../offchain/executor/shell/journal/migrations.ts";
import { openMemory, openPglite } from "../../../offchain/executor/shell/journal/pglite.ts";
import {
    appendHistory,
    findRequest,
    findState,
    insertRequest,
    liveStates,
    statesForHead,
    updateState,
} from "../../../offchain/executor/shell/journal/requests.ts";
import {
    insertTransaction,
    openTransactions,
    spendNonce,
} from "../../../offchain/executor/shell/journal/transactions.ts";
import { aHead, aSettlement, aState, aStatement, someWanted, word } from "./_builders.ts";
import { faultOf } from "./_faults.ts";

/** A database is written when it is opened for the first time. */
const OPEN_TIMEOUT_MS = 60_000;

describe("executor: journal", function () {
    this.timeout(OPEN_TIMEOUT_MS);
    let database: Database;
    before(async () => {
        database = await openMemory();
        await migrate({ database, migrations: MIGRATIONS });
    });
    after(() => database.close());

    /** A place for this test alone: the n-th log of block 100. */
    function aPlace(n: number, block = { number: 100, hash: word(100) }): LogPlace {
        return { block, logIndex: n, txHash: word(0x7a) };
    }

    describe("migrations", () => {
        it("run once", async () => {
            await migrate({ database, migrations: MIGRATIONS });

            expect(await database.query("SELECT version FROM migrations")).to.deep.equal([
                { version: 1 },
                { version: 2 },
            ]);
        });

        it("refuse a journal of a newer version", async () => {
            await database.query("INSERT INTO migrations (version, name) VALUES (99, 'of tomorrow')");

            const fault = await faultOf(migrate({ database, migrations: MIGRATIONS }));
            await database.query("DELETE FROM migrations WHERE version = 99");

            expect(fault.code).to.equal("EXECUTOR_DATABASE_NEWER");
            expect(fault.message).to.include("schema 99; this version knows 2");
        });
    });

    describe("requests", () => {
        it("come back as they were, with everything there is in a state", async () => {
            const state = aState({
                requestId: word(1),
                plan: { families: [0, 4], mayFail: true },
                resultCode: 0,
                statements: 1,
                settlement: aSettlement({ presentMask: 0x4011 }),
                outcome: { code: "EXECUTOR_GAVE_UP", detail: "why" },
                endedFrom: "prove",
            });

            await insertRequest(database, { state, wanted: someWanted(), input: Uint8Array.of(1, 2) });

            const found = await findRequest(database, word(1));
            expect(found).to.deep.equal({ state, wanted: someWanted(), input: Uint8Array.of(1, 2) });
        });

        it("come back with nothing in them that was not there", async () => {
            const state = aState({ requestId: word(2), deadline: undefined, included: undefined, plan: undefined });

            await insertRequest(database, { state, wanted: someWanted(), input: new Uint8Array() });

            expect(await findState(database, word(2))).to.deep.equal(state);
        });

        it("keep whatever text came from a chain or a model, though no column takes all of it", async () => {
            const odd = "a\u0000b\ud800";
            const outcome = { code: "EXECUTOR_GAVE_UP", detail: odd } as const;
            const state = aState({ requestId: word(9), outcome });
            const wanted = { ...someWanted(), inputUri: odd };

            await insertRequest(database, { state, wanted, input: new Uint8Array() });
            await appendHistory(database, { requestId: word(9), event: "faulted", stage: "run", detail: odd });

            const kept = { ...state, outcome: { ...outcome, detail: "a?b?" } };
            expect(await findRequest(database, word(9))).to.deep.equal({
                state: kept,
                wanted,
                input: new Uint8Array(),
            });
        });

        it("are live until they end, and are asked about a head that may matter to them", async () => {
            const working = aState({ requestId: word(3), stage: "prove", deadline: 5_000n });
            const waiting = aState({ requestId: word(4), stage: "await", deadline: 5_000n });
            const late = aState({ requestId: word(5), stage: "prove", deadline: 10n });
            for (const state of [working, waiting, late]) {
                await insertRequest(database, { state, wanted: someWanted(), input: new Uint8Array() });
            }

            const ids = (await statesForHead(database, { timestamp: 1_000n })).map(({ requestId }) => requestId);
            await updateState(database, { state: { ...waiting, stage: "finished" } });

            expect(ids)
                .to.include.members([word(4), word(5)])
                .and.not.include(word(3));
            expect((await liveStates(database)).map(({ requestId }) => requestId)).not.to.include(word(4));
        });

        it("that somebody has edited are refused", async () => {
            await database.query('UPDATE requests SET state = \'{"stage": "lunch"}\' WHERE request_id = $1', [word(2)]);

            const fault = await faultOf(findState(database, word(2)));
            await database.query("DELETE FROM requests WHERE request_id = $1", [word(2)]);

            expect(fault.code).to.equal("EXECUTOR_JOURNAL_INVALID");
        });
    });

    describe("evidence", () => {
        it("keeps the first output, whatever a later run says", async () => {
            const first = { resultCode: 0, output: Uint8Array.of(7), outputHash: word(7) };

            await insertOutput(database, { requestId: word(20), output: first });
            await insertOutput(database, { requestId: word(20), output: { ...first, output: Uint8Array.of(8) } });

            expect(await findOutput(database, word(20))).to.deep.equal(first);
        });

        it("keeps one statement per number, and gives the newest", async () => {
            const statement = aStatement({ requestId: word(21) });

            await insertStatement(database, { digest: word(0xd1), statement, number: 1 });
            await insertStatement(database, {
                digest: word(0xd2),
                statement: { ...statement, issuedAt: 9n },
                number: 1,
            });
            const first = await findStatement(database, word(21));
            await insertStatement(database, {
                digest: word(0xd3),
                statement: { ...statement, issuedAt: 10n },
                number: 2,
            });

            expect(first).to.deep.equal({ digest: word(0xd1), statement });
            expect((await findStatement(database, word(21)))?.digest).to.equal(word(0xd3));
        });

        it("keeps one item per statement and family, in the gate's order", async () => {
            await insertStatement(database, {
                digest: word(0xd4),
                statement: aStatement({ requestId: word(22) }),
                number: 1,
            });
            const signed = { family: 0, data: Uint8Array.of(1) };
            const proven = { family: 4, data: Uint8Array.of(2) };

            await insertEvidence(database, { digest: word(0xd4), item: proven });
            await insertEvidence(database, { digest: word(0xd4), item: signed });
            await insertEvidence(database, { digest: word(0xd4), item: { family: 0, data: Uint8Array.of(9) } });

            expect(await findEvidence(database, word(0xd4))).to.deep.equal([signed, proven]);
        });
    });

    describe("chain", () => {
        it("remembers the newest blocks only", async () => {
            for (let number = 1; number <= 5; number++) {
                await rememberBlock(database, { number, hash: word(number), parentHash: word(number - 1), keep: 3 });
            }
            await saveHead(database, aHead(5));

            expect(await rememberedBlocks(database)).to.deep.equal(
                [5, 4, 3].map((number) => ({ number, hash: word(number) })),
            );
            expect(await findHead(database)).to.deep.equal(aHead(5));
        });

        it("knows a log that it has seen, and one that comes back", async () => {
            const seen = { place: aPlace(1), kind: "requested", requestId: word(30) } as const;

            const first = await insertLog(database, seen);
            const again = await insertLog(database, seen);
            const removed = await removeAbove(database, { number: 99 });
            const back = await insertLog(database, seen);

            expect([first, again, back]).to.deep.equal([true, false, true]);
            expect(removed).to.deep.equal([{ kind: "requested", requestId: word(30) }]);
        });

        it("takes logs back newest first, and only those of removed blocks", async () => {
            await removeAbove(database, { number: 0 });
            const later = { number: 102, hash: word(102) };
            await insertLog(database, { place: aPlace(3), kind: "requested", requestId: word(31) });
            await insertLog(database, { place: aPlace(0, later), kind: "settled", requestId: word(31) });
            await insertLog(database, { place: aPlace(1, later), kind: "requested", requestId: word(32) });

            expect(await removeAbove(database, { number: 100 })).to.deep.equal([
                { kind: "requested", requestId: word(32) },
                { kind: "settled", requestId: word(31) },
            ]);
        });

        it("belongs to one chain and one executor", async () => {
            await checkIdentity(database, { chainId: "1", executor: "0xe1" });

            expect(await checkIdentity(database, { chainId: "1", executor: "0xe1" })).to.equal(undefined);
            expect(await checkIdentity(database, { chainId: "1", executor: "0xe2" })).to.deep.equal({
                name: "executor",
                recorded: "0xe1",
            });
        });
    });

    it("opens a nonce again when the block that used it up is removed", async () => {
        const transaction = {
            hash: word(40),
            nonce: 7,
            requestId: word(41),
            raw: Uint8Array.of(1),
            maxFeeWei: 10n ** 30n,
            tipWei: 1n,
            madeAtBlock: 1,
        };
        await insertTransaction(database, transaction);

        const block = { number: 200, hash: word(200) };
        await spendNonce(database, { nonce: 7, txHash: word(40), reverted: false, block });
        const spent = await openTransactions(database);
        await removeAbove(database, { number: 199 });

        expect(spent).to.deep.equal([]);
        expect(await openTransactions(database)).to.deep.equal([transaction]);
    });

    it("is for one process at a time, and is free again when closed", async () => {
        const directory = await mkdtemp(join(tmpdir(), "assay-journal-"));
        const first = await openPglite({ directory });

        const fault = await faultOf(openPglite({ directory }));
        await first.close();
        const again = await openPglite({ directory });
        await again.close();
        await rm(directory, { recursive: true });

        expect(fault.code).to.equal("EXECUTOR_DATABASE_LOCKED");
    });
});
