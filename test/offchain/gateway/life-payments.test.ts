import { type Hex, PRESETS, uintToHex } from "@assay/protocol";
import { expect } from "chai";
import type { Reply } from "../../../offchain/gateway/core/life.ts";
import { account, word } from "../executor/_builders.ts";
import { faultOf } from "../executor/_faults.ts";
import { aPayment, PAYER } from "./_fakePayments.ts";
import { aCall, aDoor, aModel, type FakeModel, type LifeWorld, lifeWorldPerTest, receiptIn } from "./_life.ts";

describe("gateway: one payment, one execution", () => {
    let world: LifeWorld;
    let model: FakeModel;
    lifeWorldPerTest((given) => {
        world = given;
        model = aModel();
    });

    it("runs once for ten copies of one payment, and gives all of them the same result", async () => {
        const { life } = await world.start({ models: [model] });

        const replies = await Promise.all(Array.from({ length: 10 }, () => life.serve(aCall({ payment: aPayment() }))));

        expect([model.runs, world.money.transfers]).to.deep.equal([1, 1]);
        expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).to.equal(1);
        expect(replies[0]?.status).to.equal("served");
    });

    it("gives whoever comes back the stored result", async () => {
        const { life } = await world.start({ models: [model] });

        const first = await life.serve(aCall({ payment: aPayment() }));
        const again = await life.serve(aCall({ payment: aPayment() }));

        expect(again).to.deep.equal(first);
        expect(model.runs).to.equal(1);
    });

    it("gives it also when the time of the payment ran out, and nothing else for such a payment", async () => {
        const { life } = await world.start({ models: [model] });
        const first = await life.serve(aCall({ payment: aPayment() }));
        world.money.isLate = true;

        const again = await life.serve(aCall({ payment: aPayment() }));
        const other = await life.serve(aCall({ payment: aPayment({ nonce: word(2) }) }));

        expect(again).to.deep.equal(first);
        expect(other).to.deep.include({
            status: "unpaid",
            error: "invalid_exact_evm_payload_authorization_valid_before",
        });
        expect(model.runs).to.equal(1);
    });

    it("takes no payment for two requests, and says nothing of the first", async () => {
        const { life } = await world.start({ models: [model] });
        await life.serve(aCall({ payment: aPayment() }));

        const faults = [
            await faultOf(life.serve(aCall({ payment: aPayment(), body: { model: "echo", text: "other" } }))),
            await faultOf(life.serve(aCall({ payment: aPayment({ signature: "forged" }) }))),
        ];

        expect(faults.map(({ code }) => code)).to.deep.equal(["GATEWAY_PAYMENT_REUSED", "GATEWAY_PAYMENT_REUSED"]);
        expect(faults.map(({ message }) => message).join()).not.to.include("rcpt_");
        expect(model.runs).to.equal(1);
    });

    describe("payment identifiers", () => {
        const identifier = "pay_0123456789abcdef";

        it("find the stored result, whichever payment comes with them", async () => {
            const { life } = await world.start({ models: [model] });

            const first = await life.serve(aCall({ payment: aPayment({ identifier }) }));
            const again = await life.serve(aCall({ payment: aPayment({ identifier, nonce: word(2) }) }));

            expect(again).to.deep.equal(first);
            expect([model.runs, world.money.transfers, world.money.released]).to.deep.equal([1, 1, 1]);
        });

        it("of somebody else, of another request or without a signature find nothing", async () => {
            const { life } = await world.start({ models: [model] });
            await life.serve(aCall({ payment: aPayment({ identifier }) }));

            const other = aPayment({ identifier, nonce: word(2), payer: account(0xbad) });
            const others = await faultOf(life.serve(aCall({ payment: other })));
            const body = { model: "echo", text: "other" };
            const changed = await faultOf(
                life.serve(aCall({ body, payment: aPayment({ identifier, nonce: word(2) }) })),
            );
            world.money.verify = async () => ({ status: "invalid", reason: "invalid_exact_evm_signature" });
            const forged = await life.serve(aCall({ payment: aPayment({ identifier, nonce: word(3) }) }));

            expect([others.code, changed.code]).to.deep.equal(["GATEWAY_PAYMENT_REUSED", "GATEWAY_PAYMENT_REUSED"]);
            expect(forged).to.deep.include({ status: "unpaid", error: "invalid_exact_evm_signature" });
        });
    });

    it("runs nothing for a payment that would not settle, and takes it when it would", async () => {
        world.money.verify = async () => ({ status: "invalid", reason: "invalid_exact_evm_insufficient_balance" });
        const { life } = await world.start({ models: [model] });

        const refused = await life.serve(aCall({ payment: aPayment() }));
        world.money.verify = async () => ({ status: "valid" });
        const taken = await life.serve(aCall({ payment: aPayment() }));

        expect(refused).to.deep.include({ status: "unpaid", error: "invalid_exact_evm_insufficient_balance" });
        expect(taken.status).to.equal("served");
        expect(model.runs).to.equal(1);
    });

    it("serves once what somebody else has sent to the token", async () => {
        const transaction: Hex = word(0x7a);
        world.money.used.set(`${PAYER}${word(1)}`, transaction);
        const { life } = await world.start({ models: [model] });

        const replies = await Promise.all(Array.from({ length: 3 }, () => life.serve(aCall({ payment: aPayment() }))));

        expect(replies.map((reply) => receiptIn(reply).context?.payment?.transaction)).to.deep.equal([
            transaction,
            transaction,
            transaction,
        ]);
        expect([model.runs, world.money.settleCalls]).to.deep.equal([1, 0]);
    });

    describe("settling whose outcome nobody knows", () => {
        it("is pending, is looked for in the chain, and is served when it is found", async () => {
            world.money.beforeSettle = async () => ({ status: "unknown", transaction: word(0x7a) });
            world.money.beforeReconcile = async () => ({ status: "unknown", transaction: word(0x7a) });
            const { life, seen } = await world.start({ models: [model] });

            const pending = await life.serve(aCall({ payment: aPayment() }));
            const still = await life.serve(aCall({ payment: aPayment() }));
            world.money.beforeReconcile = async () => ({ status: "settled", transaction: word(0x7a) });
            await seen(({ stage }) => stage === "proven");
            const served = await life.serve(aCall({ payment: aPayment() }));

            expect([pending.status, still.status]).to.deep.equal(["pending", "pending"]);
            expect(pending).to.deep.include({ paymentResponse: `${word(1)}:unknown` });
            expect(receiptIn(served).context?.payment?.transaction).to.equal(word(0x7a));
            expect([model.runs, world.money.settleCalls]).to.deep.equal([1, 1]);
        });

        it("never frees the authorization, even when it turns out to have failed", async () => {
            world.money.beforeSettle = async () => {
                throw new Error("the facilitator hung up");
            };
            world.money.beforeReconcile = async () => ({ status: "failed", reason: "authorization expired" });
            const { life, seen } = await world.start({ models: [model] });

            const pending = await life.serve(aCall({ payment: aPayment() }));
            await seen(({ stage }) => stage === "failed");
            const again = await life.serve(aCall({ payment: aPayment() }));
            const other = await faultOf(life.serve(aCall({ payment: aPayment(), body: { model: "echo", text: "b" } })));

            expect(pending.status).to.equal("pending");
            expect(again).to.deep.include({ status: "unpaid", error: "authorization expired" });
            expect(other.code).to.equal("GATEWAY_PAYMENT_REUSED");
            expect([model.runs, world.money.settleCalls]).to.deep.equal([1, 1]);
        });
    });

    describe("callers who go away", () => {
        it("before anything is paid take the work with them, and leave the authorization free", async () => {
            const door = aDoor(model);
            const gone = new AbortController();
            const { life, seen } = await world.start({ models: [model] });

            const asked = life.serve(aCall({ payment: aPayment(), signal: gone.signal })).catch(() => "gone");
            await seen(({ stage }) => stage === "running");
            gone.abort();
            door.open();
            await seen(({ stage }) => stage === "failed");
            const again = await life.serve(aCall({ payment: aPayment() }));

            expect(await asked).to.equal("gone");
            expect(again.status).to.equal("served");
            expect([world.money.transfers, world.money.released]).to.deep.equal([1, 1]);
        });

        it("leave others who wait for the same what they wait for", async () => {
            const door = aDoor(model);
            const gone = new AbortController();
            const { life, seen } = await world.start({ models: [model] });

            const first = life.serve(aCall({ payment: aPayment(), signal: gone.signal })).catch(() => "gone");
            const second = life.serve(aCall({ payment: aPayment() }));
            await seen(({ stage }) => stage === "running");
            gone.abort();
            door.open();

            expect(await first).to.equal("gone");
            expect((await second).status).to.equal("served");
            expect(model.runs).to.equal(1);
        });

        it("after it is paid find it finished", async () => {
            const door = aDoor(model);
            const gone = new AbortController();
            const { life, seen } = await world.start({ models: [model] });
            const body = { model: "echo", text: "a", stream: true };

            const asked = life.serve(aCall({ body, payment: aPayment(), signal: gone.signal })).catch(() => "gone");
            await seen(({ stage }) => stage === "running");
            gone.abort();
            door.open();
            await seen(({ stage }) => stage === "proven");
            const again = await life.serve(aCall({ body, payment: aPayment() }));

            expect(await asked).to.equal("gone");
            expect(again.status).to.equal("served");
            expect([model.runs, world.money.transfers]).to.deep.equal([1, 1]);
        });
    });

    describe("bounds", () => {
        it("refuse what is too much before anything is paid, but never a stored result", async () => {
            const door = aDoor(model);
            const { life, seen } = await world.start({ models: [model], limits: { underWay: 2 } });
            const payments = [1, 2].map((n) => aPayment({ nonce: word(n) }));

            const asked = payments.map((payment) => life.serve(aCall({ payment })));
            await seen(({ stage }) => stage === "running");
            const fault = await faultOf(life.serve(aCall({ payment: aPayment({ nonce: word(3) }) })));
            const shared = life.serve(aCall({ payment: aPayment({ nonce: word(1) }) }));
            door.open();

            expect(fault.code).to.equal("GATEWAY_BUSY");
            expect((await Promise.all([...asked, shared])).map(statusOf)).to.deep.equal(["served", "served", "served"]);
            expect([model.runs, world.money.transfers]).to.deep.equal([2, 2]);
        });

        it("are narrower for one payer", async () => {
            const door = aDoor(model);
            const { life, seen } = await world.start({ models: [model], limits: { perPayer: 1 } });

            const first = life.serve(aCall({ payment: aPayment() }));
            await seen(({ stage }) => stage === "running");
            const fault = await faultOf(life.serve(aCall({ payment: aPayment({ nonce: word(2) }) })));
            const payer = account(0xa11ce);
            const other = life.serve(aCall({ payment: aPayment({ nonce: word(2), payer }) }));
            door.open();

            expect(fault.code).to.equal("GATEWAY_BUSY");
            expect(fault.message).to.include("1 inferences of this payer");
            expect((await Promise.all([first, other])).map(statusOf)).to.deep.equal(["served", "served"]);
        });

        it("let as many complete as can be paid, and not one more", async () => {
            let balance = 3;
            world.money.beforeSettle = async () => {
                if (balance === 0) return { status: "failed", reason: "invalid_exact_evm_insufficient_balance" };
                balance -= 1;
                return undefined;
            };
            const { life } = await world.start({ models: [model] });

            const calls = Array.from({ length: 10 }, (_, n) => aCall({ payment: aPayment({ nonce: word(n + 1) }) }));
            const statuses = (await Promise.all(calls.map((call) => life.serve(call)))).map(statusOf);

            expect(statuses.filter((status) => status === "served")).to.have.length(3);
            expect(statuses.filter((status) => status === "unpaid")).to.have.length(7);
            expect(world.money.transfers).to.equal(3);
        });
    });

    it("repeats a refund until it is made, and makes it once", async () => {
        let attempts = 0;
        world.money.beforeRefund = async () => {
            attempts += 1;
            if (attempts < 3) throw new Error("the account is empty");
        };
        model.script = async () => {
            throw new Error("a defect");
        };
        const { life, seen } = await world.start({ models: [model] });
        const body = { model: "echo", text: "a", stream: true };

        const reply = await life.serve(aCall({ body, payment: aPayment({ policy: uintToHex(PRESETS.SIGNED) }) }));
        await seen(({ stage }) => stage === "refunded");

        expect(reply).to.deep.include({
            status: "refunding",
            reason: "MODEL_FAILED: The model could not be run to its end.",
        });
        expect([attempts, world.money.refunds.size]).to.deep.equal([3, 1]);
    });
});

function statusOf({ status }: Reply): Reply["status"] {
    return status;
}
