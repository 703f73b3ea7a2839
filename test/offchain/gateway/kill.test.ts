import { fileURLToPath } from "node:url";
import { verifyReceipt } from "@assay/protocol";
import { paymentTokenAbi } from "@assay/sdk";
import { expect } from "chai";
import { Contract } from "ethers";
import { aHome, startAssay } from "../cli/_assay.ts";
import { startChain } from "../cli/_chain.ts";
import { jsonOf } from "./_app.ts";
import { createBuyer } from "./_payments.ts";

const MODEL = fileURLToPath(new URL("../../../models/argmax-8-4-2.onnx", import.meta.url));
const BODY = JSON.stringify({ model: "argmax-8-4-2", inputs: { input: [[0, 1, 2, 3, 4, 5, 6, 7]] } });
const PRICE = 1_000n;
const FUNDS = 1_000_000n;

/** Between what moves money and what is signed over it; test/offchain/gateway/life-crash.test.ts has all of them. */
const POINTS = ["settle.acted", "sign.acted"];

describe("gateway: kill -9 of the process that serves", function () {
    this.timeout(120_000);

    it("takes a payment once, and answers it once with one statement, whenever that happens", async () => {
        const chain = await startChain();
        const { home, remove } = await aHome();
        const { ethers, deployment } = chain.world;
        const [deployer] = await ethers.getSigners();
        const asset = deployment.contracts.PaymentToken ?? "0x";
        const token = new Contract(asset, [...paymentTokenAbi, "function mint(address,uint256)"], deployer);
        const gatewayAt = async ({ port, crashAt }: { port: string; crashAt: string }) => {
            const env = {
                ASSAY_HOME: home,
                RPC_URL: chain.rpcUrl,
                PORT: port,
                MODELS: MODEL,
                ASSAY_CRASH_AT: crashAt,
            };
            const gateway = startAssay(["gateway", "--deployment", `${chain.cwd}/deployments/31337.json`], { env });
            await gateway.says("listening on http://");
            return { gateway, url: new URL(/listening on (http:\/\/\S+)/.exec(gateway.told())?.[1] ?? "") };
        };
        const ask = (url: URL, headers: Record<string, string>) =>
            fetch(new URL("/v1/infer", url), {
                method: "POST",
                headers: { "content-type": "application/json", ...headers },
                body: BODY,
            });
        let port = "0";
        const sequences: number[] = [];

        for (const crashAt of POINTS) {
            const buyer = createBuyer(asset);
            await (await token.getFunction("mint")(buyer.address, FUNDS)).wait();
            const doomed = await gatewayAt({ port, crashAt });
            port = doomed.url.port;
            const quote = await ask(doomed.url, {});
            const signature = await buyer.pay({
                headers: { "PAYMENT-REQUIRED": quote.headers.get("payment-required") ?? "" },
                x402: {},
            });
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
            expect(await token.getFunction("balanceOf")(buyer.address), crashAt).to.equal(FUNDS - PRICE);
            sequences.push(receipt.context.sequence);
        }

        expect(sequences).to.deep.equal([0, 1]);
        await chain.close();
        await remove();
    });
});
