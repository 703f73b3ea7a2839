import { expect } from "chai";
import type { Reply } from "../../../offchain/gateway/core/life.ts";
import { createQuotes } from "../../../offchain/gateway/shell/http/quotes.ts";
import { writeUnserved } from "../../../offchain/gateway/shell/http/replies.ts";
import { aLife, appStarter, CHALLENGE, HEAD } from "./_app.ts";

const UNPAID: Extract<Reply, { status: "unpaid" }> = { status: "unpaid", challenge: CHALLENGE, error: undefined };

const write = (reply: Exclude<Reply, { status: "served" }>) => {
    return { reply, written: writeUnserved(reply, { baseUrl: "http://gateway" }) };
};

describe("gateway's quotes over HTTP", () => {
    const start = appStarter();

    it("are told again, to the byte, for as long as they are fresh", async () => {
        let atMs = 0;
        const quotes = createQuotes({ now: () => atMs });
        const quoted = write(UNPAID);
        quotes.keep("body", quoted);

        atMs = 1_000;
        const again = quotes.find("body");
        atMs = 1_001;
        const late = quotes.find("body");

        expect(again?.status).to.equal(402);
        expect(again?.headers.get("payment-required")).to.equal("e30=");
        expect(again?.headers.get("cache-control")).to.equal("no-store");
        expect(await again?.json()).to.deep.equal(quoted.written.body);
        expect(late).to.equal(undefined);
        expect(quotes.find("another body")).to.equal(undefined);
    });

    it("are kept of no refusal, and of nothing that was paid for", () => {
        const quotes = createQuotes();

        quotes.keep("refused", write({ ...UNPAID, error: "insufficient_funds" }));
        quotes.keep("pending", write({ status: "pending", reason: "the node is silent", ...HEAD }));
        quotes.keep("refunding", write({ status: "refunding", reason: "the prover failed", ...HEAD }));

        expect(["refused", "pending", "refunding"].map(quotes.find)).to.deep.equal([undefined, undefined, undefined]);
    });

    it("are kept of the newest bodies only", () => {
        const quotes = createQuotes({ now: () => 0 });
        for (let body = 0; body <= 1_000; body++) quotes.keep(String(body), write(UNPAID));

        expect(quotes.find("0")).to.equal(undefined);
        expect(quotes.find("1")?.status).to.equal(402);
        expect(quotes.find("1000")?.status).to.equal(402);
    });

    it("take the place of an inference for nobody who pays, or asks something else", async () => {
        const asked: (string | undefined)[] = [];
        const life = aLife({
            serve: async ({ payment }) => {
                asked.push(payment);
                return UNPAID;
            },
        });
        const app = await start({ life });
        const body = { model: "tiny" };
        const ask = async (sent: object, headers = {}) => (await app.post("/v1/infer", sent, headers)).status;

        const statuses = [
            await ask(body),
            await ask(body),
            await ask(body, { "payment-signature": "cGF5" }),
            await ask({ ...body, inputs: [1] }),
        ];

        expect(statuses).to.deep.equal([402, 402, 402, 402]);
        expect(asked).to.deep.equal([undefined, "cGF5", undefined]);
    });
});
