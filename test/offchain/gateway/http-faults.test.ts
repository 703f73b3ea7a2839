import { ProtocolError } from "@assay/protocol";
import { expect } from "chai";
import { jsonBody } from "../../../offchain/gateway/core/jsonBody.ts";
import type { Call, Reply } from "../../../offchain/gateway/core/life.ts";
import { aLife, aReply, CHALLENGE, HEAD, ID, jsonOf, type RunningApp, startApp } from "./_app.ts";

const PAID = { ...HEAD, paymentResponse: "cGFpZA==" };

describe("gateway's refusals", () => {
    let app: RunningApp;
    let answer: (call: Call) => Promise<Reply>;
    before(async () => {
        app = await startApp({ life: aLife({ serve: (call) => answer(call) }) });
    });
    after(() => app.close());

    for (const stream of [false, true]) {
        // Each time with a body of its own: who asks the same again is told the same price.
        let asked = 0;
        const ask = (headers = {}) => {
            asked += 1;
            return app.post("/v1/chat/completions", { model: "tiny", stream, seed: asked }, headers);
        };
        const how = stream ? "a stream" : "an answer";

        it(`quotes a price for ${how}, which nobody keeps`, async () => {
            answer = async () => ({ status: "unpaid", challenge: CHALLENGE, error: undefined });

            const response = await ask();
            const body = await jsonOf(response);

            expect(response.status).to.equal(402);
            expect(response.headers.get("payment-required")).to.equal("e30=");
            expect(response.headers.get("cache-control")).to.equal("no-store");
            expect(body.error).to.include({ type: "payment_required", code: "GATEWAY_PAYMENT_REQUIRED", param: null });
            expect(body.x402).to.deep.equal(CHALLENGE.x402);
        });

        it(`says why a payment for ${how} was not taken`, async () => {
            answer = async () => ({ status: "unpaid", challenge: CHALLENGE, error: "invalid_exact_evm_signature" });

            const { error } = await jsonOf(ask());

            expect(error.code).to.equal("GATEWAY_PAYMENT_INVALID");
            expect(error.message).to.include("invalid_exact_evm_signature");
        });

        it(`names the receipt when it is not known whether ${how} was paid`, async () => {
            answer = async () => ({ status: "pending", reason: "the node is silent", ...PAID });

            const response = await ask();
            const body = await jsonOf(response);

            expect(response.status).to.equal(503);
            expect(response.headers.get("retry-after")).to.match(/^\d+$/);
            expect(response.headers.get("x-assay-receipt")).to.equal(`rcpt_${ID}`);
            expect(response.headers.get("payment-required")).to.equal(null);
            expect(body.error.code).to.equal("GATEWAY_SETTLEMENT_UNKNOWN");
            expect(body.receipt).to.deep.equal({ id: `rcpt_${ID}`, url: `${app.url}/v1/receipts/rcpt_${ID}` });
        });

        it(`says that the money for ${how} goes back`, async () => {
            answer = async () => ({ status: "refunding", reason: "the prover failed", ...PAID });

            const response = await ask();
            const body = await jsonOf(response);

            expect(response.status).to.equal(502);
            expect(response.headers.get("payment-response")).to.equal("cGFpZA==");
            expect(body.error).to.include({ type: "server_error", code: "GATEWAY_REFUNDING" });
            expect(body.receipt.id).to.equal(`rcpt_${ID}`);
        });

        for (const [code, status, type] of [
            ["GATEWAY_PARAMETER_UNSUPPORTED", 400, "invalid_request_error"],
            ["GATEWAY_MODEL_UNKNOWN", 404, "invalid_request_error"],
            ["GATEWAY_PAYMENT_REUSED", 409, "invalid_request_error"],
            ["GATEWAY_BUSY", 503, "server_error"],
        ] as const) {
            it(`refuses ${how} with ${code}`, async () => {
                answer = async () => {
                    throw new ProtocolError({ code, message: "Because." });
                };

                const response = await ask();
                const { error } = await jsonOf(response);

                expect(response.status).to.equal(status);
                expect(error).to.include({ code, type, param: null });
                expect(error.message).to.match(/^Because\. /);
                expect(response.headers.get("cache-control")).to.equal("no-store");
            });
        }

        it(`tells nobody outside of a defect in ${how}, and no log of a payment`, async () => {
            answer = async () => {
                throw new TypeError("secret of the house");
            };

            const response = await ask({ "payment-signature": "c2VjcmV0IHBheW1lbnQ=" });
            const text = await response.text();

            expect(response.status).to.equal(500);
            expect(JSON.parse(text).error.code).to.equal("UNEXPECTED");
            expect(text).to.not.include("secret");
            expect(app.lines.join("")).to.include("secret of the house").and.not.include("c2VjcmV0IHBheW1lbnQ=");
        });
    }

    it("hands on what was sent: body, payment, and its own address", async () => {
        const { promise: seen, resolve } = Promise.withResolvers<Call>();
        answer = async (call) => {
            resolve(call);
            return aReply();
        };

        await app.post("/v1/infer", { model: "tiny" }, { "payment-signature": "cGF5" });
        const { route, body, url, payment, sink } = await seen;

        expect({ route, body, url, payment, sink }).to.deep.equal({
            route: "infer",
            body: { model: "tiny" },
            url: `${app.url}/v1/infer`,
            payment: "cGF5",
            sink: undefined,
        });
    });

    for (const [what, body] of [
        ["nothing", ""],
        ["no JSON", "oops"],
        ["half of it", '{"model":'],
        ["a list", "[1]"],
        ["null", "null"],
        ["no UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d)],
    ] as const) {
        it(`takes ${what} for no body, so that the price is told`, async () => {
            const { promise: seen, resolve } = Promise.withResolvers<Call>();
            answer = async (call) => {
                resolve(call);
                return { status: "unpaid", challenge: CHALLENGE, error: undefined };
            };

            const response = await app.get("/v1/infer", { method: "POST", body });

            expect(response.status).to.equal(402);
            expect((await seen).body).to.equal(undefined);
        });
    }

    it("reads nothing that is nested without end", async () => {
        const response = await app.post("/v1/infer", `{"a":${"[".repeat(200)}${"]".repeat(200)}}`);

        expect(response.status).to.equal(400);
        expect((await jsonOf(response)).error.code).to.equal("GATEWAY_BODY_INVALID");
    });

    it("counts no brackets in strings", () => {
        const body = { text: `${"[".repeat(200)}\\"{`, list: [[["]"]]] };

        expect(jsonBody(new TextEncoder().encode(JSON.stringify(body)))).to.deep.equal(body);
    });
});
