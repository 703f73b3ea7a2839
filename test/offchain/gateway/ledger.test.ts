import type { Database } from "@assay/executor/journal";
import { type Hex, PRESETS, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import type { Payment } from "../../../offchain/gateway/core/payment.ts";
import { begin } from "../../../offchain/gateway/core/stages.ts";
import type { Inference } from "../../../offchain/gateway/shell/journal/inference.ts";
import { findInference } from "../../../offchain/gateway/shell/journal/inferences.ts";
import { findEntry, findPayment, insertPaid, releasePayment } from "../../../offchain/gateway/shell/journal/ledger.ts";
import { account, word } from "../executor/_builders.ts";
import { ASSET, PAYER } from "./_fakePayments.ts";
import { openJournal } from "./_life.ts";

describe("gateway: the ledger of payments", () => {
    let database: Database;
    before(async () => {
        database = await openJournal();
    });
    beforeEach(() => database.query("TRUNCATE payments, evidence, inferences"));
    after(() => database.close());

    const take = (id: string, options: Options = {}) => insertPaid(database, anOrder(id, options));
    const isKept = async (id: string) => (await findInference(database, id)) !== undefined;

    it("keeps an order and its authorization together", async () => {
        expect(await take("a")).to.equal(true);

        const { one, payment } = anOrder("a");
        expect(await findInference(database, "a")).to.deep.equal(one);
        expect(await findPayment(database, { id: "a" })).to.deep.equal({ payment, transaction: undefined });
    });

    it("takes an authorization once, and keeps nothing of who comes later", async () => {
        await take("a");

        expect(await take("b", { request: 2 })).to.equal(false);

        expect(await isKept("b")).to.equal(false);
        expect((await findEntry(database, anOrder("a").payment))?.id).to.equal("a");
    });

    it("takes an authorization once also of many who come together", async () => {
        const taken = await Promise.all(["a", "b", "c", "d"].map((id) => take(id)));

        expect(taken.filter((isTaken) => isTaken)).to.have.length(1);
    });

    it("takes an identifier once, and keeps nothing of who comes later", async () => {
        await take("a", { identifier: "once" });

        expect(await take("b", { nonce: 2, request: 2, identifier: "once" })).to.equal(false);

        expect(await isKept("b")).to.equal(false);
        expect(await findEntry(database, anOrder("b", { nonce: 2 }).payment)).to.equal(undefined);
    });

    it("takes no second authorization for a request that has an inference, be it in another token", async () => {
        await take("a");

        expect(await take("b", { asset: account(0xe) })).to.equal(false);

        expect(await isKept("b")).to.equal(false);
        expect(await findEntry(database, anOrder("b", { asset: account(0xe) }).payment)).to.equal(undefined);
    });

    it("takes a released authorization again, once", async () => {
        await take("a", { identifier: "first" });
        await releasePayment(database, "a");

        expect(await take("b", { request: 2, identifier: "first" })).to.equal(true);
        expect(await take("c", { request: 3 })).to.equal(false);

        expect(await findEntry(database, anOrder("b").payment)).to.include({ id: "b", isReleased: false });
        expect(await isKept("a")).to.equal(true);
    });

    it("throws what is no conflict", async () => {
        await database.query("ALTER TABLE payments RENAME TO lost");

        const fault = await take("a").catch((error: unknown) => error);
        await database.query("ALTER TABLE lost RENAME TO payments");

        expect(fault).to.have.property("code", "42P01");
        expect(await isKept("a")).to.equal(false);
    });
});

type Options = { nonce?: number; request?: number; asset?: Hex; identifier?: string };

/** An order, and what pays for it. */
function anOrder(
    id: string,
    { nonce = 1, request = 1, asset = ASSET, identifier }: Options = {},
): { one: Inference; payment: Payment } {
    const payer = PAYER;
    const amount = 1_000n;
    const requirements: Payment["requirements"] = {
        ...{ scheme: "exact", network: "eip155:31337", asset, amount: "1000", payTo: account(0xca) },
        ...{ maxTimeoutSeconds: 300, extra: {} },
    };
    const payment: Payment = {
        ...{ offer: { policy: PRESETS.SIGNED, amount, flow: "authorization" }, payer, nonce: word(nonce) },
        ...{ validBefore: 2_000_000_000n, requirements, identifier },
        payload: { x402Version: 2, accepted: requirements, payload: { signature: "0x" } },
        record: {
            ...{ scheme: "exact", flow: "authorization", network: "eip155:31337", amount: "1000", asset },
            ...{ payTo: account(0xca), payer, nonce: word(nonce) },
        },
    };
    const one: Inference = {
        ...{ id, requestId: word(1_000 * nonce + request), createdAt: 1_700_000_000, payer, nonce: word(nonce) },
        state: begin({ flow: "authorization", families: [] }),
        wanted: {
            ...{ route: "infer", modelId: word(5), modelName: "digits", policy: PRESETS.SIGNED },
            ...{ requestHash: word(request), effective: { model: "digits" }, attachments: [], config: null },
            ...{ configHash: ZERO_BYTES32, isStream: false, units: 1, amount },
        },
        contents: { requested: { model: "digits" }, input: Uint8Array.of(1, 2) },
        ...{ inputHash: word(6), salt: word(7), answered: undefined, signed: undefined, facts: undefined },
        ...{ items: undefined, refundTransaction: undefined, verdict: undefined },
    };
    return { one, payment };
}
