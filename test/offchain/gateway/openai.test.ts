import { verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import { verifyMessage } from "ethers";
import OpenAI from "openai";
import { jsonOf } from "./_app.ts";
import { createGatewayWorld, type GatewayWorld } from "./_gateway.ts";

const CHAT = { model: "tiny-text", messages: [{ role: "user" as const, content: "Hello" }], max_tokens: 8 };

describe("gateway, asked by the openai client with a fetch that pays", function () {
    this.timeout(60_000);
    let world: GatewayWorld;
    before(async () => {
        world = await createGatewayWorld();
    });
    after(() => world.close());

    const clientOf = ({ fetch }: { fetch: typeof globalThis.fetch }) =>
        new OpenAI({ apiKey: "none", baseURL: `${world.url}/v1`, fetch, maxRetries: 0 });

    it("answers in one piece, is paid, and proves it by a receipt", async () => {
        const buyer = await world.aBuyer();

        const { result, amount } = await world.received(world.settings.payTo, () =>
            clientOf(buyer).chat.completions.create(CHAT).withResponse(),
        );
        const { data, response } = result;
        const id = response.headers.get("x-assay-receipt") ?? "";
        const { status, receipt } = await jsonOf(world.get(`/v1/receipts/${id}`));

        expect(data.choices[0]?.message.content).to.be.a("string").and.not.equal("");
        expect(data.usage?.completion_tokens).to.be.within(1, 8);
        expect(amount).to.equal(1_080n);
        expect(["proven", "settled"]).to.include(status);
        expect(verifyReceipt({ receipt })).to.include({ accepted: true, code: "ACCEPTED" });
        expect(receipt.context.payment.payer).to.equal(buyer.address);
    });

    it("streams, with usage at the end", async () => {
        const buyer = await world.aBuyer();
        const options = { stream: true, stream_options: { include_usage: true } } as const;

        const stream = await clientOf(buyer).chat.completions.create({ ...CHAT, ...options });
        const chunks: OpenAI.ChatCompletionChunk[] = [];
        for await (const chunk of stream) chunks.push(chunk);
        const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");

        expect(chunks[0]?.choices[0]?.delta.role).to.equal("assistant");
        expect(text).to.not.equal("");
        expect(chunks.filter(({ choices }) => choices[0]?.finish_reason)).to.have.length(1);
        expect(chunks.at(-1)?.usage?.completion_tokens).to.be.within(1, 8);
        expect(await world.balanceOf(buyer.address)).to.equal(1_000_000n - 1_080n);
    });

    it("lists its models to the client", async () => {
        const models = await clientOf({ fetch }).models.list();

        expect(models.data.map(({ id }) => id).sort()).to.deep.equal(["argmax-8-4-2", "tiny-text"]);
    });

    it("refuses in a way that the client understands", async () => {
        const buyer = await world.aBuyer();
        const asked = clientOf(buyer).chat.completions.create({ ...CHAT, n: 2 });

        const fault = await asked.catch((error: unknown) => error);

        expect(fault).to.be.instanceOf(OpenAI.BadRequestError);
        expect(fault).to.include({ code: "GATEWAY_PARAMETER_UNSUPPORTED", status: 400 });
        expect(await world.balanceOf(buyer.address)).to.equal(1_000_000n);
    });

    it("signs both bodies with the key that signs statements", async () => {
        const buyer = await world.aBuyer();
        const { data } = await clientOf(buyer).chat.completions.create(CHAT).withResponse();

        const signed = await jsonOf(world.get(`/v1/signature/${data.id}?model=tiny-text`));
        const { receipt } = await jsonOf(world.get(`/v1/receipts/${data.id}`));

        expect(verifyMessage(signed.text, signed.signature).toLowerCase()).to.equal(signed.signing_address);
        expect(signed.signing_address).to.equal(receipt.registry.executor.signingKey);
    });
});
