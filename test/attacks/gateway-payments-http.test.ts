import type { PaymentPayload } from "@x402/core/types";
import { expect } from "chai";
import { posting } from "../offchain/gateway/_app.ts";
import { createGatewayWorld, type GatewayWorld } from "../offchain/gateway/_gateway.ts";
import { type Buyer, headerOf } from "../offchain/gateway/_payments.ts";

const ROUTE = "/v1/chat/completions";
const CHAT = { model: "tiny-text", messages: [{ role: "user", content: "Hello" }], max_tokens: 8 };
const PRICE = 1_080n;
const ID = "pay_0123456789abcdef";

/** What a gateway answered, as far as these attacks ask. */
type Answer = { status: number; receipt: string | null; body: string; code: string | undefined };

describe("attacks: paid inferences of a whole gateway", function () {
    this.timeout(60_000);
    let world: GatewayWorld;
    before(async () => {
        world = await createGatewayWorld();
    });
    after(() => world.close());

    const ask = async (payment: string, body: unknown = CHAT): Promise<Answer> => {
        const response = await world.get(ROUTE, posting(body, { "PAYMENT-SIGNATURE": payment }));
        const text = await response.text();
        const { status } = response;
        const code = status === 200 ? undefined : JSON.parse(text).error.code;
        return { status, receipt: response.headers.get("x-assay-receipt"), body: text, code };
    };
    const signatureOf = async (buyer: Buyer, change?: (payload: PaymentPayload) => unknown) =>
        buyer.payFor(await world.get(ROUTE, posting(CHAT)), change);
    const received = <T>(work: () => Promise<T>) => world.received(world.settings.payTo, work);

    it("S1, S2: one payment buys one answer, ten times at once and once more", async () => {
        const payment = await signatureOf(await world.aBuyer());

        const { result, amount } = await received(async () => {
            const together = await Promise.all(Array.from({ length: 10 }, () => ask(payment)));
            return [...together, await ask(payment)];
        });

        expect(amount).to.equal(PRICE);
        for (const { status, receipt, body } of result) {
            expect(status).to.equal(200);
            expect({ receipt, body }).to.deep.equal({ receipt: result[0]?.receipt, body: result[0]?.body });
        }
    });

    it("S3, S4: a payment buys nothing else: no other body, and none that costs more", async () => {
        const buyer = await world.aBuyer();
        const used = await signatureOf(buyer);
        await ask(used);

        const { result, amount } = await received(async () => [
            await ask(used, { ...CHAT, seed: 2 }),
            await ask(await signatureOf(buyer), { ...CHAT, max_tokens: 9 }),
        ]);

        expect(result.map(({ status, code }) => [status, code])).to.deep.equal([
            [409, "GATEWAY_PAYMENT_REUSED"],
            [402, "GATEWAY_PAYMENT_INVALID"],
        ]);
        expect(amount).to.equal(0n);
    });

    it("S5: a balance for one buys one of ten", async () => {
        const buyer = await world.aBuyer(PRICE);
        const payments = await Promise.all(Array.from({ length: 10 }, () => signatureOf(buyer)));

        const { result, amount } = await received(() => Promise.all(payments.map((payment) => ask(payment))));

        expect(amount).to.equal(PRICE);
        expect(result.filter(({ status }) => status === 200)).to.have.length(1);
    });

    it("S7: a payment that a stranger sends first is served, once", async () => {
        const buyer = await world.aBuyer();
        const payment = await signatureOf(buyer);
        await world.frontRun({ payload: decoded(payment) });

        const { result, amount } = await received(async () => [await ask(payment), await ask(payment)]);

        expect(amount).to.equal(0n);
        expect(result.map(({ status }) => status)).to.deep.equal([200, 200]);
        expect(result[1]).to.deep.equal(result[0]);
    });

    it("S16: no header makes a fault of the gateway", async () => {
        const headers = ["x", "%%%", headerOf(null), headerOf({ x402Version: 2 }), headerOf([[[]]]), "A".repeat(9_000)];

        for (const header of headers) expect((await ask(header)).status).to.equal(402);
    });

    it("S18: what the chain shows of a payment does not buy its answer for whoever guesses the question", async () => {
        const buyer = await world.aBuyer();
        const paid = await signatureOf(buyer, identified("pay_00112233445566778899"));
        const answered = await ask(paid);

        const { extensions: _, ...shown } = decoded(paid);
        const replayed = await ask(headerOf(shown));

        expect(answered.status).to.equal(200);
        expect([replayed.status, replayed.code]).to.deep.equal([409, "GATEWAY_PAYMENT_REUSED"]);
        expect((await ask(paid)).body).to.equal(answered.body);
    });

    it("S18: another's nonce, and another's identifier, tell and take nothing", async () => {
        const [buyer, thief] = [await world.aBuyer(), await world.aBuyer()];
        const own = await ask(await signatureOf(buyer, identified(ID)));
        const copied = await signatureOf(thief, (payload) => {
            const { authorization, ...rest } = Object(payload.payload);
            return { ...payload, payload: { ...rest, authorization: { ...authorization, from: buyer.address } } };
        });

        const { result, amount } = await received(async () => [
            await ask(await signatureOf(thief, identified(ID))),
            await ask(copied),
        ]);

        expect(own.status).to.equal(200);
        expect(result.map(({ status, code }) => [status, code])).to.deep.equal([
            [409, "GATEWAY_PAYMENT_REUSED"],
            [402, "GATEWAY_PAYMENT_INVALID"],
        ]);
        for (const { body } of result) expect(body).to.not.contain(own.receipt ?? "");
        expect(amount).to.equal(0n);
    });
});

/** Gives a payment an identifier. */
function identified(id: string) {
    return ({ extensions, ...rest }: PaymentPayload) => {
        const declared = Object(extensions?.["payment-identifier"]);
        return { ...rest, extensions: { "payment-identifier": { ...declared, info: { ...declared.info, id } } } };
    };
}

function decoded(header: string): Record<string, unknown> {
    return JSON.parse(Buffer.from(header, "base64").toString());
}
