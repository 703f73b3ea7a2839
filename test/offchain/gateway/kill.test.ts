import { verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import { aHome, startAssay } from "../cli/_assay.ts";
import { startChain, type TestChain } from "../cli/_chain.ts";
import { jsonOf, posting } from "./_app.ts";
import { INFER } from "./_gateway.ts";
import { modelFile } from "./_models.ts";
import { openBank } from "./_payments.ts";

const PRICE = 1_000n;
const FUNDS = 1_000_000n;

/** Between what moves money and what is signed over it; test/offchain/gateway/life-crash.test.ts has all of them. */
const POINTS = ["settle.acted", "sign.acted"];

describe("gateway: kill -9 of the process that serves", function () {
    this.timeout(120_000);
    let chain: TestChain;
    let folder: Awaited<ReturnType<typeof aHome>>;
    before(async () => {
        chain = await startChain();
        folder = await aHome();
    });
    after(async () => {
        await chain?.close();
        await folder?.remove();
    });

    it("takes a payment once, and answers it once with one statement, whenever that happens", async () => {
        const bank = await openBank(chain);
        const gatewayAt = async ({ port, crashAt }: { port: string; crashAt: string }) => {
            const env = {
                ASSAY_HOME: folder.home,
                RPC_URL: chain.rpcUrl,
                PORT: port,
                MODELS: modelFile("argmax-8-4-2.onnx"),
                ASSAY_CRASH_AT: crashAt,
            };
            const gateway = startAssay(["gateway", "--deployment", `${chain.cwd}/deployments/31337.json`], { env });
            await gateway.says("listening on http://");
            return { gateway, url: new URL(/listening on (http:\/\/\S+)/.exec(gateway.told())?.[1] ?? "") };
        };
        const ask = (url: URL, headers: Record<string, string>) =>
            fetch(new URL("/v1/infer", url), posting(INFER, headers));
        let port = "0";
        const sequences: number[] = [];

        for (const crashAt of POINTS) {
            const buyer = await bank.aBuyer(FUNDS);
            const doomed = await gatewayAt({ port, crashAt });
            port = doomed.url.port;
            const signature = await buyer.payFor(await ask(doomed.url, {}));
            const cutOff = await ask(doomed.url, { "payment-signature": signature }).catch(() => "cut off");
            await doomed.gateway.ended;
            const { gateway, url } = await gatewayAt({ port, crashAt: "" });

            const replies = [
                await ask(url, { "payment-signature": signature }),
                await ask(url, { "payment-signature": signature }),
            ];
            const [first, second] = await Promise.all(replies.map((reply) => jsonOf(reply)));
            const { receipt } = await jsonOf(fetch(first.receipt.url));
            await gateway.stop();

            expect(cutOff, crashAt).to.equal("cut off");
            expect(second, crashAt).to.deep.equal(first);
            expect(verifyReceipt({ receipt }).code, crashAt).to.equal("ACCEPTED");
            expect(await bank.balanceOf(buyer.address), crashAt).to.equal(FUNDS - PRICE);
            sequences.push(receipt.context.sequence);
        }

        expect(sequences).to.deep.equal([0, 1]);
    });
});
