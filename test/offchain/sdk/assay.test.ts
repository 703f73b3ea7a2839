import { hashJson, PRESETS, toHex, uintToHex } from "@assay/protocol";
import { type AssayOptions, createAssay } from "@assay/sdk";
import { expect } from "chai";
import { Wallet } from "ethers";
import { expectFault } from "./_expect.ts";
import { type Gateway, int8, jsonBytes, PAYEE, startGateway, TOKEN, type Told } from "./_gateway.ts";
import { createWorld, type World } from "./_world.ts";

const QUESTION = { model: "tensors", inputs: { x: [[1, 2, 3, 4]] } };
const CHAT = { model: "tiny", messages: [{ role: "user", content: "Name a metal." }], temperature: 0.5 };
const STRANGER = Wallet.createRandom();

describe("createAssay", () => {
    let world: World;
    let gateway: Gateway;
    let signatures = 0;
    const wallet = Wallet.createRandom();
    const payer: NonNullable<AssayOptions["payer"]> = {
        address: wallet.address,
        signTypedData: async (...data) => {
            signatures += 1;
            return wallet.signTypedData(...data);
        },
    };

    before(async () => {
        world = await createWorld();
        gateway = await startGateway(world);
    });
    after(() => gateway.close());
    beforeEach(() => {
        gateway.behave({});
        signatures = 0;
    });

    /** An application that pays the honest payee up to three calls a day. */
    function anAssay(options: Partial<AssayOptions> = {}) {
        const { deployment, provider } = world;
        const spend = { asset: TOKEN, payees: [PAYEE], maxPerCall: 2_000n, maxPerDay: 3_000n };
        return createAssay({ gatewayUrl: gateway.url, deployment, provider, payer, spend, ...options });
    }

    describe("infer", () => {
        it("pays once, within the limits, for this request only, and gives what the executor signed", async () => {
            const assay = await anAssay();

            const answer = await assay.infer(QUESTION);

            expect(answer.outputs.sum).to.deep.equal({ dtype: "int64", shape: [1], data: [10n] });
            expect(answer.outputs.first?.data).to.deep.equal([1n]);
            expect(answer.isProven).to.equal(true);
            expect(answer.verdict.code).to.equal("ACCEPTED");
            expect(answer.verdict.claimed.map(({ subject }) => subject)).not.to.include("registry.executor.signingKey");
            expect(answer.paid?.amount).to.equal(1_000n);
            expect(answer.receipt.request.payer).to.equal(toHex(wallet.address));
            expect(gateway.payments).to.have.length(1);
            expect(signatures).to.equal(1);
            expect(await answer.proven()).to.deep.equal({ receipt: answer.receipt, verdict: answer.verdict });
        });
        it("signs nothing on an unpaid route", async () => {
            gateway.behave({ accepts: undefined });

            const answer = await (await anAssay()).infer(QUESTION);

            expect(answer.paid).to.equal(undefined);
            expect(signatures).to.equal(0);
        });
    });
});
