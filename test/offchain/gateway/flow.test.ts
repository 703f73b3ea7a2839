import { verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import { eventsIn, jsonOf, posting } from "./_app.ts";
import { createGatewayWorld, type GatewayWorld, INFER } from "./_gateway.ts";

const CHAT = { model: "tiny-text", messages: [{ role: "user", content: "Hello" }], max_tokens: 4 };

describe("gateway, from a paid request to a settled receipt", function () {
    this.timeout(60_000);
    let world: GatewayWorld;
    before(async () => {
        world = await createGatewayWorld();
    });
    after(() => world.close());

    /** A paid request, and its payment once more. */
    const paidTwice = async (route: string, body: object) => {
        const buyer = await world.aBuyer();
        let headers = new Headers();
        const recording: typeof fetch = async (input, init) => {
            const request = new Request(input, init);
            headers = request.headers;
            return fetch(request);
        };
        const url = `${world.url}${route}`;
        const first = await buyer.through(recording)(url, posting(body));
        const again = (other: object = body) => fetch(url, { ...posting(other), headers });
        return { buyer, first, again };
    };

    it("gives tensors with a receipt that goes on to a batch of the log", async () => {
        const buyer = await world.aBuyer();

        const response = await buyer.fetch(`${world.url}/v1/infer`, posting(INFER));
        const body = await jsonOf(response);
        const last = await world.settled(body.receipt.url);
        const proof = await jsonOf(world.get(`/v1/receipts/${body.id}/proof`));

        expect(response.status).to.equal(200);
        expect(body).to.include({ object: "inference", model: "argmax-8-4-2", usage: null });
        expect(body.outputs.class.dtype).to.equal("int64");
        expect(body.receipt).to.include({ policy: "SIGNED" });
        expect(last).to.have.nested.property("context.sequence", proof.sequence);
        expect(verifyReceipt({ receipt: last }).code).to.equal("ACCEPTED");
        expect(last.settlement?.kind).to.equal("batch");
    });

    for (const [what, route, body] of [
        ["tensors", "/v1/infer", INFER],
        ["a chat", "/v1/chat/completions", CHAT],
        ["a streamed chat", "/v1/chat/completions", { ...CHAT, stream: true }],
    ] as const) {
        it(`gives the stored answer to whoever repeats the payment for ${what}, and takes no second one`, async () => {
            const { buyer, first, again } = await paidTwice(route, body);
            const answered = contentOf(await first.text());

            const second = await again();

            expect(second.status).to.equal(200);
            expect(answered).to.not.equal("");
            expect(second.headers.get("x-assay-receipt")).to.equal(first.headers.get("x-assay-receipt"));
            expect(contentOf(await second.text())).to.equal(answered);
            expect(await world.balanceOf(buyer.address)).to.equal(
                1_000_000n - (body.model === "tiny-text" ? 1_040n : 1_000n),
            );
        });
    }

    it("takes no payment for another request", async () => {
        const { again } = await paidTwice("/v1/infer", INFER);

        const other = await again({ ...INFER, inputs: { input: [[9, 1, 2, 3, 4, 5, 6, 7]] } });

        expect(other.status).to.equal(409);
        expect((await jsonOf(other)).error.code).to.equal("GATEWAY_PAYMENT_REUSED");
    });

    it("deletes contents for whoever holds the id, and keeps what proves", async () => {
        const buyer = await world.aBuyer();
        const { id } = await jsonOf(buyer.fetch(`${world.url}/v1/chat/completions`, posting(CHAT)));
        await world.settled(`${world.url}/v1/receipts/${id}`);

        const deleted = await world.get(`/v1/receipts/${id}`, { method: "DELETE" });
        const { isErased, receipt } = await jsonOf(world.get(`/v1/receipts/${id}`));
        const standing = await jsonOf(world.get(`/v1/receipts/${receipt.statement.requestId}`));

        expect(deleted.status).to.equal(200);
        expect(isErased).to.equal(true);
        expect(JSON.stringify(receipt)).to.not.include("Hello");
        expect(receipt).to.not.have.property("output");
        expect(receipt.evidence).to.have.length(1);
        expect(JSON.stringify(standing)).to.include(receipt.statement.outputHash);
    });

    it("sends the first byte of a stream before the last", async () => {
        const buyer = await world.aBuyer();

        const response = await buyer.fetch(
            `${world.url}/v1/chat/completions`,
            posting({ ...CHAT, stream: true, max_tokens: 64 }),
        );
        const reader = response.body?.getReader();
        const first = await reader?.read();
        const text = new TextDecoder().decode(first?.value);

        expect(text).to.include('"role":"assistant"').and.not.include("[DONE]");
        await reader?.cancel();
    });
});

/** What was answered, however it was cut into pieces. */
function contentOf(text: string): string {
    if (!text.startsWith("data: ")) return text;
    return eventsIn(text)
        .filter((event) => event.startsWith("{"))
        .map((event) => JSON.parse(event).choices[0]?.delta.content ?? "")
        .join("");
}
