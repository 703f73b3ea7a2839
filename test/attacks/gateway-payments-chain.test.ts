import { RpcRefusal } from "@assay/executor/chain";
import { keccak256, PRESETS, ProtocolError } from "@assay/protocol";
import { expect } from "chai";
import type { Payment } from "../../offchain/gateway/core/payment.ts";
import { isMoved } from "../../offchain/gateway/shell/payments/token.ts";
import { scriptedRpc } from "../offchain/executor/_rpc.ts";
import {
    type Buyer,
    createPaymentWorld,
    type PaymentWorld,
    paymentOf,
    SIGNED,
    transferTerms,
    UPFRONT,
} from "../offchain/gateway/_payments.ts";
import { expectFault } from "../offchain/sdk/_expect.ts";

const PRICE = SIGNED.amount;

describe("attacks: payments of a gateway, as they are settled", () => {
    let world: PaymentWorld;
    before(async () => {
        world = await createPaymentWorld();
    });
    after(() => world.close());

    const received = <T>(work: () => Promise<T>) => world.received(world.payTo, work);

    it("S1, S2: settle once, however often and however fast they are brought", async () => {
        const { payments } = await world.startPayments();
        const payment = await paymentOf(payments, await world.aBuyer());

        const { result, amount } = await received(async () => {
            const together = await Promise.all(Array.from({ length: 10 }, () => payments.settle(payment)));
            return [...together, await payments.settle(payment)];
        });

        expect(amount).to.equal(PRICE);
        expect(result[0]?.status).to.equal("settled");
        for (const settling of result) expect(settling).to.deep.equal(result[0]);
    });

    it("S5: by a balance for one, are found good once, and settle once", async () => {
        const { payments } = await world.startPayments();
        const buyer = await world.aBuyer(PRICE);
        const ten = await Promise.all(Array.from({ length: 10 }, () => paymentOf(payments, buyer, { offer: UPFRONT })));

        const verified = await Promise.all(ten.map((payment) => payments.verify(payment)));
        const { result, amount } = await received(() => Promise.all(ten.map((payment) => payments.settle(payment))));

        expect(verified.filter(({ status }) => status === "valid")).to.have.length(1);
        expect(verified).to.deep.include({ status: "invalid", reason: "invalid_exact_evm_insufficient_balance" });
        expect(amount).to.equal(PRICE);
        expect(result.filter(({ status }) => status === "settled")).to.have.length(1);
        expect(result.filter(({ status }) => status === "failed")).to.have.length(9);
    });

    it("S5: do not hold up their payer when they are released", async () => {
        const { payments } = await world.startPayments();
        const buyer = await world.aBuyer(PRICE);
        const [one, other] = [await paymentOf(payments, buyer), await paymentOf(payments, buyer)];

        await payments.verify(one);
        const held = await payments.verify(other);
        payments.release(one);
        const free = await payments.verify(other);

        expect([held.status, free.status]).to.deep.equal(["invalid", "valid"]);
    });

    it("S6: fail for certain when the payer moves the money away or cancels", async () => {
        const { payments } = await world.startPayments();
        const [poor, fickle] = [await world.aBuyer(PRICE), await world.aBuyer()];
        const [unfunded, cancelled] = [await paymentOf(payments, poor), await paymentOf(payments, fickle)];
        await payments.verify(unfunded);
        await payments.verify(cancelled);
        await world.spend(poor, PRICE);
        await world.cancel(fickle, cancelled.nonce);

        const { result, amount } = await received(async () => [
            await payments.settle(unfunded),
            await payments.settle(cancelled),
        ]);

        expect(amount).to.equal(0n);
        expect(result).to.deep.equal([
            { status: "failed", reason: "invalid_exact_evm_insufficient_balance" },
            { status: "failed", reason: "The payer cancelled the authorization." },
        ]);
    });

    it("S7: count when somebody else sends them, before or after they are verified", async () => {
        const { payments } = await world.startPayments();
        const buyer = await world.aBuyer();
        const [early, late] = [await paymentOf(payments, buyer), await paymentOf(payments, buyer)];

        const { result, amount } = await received(async () => {
            const { hash } = await world.frontRun(early);
            const verified = [await payments.verify(early), await payments.verify(late)];
            const { hash: second } = await world.frontRun(late);
            return {
                verified,
                hashes: [hash, second],
                settled: [await payments.settle(early), await payments.settle(late)],
            };
        });

        expect(amount).to.equal(2n * PRICE);
        expect(result.verified).to.deep.equal([{ status: "valid" }, { status: "valid" }]);
        expect(result.settled).to.deep.equal(result.hashes.map((transaction) => ({ status: "settled", transaction })));
    });

    it("S7: do not count when the nonce was used to pay somebody else", async () => {
        const { payments } = await world.startPayments();
        const buyer = await world.aBuyer();
        const payment = await paymentOf(payments, buyer);
        await world.payElsewhere(buyer, payment.nonce, PRICE);

        const { result, amount } = await received(() => payments.settle(payment));

        expect(amount).to.equal(0n);
        expect(result).to.deep.equal({
            status: "failed",
            reason: "The authorization was used for another transfer.",
        });
    });

    it("S7: are not given up because one node lags behind another", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const { payments } = await world.startPayments({ rpc });
        const payment = await paymentOf(payments, await world.aBuyer());
        const { hash: transaction } = await world.frontRun(payment);

        rpc.script.set("eth_getTransactionReceipt", async () => null);
        const withoutReceipt = await payments.reconcile(payment, transaction);
        rpc.script.set("eth_getLogs", async () => []);
        const withoutLogs = await payments.reconcile(payment, undefined);
        rpc.script.clear();

        expect(withoutReceipt).to.deep.equal({ status: "unknown", transaction });
        expect(withoutLogs).to.deep.equal({ status: "unknown", transaction: undefined });
        expect(await payments.reconcile(payment, undefined)).to.deep.equal({ status: "settled", transaction });
    });

    it("S7: count once when two authorizations are used in one transaction", async () => {
        const { payments } = await world.startPayments();
        const buyer = await world.aBuyer();
        const [here, elsewhere] = [await paymentOf(payments, buyer), await paymentOf(payments, buyer)];
        const hash = keccak256(Uint8Array.of(1));
        const logs = [
            ...world.logsOf({ hash, index: 0, payment: here, to: world.payTo }),
            ...world.logsOf({ hash, index: 2, payment: elsewhere, to: world.address }),
        ];
        const moved = ({ payer: from, nonce }: Payment) =>
            isMoved(logs, { token: world.address, from, to: world.payTo, value: PRICE, nonce });

        expect([moved(here), moved(elsewhere)]).to.deep.equal([true, false]);
    });

    it("S8: stay unknown while the chain does not tell, and are found by nonce after a restart", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const { payments } = await world.startPayments({ rpc, limits: { confirmationMs: 20 } });
        const payment = await paymentOf(payments, await world.aBuyer());
        rpc.script.set("eth_getTransactionReceipt", async () => null);
        rpc.script.set("eth_getLogs", () => Promise.reject(new ProtocolError({ code: "EXECUTOR_RPC_UNREACHABLE" })));

        const { result, amount } = await received(() => payments.settle(payment));
        const { payments: restarted } = await world.startPayments();
        const kept = JSON.parse(
            JSON.stringify(payment, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
        );
        const found = await restarted.reconcile({ ...payment, payload: kept.payload }, undefined);

        expect(amount).to.equal(PRICE);
        expect(result).to.deep.equal({ status: "unknown", transaction: Reflect.get(found, "transaction") });
        expect(found.status).to.equal("settled");
    });

    it("S8: are settled although the node's answer to sending got lost", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const { payments } = await world.startPayments({ rpc });
        const buyer = await world.aBuyer();
        const [lost, next] = [await paymentOf(payments, buyer), await paymentOf(payments, buyer)];
        rpc.script.set("eth_sendRawTransaction", async (_call, pass) => {
            await pass();
            throw new ProtocolError({ code: "EXECUTOR_RPC_UNREACHABLE" });
        });

        const { result, amount } = await received(async () => [
            await payments.settle(lost),
            await payments.settle(next),
        ]);

        expect(result.map(({ status }) => status)).to.deep.equal(["settled", "settled"]);
        expect(amount).to.equal(2n * PRICE);
    });

    it("S8: stay unknown when nothing reached the chain, and fail once nobody can send them any more", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const { payments } = await world.startPayments({ rpc, limits: { confirmationMs: 20 } });
        const payment = await paymentOf(payments, await world.aBuyer());
        rpc.script.set("eth_sendRawTransaction", () =>
            Promise.reject(new ProtocolError({ code: "EXECUTOR_RPC_UNREACHABLE" })),
        );
        const settling = await payments.settle(payment);
        const before = await payments.reconcile(payment, undefined);
        const { networkHelpers } = world.chain.world;
        const snapshot = await networkHelpers.takeSnapshot();
        await networkHelpers.time.increaseTo(payment.validBefore);
        const after = await payments.reconcile(payment, undefined);
        await snapshot.restore();

        expect([settling.status, before.status]).to.deep.equal(["unknown", "unknown"]);
        expect(after).to.deep.equal({ status: "failed", reason: "The authorization was not used in time." });
    });

    it("S9: fifty at once all settle, by one key", async () => {
        const { payments } = await world.startPayments();
        const buyer = await world.aBuyer();
        const fifty = await Promise.all(Array.from({ length: 50 }, () => paymentOf(payments, buyer)));

        const { result, amount } = await received(() => Promise.all(fifty.map((payment) => payments.settle(payment))));

        expect(new Set(result.map(({ status }) => status))).to.deep.equal(new Set(["settled"]));
        expect(amount).to.equal(50n * PRICE);
    });

    it("S10: are not settled for more gas than the cap, nor at a higher price of gas", async () => {
        const capped = await world.startPayments({ limits: { gasCap: 50_000n } });
        const priced = await world.startPayments({ gasCeilingWei: 1n });
        const buyer = await world.aBuyer();
        const settle = async ({ payments }: typeof capped) => payments.settle(await paymentOf(payments, buyer));

        const { result, amount } = await received(async () => [await settle(capped), await settle(priced)]);

        expect(amount).to.equal(0n);
        expect(result).to.deep.equal([
            { status: "failed", reason: "facilitator_relayer_refused" },
            { status: "failed", reason: "facilitator_relayer_refused" },
        ]);
    });

    it("S10: of one payer are settled only so often in a minute", async () => {
        const { payments } = await world.startPayments({ limits: { perPayerPerMinute: 2 } });
        const [eager, other] = [await world.aBuyer(), await world.aBuyer()];
        const settle = async (buyer: Buyer) => payments.settle(await paymentOf(payments, buyer));

        const settled = [await settle(eager), await settle(eager), await settle(eager), await settle(other)];
        const verified = await payments.verify(await paymentOf(payments, eager));

        expect(settled.map(({ status }) => status)).to.deep.equal(["settled", "settled", "failed", "settled"]);
        expect(verified).to.deep.equal({ status: "invalid", reason: "facilitator_payer_rate" });
    });

    it("S11: are sent away before anything is done while too many wait", async () => {
        const { payments } = await world.startPayments({ limits: { backlog: 0 } });

        const fault = await expectFault(paymentOf(payments, await world.aBuyer()), "GATEWAY_BUSY");

        expect(fault.retryable).to.equal(true);
    });

    it("S12: are not taken in a token that is not in the domain that it names", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const separator = "0x3644e515";
        rpc.script.set("eth_call", async (call, pass) =>
            JSON.stringify(call.params).includes(separator) ? `0x${"11".repeat(32)}` : pass(),
        );

        const fault = await expectFault(world.startPayments({ rpc }), "GATEWAY_TOKEN_UNUSABLE");

        expect(fault.message).to.contain(`DOMAIN_SEPARATOR is 0x${"11".repeat(32)}; "Assay Test USD", version "1"`);
    });

    it("S15: are refused when a rule refuses them or fails", async () => {
        const { payments } = await world.startPayments({
            checks: [
                async ({ payload }) => {
                    if (JSON.stringify(payload).includes('"value":"1000"')) throw new Error("A defect.");
                    return "not_today";
                },
            ],
        });
        const buyer = await world.aBuyer();
        const [failing, refused] = [
            await paymentOf(payments, buyer),
            await paymentOf(payments, buyer, { offer: { ...SIGNED, amount: 5n, policy: PRESETS.ZK } }),
        ];

        const verified = [await payments.verify(failing), await payments.verify(refused)];
        const { result, amount } = await received(() => payments.settle(failing));

        expect(verified).to.deep.equal([
            { status: "invalid", reason: "facilitator_policy_failed" },
            { status: "invalid", reason: "not_today" },
        ]);
        expect(result).to.deep.equal({ status: "failed", reason: "facilitator_policy_failed" });
        expect(amount).to.equal(0n);
    });

    it("S25: leave no key and no signature in logs and faults", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const { payments, lines, key, refundKey } = await world.startPayments({ rpc });
        const payment = await paymentOf(payments, await world.aBuyer());
        const { signature } = transferTerms(payment);
        rpc.script.set("eth_sendRawTransaction", () => {
            const error = { code: -32_000, message: "insufficient funds" };
            return Promise.reject(new RpcRefusal({ method: "eth_sendRawTransaction", error }));
        });

        const settling = await payments.settle(payment);
        const refunding = payments.refund({ key: "0x", to: payment.payer, amount: 1n });
        const fault = await expectFault(refunding, "GATEWAY_REFUND_UNFUNDED");

        expect(settling).to.deep.equal({ status: "failed", reason: "facilitator_relayer_refused" });
        const said = JSON.stringify([lines, settling, String(fault), fault.stack]);
        expect(lines.length).to.be.above(0);
        for (const secret of [key, refundKey, signature]) expect(said).to.not.contain(secret.slice(2));
    });

    it("S8: are not taken for invalid because the node is silent", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const { payments } = await world.startPayments({ rpc });
        const payment = await paymentOf(payments, await world.aBuyer());
        for (const method of ["eth_getCode", "eth_call"]) {
            rpc.script.set(method, () => Promise.reject(new ProtocolError({ code: "EXECUTOR_RPC_UNREACHABLE" })));
        }

        await expectFault(payments.verify(payment), "GATEWAY_FACILITATOR_SILENT");
        rpc.script.clear();

        expect(await payments.verify(payment)).to.deep.equal({ status: "valid" });
    });
});
