import { RpcRefusal } from "@assay/executor/chain";
import { type Hex, toHex } from "@assay/protocol";
import { expect } from "chai";
import { AbiCoder } from "ethers";
import { parsePayment } from "../../offchain/gateway/core/paymentHeader.ts";
import { createFacilitator } from "../../offchain/gateway/shell/payments/facilitator.ts";
import { PAYMENT_LIMITS } from "../../offchain/gateway/shell/payments/payments.ts";
import { openToken } from "../../offchain/gateway/shell/payments/token.ts";
import { createTestLog } from "../offchain/executor/_log.ts";
import { scriptedRpc } from "../offchain/executor/_rpc.ts";
import { createPaymentWorld, type PaymentWorld, paymentOf } from "../offchain/gateway/_payments.ts";

/** A wallet that says yes to every signature as long as nobody pays for the gas: whenever it is only asked. */
const TWO_FACED = "0x631626ba7e60e01b3a15025f5260205ff3";
const WALLET: Hex = "0x00000000000000000000000000000000002faced";

describe("attacks: gas and places of a gateway", () => {
    let world: PaymentWorld;
    before(async () => {
        world = await createPaymentWorld();
    });
    after(() => world.close());

    it("S10: a wallet that says yes when asked and no when it has to pay burns the relayer's gas once", async () => {
        await world.chain.world.networkHelpers.setCode(WALLET, TWO_FACED);
        await world.mint(WALLET, 1_000_000n);
        const rpc = scriptedRpc({ url: world.rpcUrl });
        // As other nodes than this one do it: at no price, unless one is named.
        rpc.script.set("eth_estimateGas", async () => "0x186a0");
        const { payments, relayer } = await world.startPayments({ rpc, limits: { confirmationMs: 200 } });
        const buyer = await world.aBuyer();
        const spent = () => world.chain.world.ethers.provider.getTransactionCount(relayer.address);

        const settled = [];
        for (let time = 0; time < 3; time++) {
            const payment = await paymentOf(payments, buyer, { from: WALLET, shape: () => "0x1234" });
            settled.push([(await payments.verify(payment)).status, (await payments.settle(payment)).status]);
        }

        expect(await spent()).to.equal(1);
        expect(settled).to.deep.equal([
            ["valid", "unknown"],
            ["invalid", "failed"],
            ["invalid", "failed"],
        ]);
    });

    it("S11: what a token refuses in words that nobody knows was not sent, and waits for nothing", async () => {
        const rpc = scriptedRpc({ url: world.rpcUrl });
        const { payments } = await world.startPayments({ rpc });
        const buyer = await world.aBuyer();
        const words = AbiCoder.defaultAbiCoder().encode(["string"], ["Blacklistable: account is blacklisted"]);
        const settle = async (data: string) => {
            rpc.script.set("eth_estimateGas", () => Promise.reject(refusal(toHex(data))));
            const settling = await payments.settle(await paymentOf(payments, buyer));
            rpc.script.clear();
            return settling;
        };

        const said = await settle(`0x08c379a0${words.slice(2)}`);
        const unknown = await settle("0xdeadbeef");

        expect([said.status, unknown.status]).to.deep.equal(["failed", "failed"]);
    });

    it("S10: a settlement under way answers for no other amount of the same authorization", async () => {
        const { payments, node, relayer } = await world.startPayments();
        const { log } = createTestLog();
        const token = await openToken({ node, chainId: 31337, address: world.address });
        const rules = { ...PAYMENT_LIMITS, payTo: [world.payTo], checks: [] };
        const facilitator = createFacilitator({ node, relayer, token, rules, log });
        const { payload, requirements } = await paymentOf(payments, await world.aBuyer());
        const paid = parsePayment(payload);
        const dearer = { ...requirements, amount: "1000000" };

        const [own, other] = await Promise.all([
            facilitator.settle(paid, requirements),
            facilitator.settle({ ...paid, accepted: dearer }, dearer),
        ]);

        expect([own.success, other.success]).to.deep.equal([true, false]);
    });
});

function refusal(data: Hex): RpcRefusal {
    return new RpcRefusal({ method: "eth_estimateGas", error: { code: 3, message: "execution reverted", data } });
}
