import { connect } from "node:net";
import { expect } from "chai";
import { clientOf, forwardedClient } from "../../../offchain/gateway/shell/http/clients.ts";
import { aLife, appStarter, aReply, HEAD, jsonOf, LIMITS, type RunningApp, rawRequest } from "./_app.ts";

const BODY = { model: "tiny", messages: [] };

describe("gateway's limits", () => {
    const start = appStarter();

    it("reads no body that is, or says that it is, too long", async () => {
        let served = 0;
        const serve = async () => {
            served += 1;
            return aReply();
        };
        const app = await start({ life: aLife({ serve }) });
        const long = JSON.stringify({ ...BODY, x: "y".repeat(LIMITS.bodyBytes) });
        const stream = new Blob([long]).stream();

        const declared = await app.post("/v1/infer", long);
        const chunked = await fetch(new URL("/v1/infer", app.url), { method: "POST", body: stream, duplex: "half" });

        for (const response of [declared, chunked]) {
            expect(response.status).to.equal(413);
            expect((await jsonOf(response)).error.code).to.equal("GATEWAY_REQUEST_TOO_LARGE");
        }
        expect(served).to.equal(0);
    });

    it("reads no headers that are too long", async () => {
        const app = await start();
        const headers = { "payment-signature": "A".repeat(LIMITS.headerBytes) };

        const { status, body } = await rawRequest({ url: app.url, method: "POST", path: "/v1/infer", headers });

        expect(status).to.equal(431);
        expect(JSON.parse(body).error.code).to.equal("GATEWAY_REQUEST_TOO_LARGE");
    });

    it("waits for a slow body no longer than its time", async () => {
        const app = await start({ requestTimeoutMs: 100 });

        const answered = await wired(app, "POST /v1/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");

        expect(answered).to.match(/^HTTP\/1\.1 408 [\s\S]*GATEWAY_REQUEST_SLOW/);
    });

    it("answers what is no HTTP", async () => {
        const app = await start();

        const answered = await wired(app, "hello\r\n\r\n");

        expect(answered).to.match(/^HTTP\/1\.1 400 [\s\S]*GATEWAY_BODY_INVALID/);
    });

    it("tells whoever finds no place to come again, before anything is read", async () => {
        const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
        let served = 0;
        const serve = async () => {
            served += 1;
            await held;
            return aReply();
        };
        const app = await start({ life: aLife({ serve }), limits: { ...LIMITS, queue: 2 } });
        const asked = [1, 2, 3].map(() => app.post("/v1/chat/completions", BODY));

        const refused = await Promise.race(asked);
        letGo();
        const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();

        expect(refused.status).to.equal(503);
        expect(refused.headers.get("retry-after")).to.match(/^\d+$/);
        expect((await jsonOf(refused)).error.code).to.equal("GATEWAY_BUSY");
        expect(statuses).to.deep.equal([200, 200, 503]);
        expect(served).to.equal(2);
    });

    it("holds a stream's place until it ended", async () => {
        const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
        const app = await start({
            limits: { ...LIMITS, queue: 1 },
            life: aLife({
                serve: async ({ sink }) => {
                    sink?.start(HEAD);
                    await held;
                    return aReply();
                },
            }),
        });

        const stream = await app.post("/v1/chat/completions", { ...BODY, stream: true });
        const meanwhile = await app.post("/v1/chat/completions", BODY);
        letGo();
        await stream.text();
        const later = await app.post("/v1/infer", BODY);

        expect(meanwhile.status).to.equal(503);
        expect(later.status).to.equal(200);
    });

    it("serves only so many requests of one client, and says for how long", async () => {
        const app = await start({ limits: { ...LIMITS, ratePerMinute: 2 }, isBehindProxy: true });
        const ask = (client: string) => app.get("/v1/models", { headers: { "x-forwarded-for": `9.9.9.9, ${client}` } });

        const statuses = [await ask("1.2.3.4"), await ask("1.2.3.4"), await ask("1.2.3.5")].map(({ status }) => status);
        const refused = await ask("1.2.3.4");
        const health = await app.get("/health", { headers: { "x-forwarded-for": "1.2.3.4" } });

        expect(statuses).to.deep.equal([200, 200, 200]);
        expect(refused.status).to.equal(429);
        expect(Number(refused.headers.get("retry-after"))).to.be.within(1, 60);
        expect((await jsonOf(refused)).error.code).to.equal("GATEWAY_RATE_LIMITED");
        expect(health.status).to.equal(200);
    });

    it("believes nobody who says of itself where it is", async () => {
        const app = await start({ limits: { ...LIMITS, ratePerMinute: 1 } });

        await app.get("/v1/models", { headers: { "x-forwarded-for": "1.2.3.4" } });
        const { status } = await app.get("/v1/models", { headers: { "x-forwarded-for": "1.2.3.5" } });

        expect(status).to.equal(429);
    });

    for (const [address, client] of [
        ["127.0.0.1", "127.0.0.1"],
        ["::ffff:10.0.0.7", "10.0.0.7"],
        ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
        ["2001:0DB8::1", "2001:db8:0:0"],
        ["2001:db8:1:2::", "2001:db8:1:2"],
        ["::1", "0:0:0:0"],
        ["fe80::1%eth0", "fe80:0:0:0"],
    ] as const) {
        it(`counts ${address} as ${client}`, () => {
            expect(clientOf(address)).to.equal(client);
        });
    }

    it("takes the last address that a proxy names", () => {
        expect(forwardedClient("1.1.1.1, 2.2.2.2")).to.equal("2.2.2.2");
        expect(forwardedClient("")).to.equal(undefined);
        expect(forwardedClient(undefined)).to.equal(undefined);
    });
});

/** Sends text as it is; what is answered until the server hangs up. */
function wired({ url }: RunningApp, text: string): Promise<string> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.write(text));
        let answer = "";
        socket.on("data", (chunk) => {
            answer += chunk.toString();
        });
        socket.on("close", () => resolve(answer));
    });
}
