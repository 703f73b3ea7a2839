import { expect } from "chai";
import {
    aLife,
    aModel,
    appStarter,
    aStanding,
    eventsOf,
    ID,
    jsonOf,
    REQUEST_ID,
    type RunningApp,
    rawRequest,
    startApp,
} from "./_app.ts";

describe("gateway's routes", () => {
    let app: RunningApp;
    const start = appStarter();
    before(async () => {
        app = await startApp();
    });
    after(() => app.close());

    describe("the log", () => {
        it("is listed for everybody, from any sequence on", async () => {
            expect(await jsonOf(app.get("/v1/log?from=7"))).to.deep.equal({ object: "list", data: [] });
        });

        it("has no sequence that is not a number", async () => {
            const response = await app.get("/v1/log?from=-1");

            expect(response.status).to.equal(400);
            expect((await jsonOf(response)).error.code).to.equal("GATEWAY_PARAMETER_UNSUPPORTED");
        });
    });

    describe("receipts", () => {
        for (const name of [`rcpt_${ID}`, `chatcmpl-${ID}`, ID]) {
            it(`gives the one of ${name} to whoever holds the id, and to no cache`, async () => {
                const response = await app.get(`/v1/receipts/${name}`);
                const body = await jsonOf(response);

                expect(body).to.include({ id: `rcpt_${ID}`, status: "served", reason: null, refund: null });
                expect(body.receipt.statement.requestId).to.equal(REQUEST_ID);
                expect(response.headers.get("cache-control")).to.equal("private, no-store");
            });
        }

        it("gives hashes and verdict by requestId to everybody", async () => {
            const body = await jsonOf(app.get(`/v1/receipts/${REQUEST_ID}`));

            expect(body).to.deep.equal({ requestId: REQUEST_ID, verdict: "ACCEPTED" });
        });

        for (const name of ["rcpt_00", `rcpt_${"0".repeat(32)}`, `0x${"99".repeat(32)}`, "x".repeat(500)]) {
            it(`knows none of the name ${name.slice(0, 20)}`, async () => {
                for (const route of ["", "/proof", "/events"]) {
                    const response = await app.get(`/v1/receipts/${name}${route}`);

                    expect(response.status).to.equal(404);
                    expect((await jsonOf(response)).error.code).to.equal("GATEWAY_RECEIPT_UNKNOWN");
                }
            });
        }

        it("deletes contents", async () => {
            const response = await app.get(`/v1/receipts/rcpt_${ID}`, { method: "DELETE" });

            expect(await jsonOf(response)).to.deep.equal({ id: `rcpt_${ID}`, isErased: true });
        });

        it("tells every change until nothing follows", async () => {
            const isOver: boolean[] = [];
            const watched = await start({
                life: aLife({
                    watch: async (_id, { onChange, signal }) => {
                        for (const status of ["served", "proven", "settled"] as const) {
                            onChange(aStanding({ status }));
                            isOver.push(signal.aborted);
                        }
                    },
                }),
            });

            const events = await eventsOf(await watched.get(`/v1/receipts/${ID}/events`));

            const statuses = events.map((event) => JSON.parse(event).status);
            expect(statuses).to.deep.equal(["served", "proven", "settled"]);
            expect(isOver).to.deep.equal([false, false, true]);
        });

        it("keeps nobody waiting for news when it stops", async () => {
            const watched = await start({ life: aLife({ watch: untilAborted }) });
            const response = await watched.get(`/v1/receipts/${ID}/events`);

            await watched.close();

            expect(await eventsOf(response)).to.deep.equal([]);
        });

        it("lets only so many wait for news", async () => {
            const watched = await start({ life: aLife({ watch: untilAborted }) });
            const left = new AbortController();
            const open = [1, 2].map(() => watched.get(`/v1/receipts/${ID}/events`, { signal: left.signal }));
            await Promise.all(open);

            const third = await watched.get(`/v1/receipts/${ID}/events`);
            left.abort();

            expect(third.status).to.equal(503);
            expect((await jsonOf(third)).error.code).to.equal("GATEWAY_BUSY");
        });
    });

    describe("models", () => {
        it("are listed with policies and prices", async () => {
            const { object, data } = await jsonOf(app.get("/v1/models"));

            expect(object).to.equal("list");
            expect(data[0]).to.deep.include({
                id: "tiny",
                object: "model",
                semantics: "FLOAT",
                claimClass: "COMPUTE",
                route: "/v1/chat/completions",
                limits: { tokens: 8 },
                families: ["SIGNED"],
            });
            expect(data[0].policies[0]).to.deep.include({ policy: "SIGNED", flow: "authorization" });
            expect(data[0].policies[0].price).to.include({ amount: "1500", outputTokenAmount: "10" });
        });

        it("are found by name or modelId, and by no other name", async () => {
            const { modelId } = aModel();

            expect((await jsonOf(app.get("/v1/models/tiny"))).modelId).to.equal(modelId);
            expect((await jsonOf(app.get(`/v1/models/${modelId}`))).id).to.equal("tiny");
            const unknown = await app.get("/v1/models/huge");
            expect(unknown.status).to.equal(404);
            expect((await jsonOf(unknown)).error.code).to.equal("GATEWAY_MODEL_UNKNOWN");
        });
    });

    describe("what verifiers ask for", () => {
        it("is signed by one algorithm only", async () => {
            await app.post("/v1/chat/completions", { model: "tiny" });

            expect((await app.get(`/v1/signature/${ID}?model=tiny&signing_algo=ecdsa`)).status).to.equal(200);
            for (const query of ["?signing_algo=ed25519", "?model=other"]) {
                const response = await app.get(`/v1/signature/${ID}${query}`);

                expect(response.status).to.equal(404);
                expect((await jsonOf(response)).error.code).to.equal("GATEWAY_SIGNATURE_UNKNOWN");
            }
        });

        for (const query of [
            "",
            "?model=tiny&nonce=12",
            "?model=tiny&signing_algo=rsa",
            "?model=tiny&signing_address=x",
        ]) {
            it(`refuses the report of "${query}"`, async () => {
                const response = await app.get(`/v1/attestation/report${query}`);

                expect(response.status).to.equal(400);
                expect((await jsonOf(response)).error.code).to.equal("GATEWAY_BODY_INVALID");
            });
        }
    });

    describe("discovery", () => {
        it("names what is paid for", async () => {
            const { version, resources } = await jsonOf(app.get("/.well-known/x402"));

            expect(version).to.equal(1);
            expect(resources).to.deep.equal([`${app.url}/v1/chat/completions`]);
        });

        it("is not well while the journal does not answer", async () => {
            const broken = await start({ isJournalling: async () => false });

            const health = await broken.get("/health");

            expect(health.status).to.equal(503);
            expect(await health.json()).to.deep.equal({ ok: false, underWay: 0 });
        });

        it("describes every route, with prices in whole units", async () => {
            const document = await jsonOf(app.get("/openapi.json"));
            const { post } = document.paths["/v1/chat/completions"];

            expect(document.openapi).to.equal("3.1.0");
            expect(post["x-payment-info"].price).to.deep.equal({
                mode: "dynamic",
                currency: "USD",
                min: "0.00151",
                max: "0.04246",
            });
            expect(post.requestBody.content["application/json"].schema.required).to.include("model");
            expect(document.paths["/v1/infer"].post).to.not.have.property("x-payment-info");
        });

        it("says whether it serves, and what it did", async () => {
            expect(await jsonOf(app.get("/health"))).to.deep.equal({ ok: true, underWay: 0 });
            const metrics = await (await app.get("/metrics")).text();
            expect(metrics).to.include('assay_gateway_requests_total{route="/health",status="200"}');
            expect(metrics).to.include("assay_gateway_models 1");
            expect(metrics).to.match(/^process_cpu_seconds_total \d+\.\d+$/m);
            expect(metrics).to.include("assay_gateway_receipts_waiting 3");
            expect(metrics).to.include("assay_gateway_refunds_open 2");
            expect(metrics).to.match(/^assay_gateway_relayer_native_tokens NaN$/im);
        });
    });

    describe("paths", () => {
        for (const path of [
            "//v1/infer",
            "/v1//infer",
            "/v1/./infer",
            "/v1/x/../infer",
            "/v1/%69nfer",
            "/v1/infer/",
            "/v1/infer%00",
            "/v1/infer;x=1",
            "/V1/infer",
            "http://127.0.0.1/v1/infer",
        ]) {
            it(`does not take ${path} for a route`, async () => {
                const { status, body } = await rawRequest({ url: app.url, method: "POST", path, body: "{}" });

                expect(status).to.equal(404);
                expect(JSON.parse(body).error.code).to.equal("GATEWAY_ROUTE_UNKNOWN");
            });
        }

        it("refuses a target that is none", async () => {
            const { status, body } = await rawRequest({ url: app.url, method: "POST", path: "/v1\\infer", body: "{}" });

            expect(status).to.equal(400);
            expect(JSON.parse(body).error.code).to.equal("GATEWAY_BODY_INVALID");
        });

        for (const method of ["GET", "HEAD", "PUT", "DELETE", "PATCH"]) {
            it(`does not serve ${method} where inferences are asked for`, async () => {
                const response = await app.get("/v1/infer", { method });

                expect(response.status).to.equal(405);
                expect(response.headers.get("allow")).to.equal("POST, OPTIONS");
            });
        }

        it("answers HEAD as GET, without a body", async () => {
            const response = await app.get("/v1/models", { method: "HEAD" });

            expect(response.status).to.equal(200);
            expect(await response.text()).to.equal("");
        });
    });

    describe("browsers", () => {
        it("may ask with a payment, and read what is said of it", async () => {
            const preflight = await app.get("/v1/infer", {
                method: "OPTIONS",
                headers: {
                    origin: "https://app.example",
                    "access-control-request-method": "POST",
                    "access-control-request-headers": "payment-signature, access-control-expose-headers",
                },
            });
            const response = await app.post("/v1/chat/completions", {}, { origin: "https://app.example" });

            expect(preflight.status).to.equal(204);
            expect(preflight.headers.get("access-control-allow-headers")).to.include("payment-signature");
            expect(preflight.headers.get("access-control-allow-methods")).to.include("POST");
            expect(response.headers.get("access-control-allow-origin")).to.equal("*");
            expect(response.headers.get("access-control-allow-credentials")).to.equal(null);
            expect(response.headers.get("access-control-expose-headers")?.toLowerCase()).to.include("payment-required");
        });
    });
});

/** News that never come. */
function untilAborted(_id: string, { signal }: { signal: AbortSignal }): Promise<void> {
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
