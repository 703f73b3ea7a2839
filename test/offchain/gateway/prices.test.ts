import { encodePolicy, FAMILIES, maskOf, PRESETS } from "@assay/protocol";
import { expect } from "chai";
import { createOutstanding } from "../../../offchain/gateway/core/outstanding.ts";
import { DEFAULT_PRICES, type Priced, priceOf, readPrices } from "../../../offchain/gateway/core/prices.ts";
import { expectFault } from "../sdk/_expect.ts";

const MODEL_ID = `0x${"ab".repeat(32)}`;
const aQuestion = (question: Partial<Priced> = {}): Priced => ({
    ...{ policy: PRESETS.SIGNED, route: "infer", units: 1, model: { name: "digits", modelId: MODEL_ID } },
    ...question,
});

describe("gateway: prices", () => {
    it("are the sum over the families of a policy's dearest clause", () => {
        const anyOf = encodePolicy({ clauses: [maskOf([FAMILIES.SIGNED]), maskOf([FAMILIES.ZK_GROTH16])] });
        const prices = [PRESETS.SIGNED, PRESETS.TEE, PRESETS.ZK, PRESETS.TEE_AND_ZK, PRESETS.SIGNED_AND_TEE, anyOf].map(
            (policy) => priceOf(DEFAULT_PRICES, aQuestion({ policy })),
        );

        expect(prices).to.deep.equal([1_000n, 2_000n, 10_000n, 12_000n, 3_000n, 10_000n]);
    });

    it("of a chat grow with the output tokens that it may take", () => {
        expect(priceOf(DEFAULT_PRICES, aQuestion({ route: "chat", units: 128 }))).to.equal(2_280n);
        expect(priceOf(DEFAULT_PRICES, aQuestion({ units: 128 }))).to.equal(1_000n);
    });

    it("may differ by model, by name or by id", () => {
        const byName = readPrices({ models: { digits: { families: { ZK: "7" } } } });
        const byId = readPrices({ models: { [MODEL_ID.toUpperCase().replace("0X", "0x")]: { outputToken: "1" } } });

        expect(priceOf(byName, aQuestion({ policy: PRESETS.ZK }))).to.equal(7n);
        expect(priceOf(byName, aQuestion())).to.equal(1_000n);
        expect(priceOf(byId, aQuestion({ route: "chat", units: 10 }))).to.equal(1_010n);
    });

    it("of families that a list leaves out are as in the default list", () => {
        const prices = readPrices({ families: { TEE: "7" } });

        expect(prices).to.deep.equal({ ...DEFAULT_PRICES, families: { ...DEFAULT_PRICES.families, TEE: 7n } });
        expect(readPrices({ families: {} })).to.deep.equal(DEFAULT_PRICES);
    });

    it("say which member of a list is wrong, in one line", async () => {
        const work = Promise.resolve().then(() => readPrices({ models: { digits: { families: { ZK: 5 } } } }));

        const { message } = await expectFault(work, "GATEWAY_SETTINGS_INVALID");

        expect(message)
            .to.contain("wrong: models.digits.families.ZK: ")
            .and.not.match(/[✖→\n]/);
    });

    it("are none on a free route", () => {
        const prices = readPrices({ free: ["chat"] });

        expect(priceOf(prices, aQuestion({ route: "chat" }))).to.equal(undefined);
        expect(priceOf(prices, aQuestion())).to.equal(1_000n);
    });

    it("are refused for families that nobody can deliver", async () => {
        const work = Promise.resolve().then(() =>
            priceOf(DEFAULT_PRICES, aQuestion({ policy: PRESETS.QUORUM_3_OF_5 })),
        );

        const fault = await expectFault(work, "GATEWAY_POLICY_UNAVAILABLE");

        expect(fault.message).to.contain("Nothing is charged for QUORUM");
    });

    it("are refused in any other form", async () => {
        const lists = [
            null,
            1,
            { families: { more: "1" } },
            { outputToken: "-1" },
            { outputToken: 1 },
            { more: 1 },
            { free: ["x"] },
        ];
        for (const list of lists) {
            const work = Promise.resolve().then(() => readPrices(list));
            expect((await expectFault(work, "GATEWAY_SETTINGS_INVALID")).message).to.contain("The price list is wrong");
        }
    });

    it("that were promised count until they are released or can no longer be asked for", () => {
        const outstanding = createOutstanding();
        outstanding.hold("a", { payer: "0x1", amount: 5n, until: 100n });
        outstanding.hold("b", { payer: "0x1", amount: 7n, until: 200n });
        outstanding.hold("c", { payer: "0x2", amount: 9n, until: 200n });
        outstanding.hold("a", { payer: "0x1", amount: 5n, until: 100n });

        const totals = [99n, 100n].map((now) => outstanding.totalOf("0x1", now));
        outstanding.release("b");
        outstanding.release("unknown");

        expect(totals).to.deep.equal([12n, 7n]);
        expect(outstanding.totalOf("0x1", 0n)).to.equal(0n);
        expect(outstanding.totalOf("0x2", 0n)).to.equal(9n);
    });
});
