import type { ServerResponse } from "node:http";
import { PRESETS, uintToHex } from "@assay/protocol";
import { createAssay, createMemoryBudget } from "@assay/sdk";
import type { PaymentRequirements } from "@x402/core/types";
import { expect } from "chai";
import { type Application, QUESTION, startApplication } from "./_application.ts";
import { expectFault } from "./_expect.ts";

const STRANGER = `0x${"0d".repeat(20)}`;
const DAY_SECONDS = 86_400;

/** What a malicious 402 may ask for, and what it is refused with. */
const OFFERS: [string, Partial<PaymentRequirements>, string][] = [
    ["more than a call may cost", { amount: "2001" }, "Amount 2001 is not within 2000."],
    ["nothing", { amount: "0" }, "Amount 0 is not within 2000."],
    ["an amount that is no number", { amount: "1e3" }, "An offer cannot be read."],
    ["a negative amount", { amount: "-5" }, "An offer cannot be read."],
    ["another payee", { payTo: STRANGER }, `Payee ${STRANGER} is not allowed.`],
    ["another token", { asset: STRANGER }, `Asset ${STRANGER} is not`],
    ["another chain", { network: "eip155:1" }, 'Network "eip155:1" is not eip155:31337.'],
    ["another scheme", { scheme: "upto" }, 'Scheme "upto" is not exact.'],
    ["a signature for a month", { maxTimeoutSeconds: 2_592_000 }, "A signature good for 2592000 s is above 600 s."],
    ["a signature that never ends", { maxTimeoutSeconds: Number.MAX_SAFE_INTEGER }, "A signature good for"],
    ["a domain without a name", { extra: { version: "1" } }, "An offer cannot be read."],
    ["a transfer by Permit2", extra({ assetTransferMethod: "permit2" }), "The offer moves money in another way."],
    ["an unknown flow", extra({ paymentFlow: "escrow" }), "The offer moves money in another way."],
    ["a weaker policy", extra({ policy: uintToHex(PRESETS.TEE) }), "is weaker."],
    ["a policy that is none", extra({ policy: "VERY SURE" }), "is weaker."],
];

