import { type ChainState, type GatewayReceipt, type Verdict, verifyReceipt } from "@assay/protocol";
import { agreedChainState, readChainState } from "@assay/sdk";
import { expect } from "chai";
import { aGatewayReceipt, refunded, resigned, settled } from "./_gatewayReceipt.ts";
import { createWorld, type World } from "./_world.ts";

describe("sdk: receipts of a gateway", () => {
    let world: World;
    let receipt: GatewayReceipt;
    before(async () => {
        world = await createWorld();
        receipt = await aGatewayReceipt(world);
    });

    const judge = async (given: GatewayReceipt): Promise<Verdict> =>
        verifyReceipt({ receipt: given, chainState: await readChainState(world, given) });
    const grounds = ({ proven }: Verdict, subject: string) =>
        proven.filter((one) => one.subject === subject).map(({ by }) => by);

    it("are proven down to payment and configuration, and claim only when they were issued", async () => {
        const verdict = await judge(receipt);

        expect(verdict.reason).to.equal("");
        expect(verdict).to.deep.include({ accepted: true, policyMet: true });
        expect(verdict.claimed.map(({ subject }) => subject)).to.deep.equal(["statement.issuedAt"]);
        expect(grounds(verdict, "context.payment")).to.deep.equal(["chain"]);
        expect(grounds(verdict, "context.config")).to.deep.equal(["chain"]);
    });

    it("are found in the batch of the log that holds their sequence", async () => {
        const first = await settled(world, [receipt]);
        const fillers = [receipt, receipt];
        const later = await settled(world, [...fillers, await resigned(world, receipt, { sequence: 3 })]);

        for (const one of [first, later]) {
            const verdict = await judge(one);
            expect(verdict.reason).to.equal("");
            expect(grounds(verdict, "settlement")).to.deep.equal(["hash", "chain"]);
        }
    });

    it("are held against the batch of their own sequence, and against none while it is not posted", async () => {
        const first = await settled(world, [await resigned(world, receipt, { sequence: 4 })]);
        const { settlement } = first;
        if (settlement?.kind !== "batch") throw new Error("It was settled in a batch.");
        const read = async (sequence: number) =>
            (await readChainState(world, { ...first, settlement: { ...settlement, sequence } })).batch;

        expect(await read(4)).to.deep.include({ root: settlement.root, depth: 0 });
        expect((await read(3))?.root).to.not.equal(settlement.root);
        expect(await read(5)).to.equal(null);
    });

    const LIES: [string, (paid: Paid) => Partial<Paid>][] = [
        ["another transaction", () => ({ transaction: `0x${"11".repeat(32)}` })],
        ["a larger amount", () => ({ amount: "1001" })],
        ["another payee", ({ payer }) => ({ payTo: payer })],
        ["another token", ({ payTo }) => ({ asset: payTo })],
    ];
    for (const [what, change] of LIES) {
        it(`are refused when their payment tells of ${what}`, async () => {
            const payment = paidOf(receipt);
            const lie = await resigned(world, receipt, { payment: { ...payment, ...change(payment) } });

            expect((await judge(lie)).code).to.equal("RECEIPT_PAYMENT_NOT_MADE");
        });
    }

    it("leave a payment on another chain to a node of that chain", async () => {
        const elsewhere = withPayment({ ...paidOf(receipt), network: "eip155:8453" });

        expect((await readChainState(world, elsewhere)).payment).to.equal(undefined);
    });

    it("know no configuration that was never published", async () => {
        const { context } = receipt;
        if (!context?.config) throw new Error("The fixture has a configuration.");
        const { config: published } = context;
        const read = async (config: Partial<typeof published>) => {
            const named = { ...published, ...config };
            return (await readChainState(world, { ...receipt, context: { ...context, config: named } })).config;
        };

        expect(await read({ version: 2 })).to.equal(null);
        expect(await read({ name: "another" })).to.equal(null);
        expect(await read({})).to.deep.equal({
            configHash: receipt.statement.configHash,
            inForceFrom: published.inForceFrom,
        });
    });

    it("prove a refund by the nonce that follows from the request, and take no other transfer for it", async () => {
        const other = await createWorld();
        const failed = await aGatewayReceipt(other, { resultCode: 2 });
        const back = await refunded(other, failed);
        const verdict = verifyReceipt({ receipt: back, chainState: await readChainState(other, back) });

        expect(verdict.reason).to.equal("");
        expect(grounds(verdict, "refund")).to.deep.equal(["chain"]);
        const { transaction } = paidOf(failed);
        const pretended = { ...failed, refund: { transaction, amount: "1000", reason: "Here it is." } };
        expect(verifyReceipt({ receipt: pretended, chainState: await readChainState(other, pretended) }).code).to.equal(
            "RECEIPT_REFUND_NOT_MADE",
        );
    });

    type Paid = NonNullable<NonNullable<GatewayReceipt["context"]>["payment"]>;

    function paidOf({ context }: GatewayReceipt): Paid {
        if (!context?.payment) throw new Error("The fixture is paid.");
        return context.payment;
    }

    function withPayment(payment: Paid): GatewayReceipt {
        if (receipt.context === undefined) throw new Error("The fixture has a context.");
        return { ...receipt, context: { ...receipt.context, payment } };
    }
});

describe("agreedChainState", () => {
    const block = { number: 5, hash: `0x${"05".repeat(32)}`, timestamp: 6 } as const;
    const ask = {
        ...{ modelId: block.hash, configHash: block.hash, inputHash: block.hash },
        ...{ policy: 1n, executors: [], minStakeWei: 0n },
    };
    const chainState: ChainState = { chainId: 1, block, ask };
    const first = { url: "http://one", chainState };

    it("is what all say", () => {
        expect(agreedChainState([first])).to.equal(chainState);
        expect(agreedChainState([first, { url: "http://two", chainState: structuredClone(chainState) }])).to.equal(
            chainState,
        );
    });

    const DISAGREEMENTS: [string, ChainState][] = [
        ["block.hash", { ...chainState, block: { ...block, hash: `0x${"06".repeat(32)}` } }],
        ["chainId", { ...chainState, chainId: 2 }],
        ["ask.policy", { ...chainState, ask: { ...ask, policy: 2n } }],
        ["batch", { ...chainState, batch: null }],
    ];
    for (const [fact, other] of DISAGREEMENTS) {
        it(`names the node that says otherwise of ${fact}`, () => {
            const said = [
                first,
                { url: "http://two", chainState },
                { url: "http://three", chainState: other },
            ] as const;

            expect(() => agreedChainState(said))
                .to.throw()
                .that.includes({ code: "RECEIPT_NODES_DISAGREE" })
                .and.property("message")
                .that.contains(`http://three and http://one say different things of ${fact}.`);
        });
    }
});
