import { type JsonObject, type Receipt, type Verdict, verifyReceipt } from "@assay/protocol";
import { readChainState } from "@assay/sdk";
import { expect } from "chai";
import { posting } from "./_app.ts";
import { createGatewayWorld, type GatewayWorld } from "./_gateway.ts";

/** Everything that a gateway's receipt says is held against the chain that it says it of. */
describe("gateway: receipts against their chain", function () {
    this.timeout(60_000); // a whole gateway, payments and batches
    let world: GatewayWorld;
    before(async () => {
        world = await createGatewayWorld();
    });
    after(() => world?.close());

    /** Pays for an inference, and waits until its receipt is in a posted batch. */
    async function bought(route: string, body: JsonObject): Promise<Receipt> {
        const buyer = await world.aBuyer();
        const response = await buyer.fetch(new URL(route, world.url), posting(body));
        expect(response.status).to.equal(200);
        await response.text();
        return world.settled(`${world.url}/v1/receipts/${response.headers.get("x-assay-receipt")}`);
    }

    async function judge(receipt: Receipt): Promise<Verdict> {
        const { ethers, deployment } = world.chain.world;
        const deps = { provider: ethers.provider, deployment };
        return verifyReceipt({ receipt, chainState: await readChainState(deps, receipt) });
    }

    const ORDERS: Record<string, [string, JsonObject]> = {
        tensors: ["/v1/infer", { model: "argmax-8-4-2", inputs: [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]] }],
        "a chat": ["/v1/chat/completions", { model: "tiny-text", messages: [{ role: "user", content: "Hello" }] }],
    };
    for (const [what, [route, body]] of Object.entries(ORDERS)) {
        it(`proves all of a paid, settled receipt of ${what} but when it was issued`, async () => {
            const receipt = await bought(route, body);
            const verdict = await judge(receipt);

            expect(verdict.reason).to.equal("");
            expect(verdict).to.deep.include({ accepted: true, policyMet: true, warnings: [] });
            expect(verdict.claimed.map(({ subject }) => subject)).to.deep.equal(["statement.issuedAt"]);
            const byChain = verdict.proven.filter(({ by }) => by === "chain").map(({ subject }) => subject);
            expect(byChain).to.include.members([
                "context.payment",
                "settlement",
                "registry.model",
                "registry.executor",
            ]);
        });
    }
});
