import { decodePaymentResponseHeader } from "@x402/core/http";
import { expect } from "chai";
import { aWanted, createPaymentWorld, type PaymentWorld, REQUEST, UPFRONT } from "./_payments.ts";

describe("gateway: payments", () => {
    let world: PaymentWorld;
    before(async () => {
        world = await createPaymentWorld();
    });
    after(() => world.close());

    for (const offer of [aWanted().offers[0], UPFRONT]) {
        it(`is paid by the official client, ${offer?.flow}`, async () => {
            const { payments } = await world.startPayments();
            const buyer = await world.aBuyer();
            const wanted = aWanted(...(offer === undefined ? [] : [offer]));
            const before = await world.balanceOf(world.payTo);

            const payment = await payments.read(await buyer.pay(await payments.challenge(wanted)), wanted, REQUEST);
            const verified = await payments.verify(payment);
            const settling = await payments.settle(payment);

            expect(verified).to.deep.equal({ status: "valid" });
            expect(settling.status).to.equal("settled");
            expect((await world.balanceOf(world.payTo)) - before).to.equal(1_000n);
            const response = decodePaymentResponseHeader(payments.response(payment, settling));
            expect(response).to.deep.include({ success: true, payer: buyer.address, amount: "1000" });
        });
    }
});
