import { createFacilitator, createFacilitatorApp } from "@assay/gateway";
import { serve } from "@hono/node-server";
import { HTTPFacilitatorClient } from "@x402/core/server";
import { expect } from "chai";
import type { Hono } from "hono";
import type { Payment, Payments } from "../../../offchain/gateway/core/payment.ts";
import { parsePayment } from "../../../offchain/gateway/core/paymentHeader.ts";
import { PAYMENT_LIMITS } from "../../../offchain/gateway/shell/payments/payments.ts";
import { createTestLog } from "../executor/_log.ts";
import { expectFault } from "../sdk/_expect.ts";
import { aWanted, createPaymentWorld, type PaymentWorld, REQUEST, SIGNED, UPFRONT } from "./_payments.ts";

const BEARER = "a bearer token of thirty-two characters";

describe("gateway: a facilitator over HTTP", () => {
    let world: PaymentWorld;
    let facilitator: Awaited<ReturnType<typeof startFacilitator>>;
    const servers = new Set<() => Promise<void>>();
    before(async () => {
        world = await createPaymentWorld();
        facilitator = await startFacilitator();
    });
    after(async () => {
        for (const close of servers) await close();
        await world.close();
    });

    const listen = async (app: Pick<Hono, "fetch">) => {
        const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
        await new Promise<void>((resolve) => server.once("listening", resolve));
        servers.add(() => new Promise((resolve) => server.close(() => resolve())));
        const bound = server.address();
        return `http://127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`;
    };
    const startFacilitator = async (callsPerMinute = 1_000) => {
        const { payments, node, relayer } = await world.startPayments();
        const { log } = createTestLog();
        const rules = { ...PAYMENT_LIMITS, payTo: [world.payTo], checks: [] };
        const own = createFacilitator({ node, relayer, token: payments.token, rules, log });
        const app = createFacilitatorApp({ facilitator: own, door: { bearers: [BEARER], callsPerMinute }, log });
        return { app, url: await listen(app) };
    };
    const paymentOf = async (payments: Payments, offer = SIGNED): Promise<Payment> => {
        const buyer = await world.aBuyer();
        const wanted = aWanted(offer);
        return payments.read(await buyer.pay(await payments.challenge(wanted)), wanted, REQUEST);
    };
    const bodyOf = ({ payload, requirements }: Payment, change: Record<string, unknown> = {}) => ({
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${BEARER}` },
        body: JSON.stringify({
            x402Version: 2,
            paymentPayload: payload,
            paymentRequirements: { ...requirements, ...change },
        }),
    });

    for (const offer of [SIGNED, UPFRONT]) {
        it(`verifies and settles for a gateway that names it, ${offer.flow}`, async () => {
            const { payments } = await world.startPayments({ facilitator: { url: facilitator.url, bearer: BEARER } });
            const payment = await paymentOf(payments, offer);
            const before = await world.balanceOf(world.payTo);

            const verified = await payments.verify(payment);
            const settling = await payments.settle(payment);

            expect([verified.status, settling.status]).to.deep.equal(["valid", "settled"]);
            expect((await world.balanceOf(world.payTo)) - before).to.equal(offer.amount);
        });
    }

    it("speaks with the official client", async () => {
        const { payments } = await world.startPayments();
        const { payload, requirements } = await paymentOf(payments);
        const createAuthHeaders = async () => ({ settle: { Authorization: `Bearer ${BEARER}` } });
        const client = new HTTPFacilitatorClient({ url: facilitator.url, createAuthHeaders });

        const supported = await client.getSupported();
        const settled = await client.settle(parsePayment(payload), requirements);
        const again = await client.settle(parsePayment(payload), requirements);

        expect(supported.kinds).to.deep.equal([{ x402Version: 2, scheme: "exact", network: "eip155:31337" }]);
        expect(settled.success).to.equal(true);
        expect(again).to.deep.include({ success: false, errorReason: "invalid_exact_evm_nonce_already_used" });
    });

    it("settles for nobody without its token", async () => {
        const { payments } = await world.startPayments();
        const payment = await paymentOf(payments);
        for (const authorization of ["", "Bearer", "Bearer another", BEARER]) {
            const { headers, ...rest } = bodyOf(payment);
            const response = await facilitator.app.request("/settle", {
                ...rest,
                headers: { ...headers, authorization },
            });
            expect(response.status).to.equal(401);
        }
        expect(await payments.verify(payment)).to.deep.equal({ status: "valid" });
    });

    it("settles only what its rules name", async () => {
        const { payments } = await world.startPayments();
        const payment = await paymentOf(payments);
        const other = "0x000000000000000000000000000000000000dEaD";
        const extra = { name: "Assay Test USD", version: "1" };
        const cases: [Record<string, unknown>, string][] = [
            [{ asset: other }, "facilitator_policy_asset"],
            [{ payTo: other }, "facilitator_policy_pay_to"],
            [{ network: "eip155:1" }, "facilitator_policy_network"],
            [{ scheme: "upto" }, "facilitator_policy_scheme"],
            [{ extra: { ...extra, version: "2" } }, "facilitator_policy_domain"],
            [{ extra: { ...extra, assetTransferMethod: "permit2" } }, "facilitator_policy_method"],
        ];
        for (const [change, reason] of cases) {
            const settled = await facilitator.app.request("/settle", bodyOf(payment, change));
            const verified = await facilitator.app.request("/verify", bodyOf(payment, change));
            expect(await settled.json()).to.deep.include({ success: false, errorReason: reason, transaction: "" });
            expect(await verified.json()).to.deep.include({ isValid: false, invalidReason: reason });
        }
    });

    it("answers what is no call by 4xx", async () => {
        const { payments } = await world.startPayments();
        const good = bodyOf(await paymentOf(payments));
        const bodies = ["", "{", "null", "{}", good.body.replace(":2", ":1"), '{"x402Version":2,"paymentPayload":{}}'];

        for (const body of bodies) {
            expect((await facilitator.app.request("/settle", { ...good, body })).status).to.equal(400);
        }
        const long = { ...good, body: "x".repeat(70_000) };
        expect((await facilitator.app.request("/verify", long)).status).to.equal(413);
        expect((await facilitator.app.request("/other")).status).to.equal(404);
    });

    it("answers only so many calls in a minute", async () => {
        const { app } = await startFacilitator(2);

        const statuses = [];
        for (let i = 0; i < 3; i += 1) statuses.push((await app.request("/supported")).status);

        expect(statuses).to.deep.equal([200, 200, 429]);
    });

    it("that answers too late leaves a payment unknown, which the chain then tells", async () => {
        const late: Pick<Hono, "fetch"> = {
            fetch: async (request: Request) => {
                const answer = await facilitator.app.fetch(request);
                return request.url.endsWith("/settle") ? new Promise<Response>(() => {}) : answer;
            },
        };
        const settings = { url: await listen(late), bearer: BEARER, timeoutMs: 1_500 };
        const { payments } = await world.startPayments({ facilitator: settings });
        const payment = await paymentOf(payments);

        expect((await payments.settle(payment)).status).to.equal("settled");
    });

    it("that claims a settlement is believed once the chain says the same", async () => {
        const transaction = `0x${"ab".repeat(32)}`;
        const liar: Pick<Hono, "fetch"> = {
            fetch: async (request: Request) =>
                request.url.endsWith("/settle")
                    ? Response.json({ success: true, transaction, network: "eip155:31337" })
                    : facilitator.app.fetch(request),
        };
        const limits = { confirmationMs: 20 };
        const { payments } = await world.startPayments({ facilitator: { url: await listen(liar) }, limits });

        expect(await payments.settle(await paymentOf(payments))).to.deep.equal({ status: "unknown", transaction });
    });

    it("that is not there, or settles another chain, is refused at the start", async () => {
        const elsewhere = () =>
            Response.json({
                kinds: [{ x402Version: 2, scheme: "exact", network: "eip155:1" }],
                extensions: [],
                signers: {},
            });
        const url = await listen({ fetch: elsewhere });

        await expectFault(
            world.startPayments({ facilitator: { url: "http://127.0.0.1:1" } }),
            "GATEWAY_FACILITATOR_UNUSABLE",
        );
        const fault = await expectFault(world.startPayments({ facilitator: { url } }), "GATEWAY_FACILITATOR_UNUSABLE");

        expect(fault.message).to.contain('The facilitator does not settle "exact" on eip155:31337.');
    });
});