describe("spend limits", () => {
    let application: Application;

    before(async () => {
        application = await startApplication();
    });
    after(() => application?.close());
    beforeEach(() => application.reset());

    describe("a malicious 402", () => {
        for (const [what, changes, reason] of OFFERS) {
            it(`gets no signature for ${what}`, async () => {
                application.gateway.behave({ accepts: (honest) => [{ ...honest, ...changes }] });

                const fault = await expectFault((await application.anAssay()).infer(QUESTION), "SDK_QUOTE_REFUSED");

                expect(fault.message).to.contain(reason);
                expectNothingSigned();
            });
        }
        it("gets no signature for a challenge that is for another request", async () => {
            const info = { requestHash: `0x${"00".repeat(32)}` };
            application.gateway.behave({ extensions: { "assay-request": { info, schema: {} } } });

            const fault = await expectFault((await application.anAssay()).infer(QUESTION), "SDK_QUOTE_REFUSED");

            expect(fault.message).to.contain("for another request");
            expectNothingSigned();
        });
        it("gets no signature without an offer", async () => {
            application.gateway.behave({ accepts: () => [] });

            await expectFault((await application.anAssay()).infer(QUESTION), "SDK_GATEWAY_ANSWER_INVALID");
            expectNothingSigned();
        });
        it("gets the cheapest offer that is allowed, from a menu", async () => {
            application.gateway.behave({
                accepts: (honest) => [
                    { ...honest, amount: "1500" },
                    { ...honest, amount: "1", payTo: STRANGER },
                    { ...honest, amount: "900", extra: { ...honest.extra, paymentFlow: "upfront" } },
                ],
            });

            const { paid } = await (await application.anAssay()).infer(QUESTION);

            expect(paid?.amount).to.equal(900n);
        });
        it("finds nobody who pays where nobody was named", async () => {
            const { world, gateway } = application;
            const { deployment, provider } = world;
            const assay = await createAssay({ deployment, provider, gatewayUrl: gateway.url });

            await expectFault(assay.infer(QUESTION), "SDK_NO_PAYER");
        });
    });

    describe("a day's budget", () => {
        it("is kept over all calls, also at once, and is new after 24 hours", async () => {
            let now = Math.floor(Date.now() / 1000);
            const assay = await application.anAssay({ now: () => now });

            const calls = await Promise.allSettled([1, 2, 3, 4].map(() => assay.infer(QUESTION)));
            const refused = calls.filter(({ status }) => status === "rejected");
            await expectFault(assay.infer(QUESTION), "SDK_BUDGET_SPENT");

            expect(refused).to.have.length(1);
            expect(application.signatures()).to.equal(3);
            now += DAY_SECONDS;
            expect((await assay.infer(QUESTION)).isProven).to.equal(true);
        });
        it("counts what a gateway says it did not take: the signature is out", async () => {
            const budget = createMemoryBudget();
            const assay = await application.anAssay({ spend: { ...application.spend, maxPerDay: 2_000n, budget } });
            application.gateway.behave({ onPaid: refuse });

            await expectFault(assay.infer(QUESTION), "SDK_PAYMENT_REFUSED");
            await expectFault(assay.infer(QUESTION), "SDK_PAYMENT_REFUSED");
            await expectFault(assay.infer(QUESTION), "SDK_BUDGET_SPENT");

            expect(application.signatures()).to.equal(2);
        });
        it("gives back what was not signed", async () => {
            const payer = {
                address: application.wallet.address,
                signTypedData: () => Promise.reject(new Error("The wallet is locked.")),
            };
            const expenses: string[] = [];
            const budget = {
                reserve: async ({ key }: { key: string }) => expenses.push(key) > 0,
                release: async (key: string) => void expenses.splice(expenses.indexOf(key), 1),
            };
            const assay = await application.anAssay({ payer, spend: { ...application.spend, budget } });

            const fault = await assay.infer(QUESTION).catch((error: unknown) => error);

            expect(String(fault)).to.contain("The wallet is locked.");
            expect(expenses).to.deep.equal([]);
        });
    });

    describe("a payment", () => {
        it("is not followed by a second one when the price rises after it", async () => {
            application.gateway.behave({ onPaid: refuse });

            const fault = await expectFault((await application.anAssay()).infer(QUESTION), "SDK_PAYMENT_REFUSED");

            expect(fault.message).to.contain("the price is 9000 now");
            expect([application.gateway.payments.length, application.signatures()]).to.deep.equal([1, 1]);
        });
        it("is sent again, the same one, when the connection is lost", async () => {
            let isLost = true;
            application.gateway.behave({
                onPaid: ({ response }) => {
                    if (isLost) response.destroy();
                    const ends = isLost;
                    isLost = false;
                    return ends;
                },
            });

            await (await application.anAssay()).infer(QUESTION);

            const { payments } = application.gateway;
            expect(payments).to.have.length(2);
            expect(new Set(payments).size).to.equal(1);
            expect(application.signatures()).to.equal(1);
        });
        it("is sent again, the same one, while nobody knows whether it was settled", async () => {
            let pending = 2;
            application.gateway.behave({
                onPaid: ({ response }) => {
                    if (pending-- <= 0) return false;
                    response.statusCode = 503;
                    response.setHeader("Retry-After", "0");
                    response.end(JSON.stringify({ error: { message: "?", code: "GATEWAY_SETTLEMENT_UNKNOWN" } }));
                    return true;
                },
            });

            await (await application.anAssay()).infer(QUESTION);

            expect(new Set(application.gateway.payments).size).to.equal(1);
            expect([application.gateway.payments.length, application.signatures()]).to.deep.equal([3, 1]);
        });
        it("is kept when its outcome stays unknown: the same question again sends it again", async () => {
            let isLost = true;
            application.gateway.behave({
                onPaid: ({ response }) => {
                    if (isLost) response.destroy();
                    return isLost;
                },
            });
            const assay = await application.anAssay();

            await expectFault(assay.infer(QUESTION), "SDK_OUTCOME_UNKNOWN");
            isLost = false;
            const { isProven } = await assay.infer(QUESTION);

            expect(isProven).to.equal(true);
            expect(new Set(application.gateway.payments).size).to.equal(1);
            expect(application.signatures()).to.equal(1);
            await assay.infer(QUESTION);
            expect(application.signatures()).to.equal(2);
        });
        it("is decided when the gateway says that the money goes back", async () => {
            application.gateway.behave({
                onPaid: ({ response }) => {
                    response.statusCode = 502;
                    response.end(JSON.stringify({ error: { message: "no proof", code: "GATEWAY_REFUNDING" } }));
                    return true;
                },
            });

            await expectFault((await application.anAssay()).infer(QUESTION), "GATEWAY_REFUNDING");
            expect(application.gateway.payments).to.have.length(1);
        });
        it("does not follow a redirect", async () => {
            application.gateway.behave({
                onPaid: ({ response }) => {
                    response.statusCode = 307;
                    response.setHeader("Location", "http://127.0.0.1:1/");
                    response.end();
                    return true;
                },
            });

            await expectFault((await application.anAssay()).infer(QUESTION), "SDK_OUTCOME_UNKNOWN");
            expect(application.signatures()).to.equal(1);
        });
    });

    function expectNothingSigned(): void {
        expect([application.gateway.payments.length, application.signatures()]).to.deep.equal([0, 0]);
    }
});

/** Asks for more after the payment. */
function refuse({ response }: { response: ServerResponse }): boolean {
    response.statusCode = 402;
    response.end(JSON.stringify({ error: { message: "the price is 9000 now", code: "GATEWAY_PAYMENT_INVALID" } }));
    return true;
}

function extra(changes: Record<string, unknown>): Partial<PaymentRequirements> {
    return { extra: { name: "Assay Test USD", version: "1", policy: uintToHex(PRESETS.SIGNED), ...changes } };
}
