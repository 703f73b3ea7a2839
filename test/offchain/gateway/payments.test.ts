import { PRESETS, refundNonceOf, uintToHex } from "@assay/protocol";
import { decodePaymentResponseHeader } from "@x402/core/http";
import { wrapFetchWithPayment } from "@x402/fetch";
import { expect } from "chai";
import { Hono } from "hono";
import type { Payments } from "../../../offchain/gateway/core/payment.ts";
import { expectFault } from "../sdk/_expect.ts";
import { aWanted, createPaymentWorld, type PaymentWorld, REQUEST, requiredOf, SIGNED, UPFRONT } from "./_payments.ts";

const NONE = `0x${"00".repeat(20)}` as const;

describe("gateway: payments", () => {
    let world: PaymentWorld;
    before(async () => {
        world = await createPaymentWorld();
    });
    after(() => world.close());

    for (const offer of [SIGNED, UPFRONT]) {
        it(`are made by the official client, ${offer.flow}`, async () => {
            const { payments } = await world.startPayments();
            const buyer = await world.aBuyer();
            const wanted = aWanted(offer);
            const before = await world.balanceOf(world.payTo);

            const payment = await payments.read(await buyer.pay(await payments.challenge(wanted)), wanted, REQUEST);
            const verified = await payments.verify(payment);
            const settling = await payments.settle(payment);

            expect(verified).to.deep.equal({ status: "valid" });
            expect(settling.status).to.equal("settled");
            expect((await world.balanceOf(world.payTo)) - before).to.equal(1_000n);
            const response = decodePaymentResponseHeader(payments.response(payment, settling));
            expect(response).to.deep.include({ success: true, payer: buyer.address, amount: "1000" });
            const { payTo, address: asset } = world;
            const { nonce } = payment;
            expect(payment.record).to.deep.equal({
                ...{ scheme: "exact", flow: offer.flow, network: "eip155:31337", amount: "1000" },
                ...{ asset, payTo, payer: buyer.address, nonce },
            });
        });
    }

    it("are made by @x402/fetch against a server that asks for them", async () => {
        const { payments } = await world.startPayments();
        const buyer = await world.aBuyer();
        const app = sellerOf(payments);
        const fetchHere: typeof fetch = async (input, init) => app.fetch(new Request(input, init));
        const payingFetch = wrapFetchWithPayment(fetchHere, buyer.client);

        const response = await payingFetch(aWanted().url, { method: "POST", body: "{}" });

        expect(response.status).to.equal(200);
        expect(await response.json()).to.deep.equal({ settled: "settled" });
        expect(await world.balanceOf(buyer.address)).to.equal(999_000n);
    });

    it("are quoted by policy, the same at all times, in less than six kilobytes", async () => {
        const { payments } = await world.startPayments();
        const odd = PRESETS.SIGNED | (5n << 216n);
        const policies = [PRESETS.SIGNED, PRESETS.TEE, PRESETS.ZK, PRESETS.TEE_AND_ZK, PRESETS.SIGNED_AND_ZK, odd];
        const wanted = aWanted(...policies.map((policy, i) => ({ ...(i === 0 ? SIGNED : UPFRONT), policy })));

        const [first, second] = [await payments.challenge(wanted), await payments.challenge({ ...wanted })];
        const withError = await payments.challenge(wanted, "invalid_payload");

        expect(second).to.deep.equal(first);
        expect((first.headers["PAYMENT-REQUIRED"] ?? "").length).to.be.below(6_000);
        expect(first.headers["Cache-Control"]).to.contain("no-store");
        const { accepts, extensions, resource } = requiredOf(first);
        expect(accepts.map(({ extra }) => extra)).to.deep.equal(
            ["SIGNED", "TEE", "ZK", "TEE_AND_ZK", "SIGNED_AND_ZK", uintToHex(odd)].map((policy, i) => ({
                ...{ name: "Assay Test USD", version: "1", policy },
                ...(i === 0 ? {} : { paymentFlow: "upfront" }),
            })),
        );
        expect(Object.keys(extensions ?? {})).to.deep.equal(["payment-identifier", "assay-request"]);
        expect(resource.url).to.equal(wanted.url);
        expect(requiredOf(withError).error).to.equal("invalid_payload");
    });

    it("carry the buyer's own identifier, and refuse one that is none", async () => {
        const { payments } = await world.startPayments();
        const buyer = await world.aBuyer();
        const challenge = await payments.challenge(aWanted());
        const withId = (id: unknown) =>
            buyer.pay(challenge, ({ extensions, ...rest }) => {
                const { info, ...declared } = Object(extensions?.["payment-identifier"]);
                return { ...rest, extensions: { "payment-identifier": { ...declared, info: { ...info, id } } } };
            });

        const payment = await payments.read(await withId("pay_0123456789abcdef"), aWanted(), REQUEST);
        const refused = payments.read(await withId("short"), aWanted(), REQUEST);

        expect(payment.identifier).to.equal("pay_0123456789abcdef");
        expect(await expectFault(refused, "GATEWAY_PAYMENT_INVALID")).to.include({
            reason: "invalid_payment_identifier",
        });
    });

    it("go back once per key, whatever is repeated", async () => {
        const { payments, refundKey, refunder } = await world.startPayments();
        const { address: to } = await world.aBuyer(0n);
        await world.mint(refunder, 5_000n);
        const owed = { key: "0xone", to, amount: 1_500n };

        const both = await Promise.all([payments.refund(owed), payments.refund(owed)]);
        const { payments: restarted } = await world.startPayments({ refundKey });
        const again = await restarted.refund({ ...owed, amount: 2_000n });
        await restarted.refund({ ...owed, key: "0xtwo" });

        expect(both[1]).to.deep.equal(both[0]);
        expect(again).to.deep.equal(both[0]);
        expect(await world.balanceOf(to)).to.equal(3_000n);
        expect(refundNonceOf("0xone")).to.not.equal(refundNonceOf("0xtwo"));
    });

    it("cannot go back from an account that has too little", async () => {
        const { payments, refunder } = await world.startPayments();
        const { address: to } = await world.aBuyer(0n);

        const fault = await expectFault(payments.refund({ key: "0x", to, amount: 1n }), "GATEWAY_REFUND_UNFUNDED");

        expect(fault.message).to.contain(`${refunder} has 0 units; 1 are owed to ${to}.`);
    });

    it("refuse to start with something that is no such token", async () => {
        const fault = await expectFault(world.startPayments({ token: NONE }), "GATEWAY_TOKEN_UNUSABLE");

        expect(fault.message).to.contain(NONE);
    });
});

/** The least seller: asks, verifies, settles, answers. */
function sellerOf(payments: Payments): Hono {
    return new Hono().post("/v1/infer", async (context) => {
        const header = context.req.header("PAYMENT-SIGNATURE");
        if (header === undefined) {
            const { headers, x402 } = await payments.challenge(aWanted());
            return context.json({ x402 }, 402, headers);
        }
        const payment = await payments.read(header, aWanted(), REQUEST);
        const { status } = await payments.verify(payment);
        const settling = await payments.settle(payment);
        const headers = { "PAYMENT-RESPONSE": payments.response(payment, settling) };
        return context.json({ settled: status === "valid" ? settling.status : status }, 200, headers);
    });
}
