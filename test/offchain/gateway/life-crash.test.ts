import { verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import type { Standing } from "../../../offchain/gateway/core/life.ts";
import { aPayment } from "./_fakePayments.ts";
import { aCall, aModel, FREE, failed, idIn, type LifeWorld, lifeWorldPerTest, reaches } from "./_life.ts";
import { aProvableModel, enclaveFacts, PROVABLE_TEXT } from "./_provable.ts";

const around = (...steps: string[]) =>
    steps.flatMap((step) => [`${step}.before`, `${step}.acted`, `${step}.journalled`]);
/** Points at which the statement is journalled, and a leaf with it. */
const SIGNED = ["sign.journalled", ...around("attest", "prove")];

describe("gateway: the process ends at any point", () => {
    let world: LifeWorld;
    lifeWorldPerTest((given) => {
        world = given;
    });

    type Story = { call: Parameters<typeof aCall>[0]; models: () => Parameters<LifeWorld["start"]>[0] };

    /** Serves until the process is killed at a point; its successor comes upon the journal as it is then. */
    async function dies({ call, models }: Story, crashAt: string) {
        const { life, died } = await world.start(models(), { crashAt });
        const asked = life.serve(aCall(call)).catch(() => "cut off");
        await died;
        const [digest] = (await world.database.query("SELECT digest FROM leaves")).map((row) => row.digest);
        await life.stop();
        await asked;
        return digest;
    }

    /** Whoever asked comes back with the same payment; the receipt is as good as if nothing had happened. */
    async function comesBack({ call, models }: Story, ends: Standing["status"]) {
        const { life } = await world.start(models());
        const reply = await life.serve(aCall(call));
        const standing = await reaches(life, idIn(reply), ends);
        const leaves = await world.database.query("SELECT sequence, id, digest FROM leaves ORDER BY sequence");
        return { reply, standing, leaves };
    }

    describe("of what is paid after the work", () => {
        const story: Story = { call: { payment: aPayment() }, models: () => ({ models: [aModel()] }) };
        for (const point of around("verify", "run", "settle", "sign")) {
            it(`${point}: one transfer, one statement`, async () => {
                const digest = await dies(story, point);

                const { reply, standing, leaves } = await comesBack(story, "proven");

                expect(reply.status).to.equal("served");
                expect(verifyReceipt({ receipt: standing.receipt }).code).to.equal("ACCEPTED");
                expect(world.money.transfers).to.equal(1);
                expect(leaves.map(({ sequence }) => Number(sequence))).to.deep.equal([0]);
                if (digest !== undefined || SIGNED.includes(point)) expect(leaves[0]?.digest).to.equal(digest);
            });
        }
    });

    describe("of what is paid before, attested and proven", () => {
        const story: Story = {
            call: {
                body: { model: "provable", text: PROVABLE_TEXT, verification: { levels: ["tee", "zk"] } },
                payment: aPayment(),
            },
            models: () => ({ models: [aProvableModel()] }),
        };
        for (const point of around("settle", "run", "sign", "attest", "prove")) {
            it(`${point}: one transfer, one statement, all evidence`, async () => {
                world.node.enclaves.push(enclaveFacts());
                const digest = await dies(story, point);

                const { reply, standing, leaves } = await comesBack(story, "proven");

                expect(reply.status).to.equal("served");
                expect(verifyReceipt({ receipt: standing.receipt })).to.deep.include({
                    code: "ACCEPTED",
                    policyMet: true,
                });
                expect(standing.receipt?.evidence.map(({ family }) => family)).to.have.length(3);
                expect([world.money.transfers, world.money.refunds.size]).to.deep.equal([1, 0]);
                expect(leaves.map(({ sequence }) => Number(sequence))).to.deep.equal([0]);
                if (digest !== undefined || SIGNED.includes(point)) expect(leaves[0]?.digest).to.equal(digest);
            });
        }
    });

    describe("of what fails after it is paid", () => {
        const story: Story = {
            call: { body: { model: "echo", text: "a", stream: true }, payment: aPayment() },
            models: () => {
                const model = aModel();
                model.script = async () => failed(5);
                return { models: [model] };
            },
        };
        for (const point of around("settle", "run", "sign", "refund")) {
            it(`${point}: one refund`, async () => {
                await dies(story, point);

                const { reply, standing, leaves } = await comesBack(story, "refunded");

                expect(reply.status).to.equal("refunding");
                expect(standing.refund?.amount).to.equal("1000");
                expect([world.money.transfers, world.money.refunds.size]).to.deep.equal([1, 1]);
                expect(leaves).to.have.length(1);
            });
        }
    });

    for (const { what, body, failed } of [
        { what: "keeps nothing of what nobody paid for", body: {}, failed: 0 },
        { what: "gives up streams that nobody paid for", body: { stream: true }, failed: 5 },
    ]) {
        it(`${what}, and counts on without gaps`, async () => {
            const call = { body: { model: "echo", text: "a", ...body } };
            const story: Story = { call, models: () => ({ prices: FREE }) };
            for (const point of ["run.before", "run.acted", "run.journalled", "sign.before", "sign.acted"]) {
                await dies(story, point);
            }
            const { life } = await world.start({ prices: FREE });

            await Promise.all([life.serve(aCall()), life.serve(aCall())]);

            const leaves = await world.database.query("SELECT sequence FROM leaves ORDER BY sequence");
            expect(leaves.map(({ sequence }) => Number(sequence))).to.deep.equal([0, 1]);
            const stages = await world.database.query("SELECT stage FROM inferences ORDER BY stage");
            expect(stages.map(({ stage }) => stage)).to.deep.equal([
                ...Array(failed).fill("failed"),
                ...["proven", "proven"],
            ]);
        });
    }

    it("asks the chain first what became of a payment, and sends what was never sent", async () => {
        const story: Story = { call: { payment: aPayment() }, models: () => ({ models: [aModel()] }) };
        await dies(story, "settle.before");
        const sent = world.money.settleCalls;

        await comesBack(story, "proven");

        expect([sent, world.money.settleCalls]).to.deep.equal([0, 1]);
    });
});
