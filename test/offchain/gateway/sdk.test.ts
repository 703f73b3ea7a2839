import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compileModel } from "@assay/compiler";
import { FAMILIES } from "@assay/protocol";
import { type AssayOptions, createAssay } from "@assay/sdk";
import { expect } from "chai";
import { Wallet } from "ethers";
import { aHome } from "../cli/_assay.ts";
import { createGatewayWorld, type GatewayWorld } from "./_gateway.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Compiling the smallest model when no cache has it, and proving on a busy machine. */
const TIMEOUT_MS = 100_000;
const INPUTS = [1, 2, 3, 4, 5, 6, 7, 8];

describe("the SDK and a gateway", function () {
    this.timeout(TIMEOUT_MS);
    let world: GatewayWorld;
    let removeHome: () => Promise<void>;

    before(async () => {
        const home = await aHome();
        removeHome = home.remove;
        const compiled = `${home.home}/argmax`;
        const model = `${ROOT}models/argmax-8-4-2`;
        const { input_data: calibration } = JSON.parse(await readFile(`${model}.calibration.json`, "utf8"));
        const onnx = await readFile(`${model}.onnx`);
        await compileModel({ onnx, name: "argmax", outDir: compiled, calibration, cacheDir: `${ROOT}.cache/models` });
        world = await createGatewayWorld({ settings: { models: [`${ROOT}models/tiny-text.onnx`, compiled] } });
    });
    after(async () => {
        await world?.close();
        await removeHome?.();
    });

    it("pay, answer and verify text, whole and streamed", async () => {
        const { assay } = await anAssay();
        const question = { model: "tiny-text", messages: [{ role: "user", content: "Hello" }], max_tokens: 8 };

        const answer = await assay.chat({ ...question, temperature: 0.5, stop: "." });
        const stream = await assay.chat({ ...question, stream: true });
        let text = "";
        for await (const { content } of stream) text += content;

        expect(answer.verdict.code).to.equal("ACCEPTED");
        expect(answer.verdict.proven.map(({ subject }) => subject)).to.include.members(["context.payment", "context"]);
        expect((await stream.answer()).text).to.equal(text);
    });
    it("give an answer at once whose proof comes later, and wait for it", async () => {
        const { assay } = await anAssay();
        const question = { model: "argmax", inputs: INPUTS, policy: "SIGNED_AND_ZK" };

        const answer = await assay.infer({ ...question, until: "served" });
        const { receipt, verdict } = await answer.proven();

        expect(Object.values(answer.outputs)[0]?.data).to.have.length(1);
        expect(verdict.present & (1 << FAMILIES.ZK_GROTH16)).not.to.equal(0);
        expect(receipt.statement).to.deep.equal(answer.receipt.statement);
        expect((await assay.waitFor(answer.id)).verdict.accepted).to.equal(true);
    });
    it("give one answer for one payment when the connection is lost after it was made", async () => {
        let isLost = true;
        const { assay, balance } = await anAssay({
            fetch: async (input, init) => {
                const response = await fetch(input, init);
                if (!new Headers(init?.headers).has("PAYMENT-SIGNATURE") || !isLost) return response;
                isLost = false;
                await response.body?.cancel();
                throw new TypeError("The connection was lost.");
            },
        });
        const before = await balance();

        const { paid } = await assay.infer({ model: "argmax", inputs: INPUTS });

        expect(isLost).to.equal(false);
        expect(before - (await balance())).to.equal(paid?.amount);
    });

    /** An application with a wallet of its own. */
    async function anAssay(options: Partial<AssayOptions> = {}) {
        const payer = Wallet.createRandom();
        const { chain, url, settings, address } = world;
        await world.mint(payer.address, 1_000_000n);
        const assay = await createAssay({
            ...{ gatewayUrl: url, deployment: chain.world.deployment, rpcUrl: chain.rpcUrl, payer, allowDev: true },
            spend: { asset: address, payees: [settings.payTo ?? ""], maxPerCall: 100_000n, maxPerDay: 1_000_000n },
            ...options,
        });
        return { assay, balance: () => world.balanceOf(payer.address) };
    }
});
