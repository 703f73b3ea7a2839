import { type Hex, keccak256, PRESETS, paymentNonceOf, uintToHex } from "@assay/protocol";
import type { PaymentPayload } from "@x402/core/types";
import { expect } from "chai";
import fc from "fast-check";
import type { Payment, Payments, Wanted } from "../../offchain/gateway/core/payment.ts";
import { PaymentRefused } from "../../offchain/gateway/core/paymentRefused.ts";
import {
    aWanted,
    type Buyer,
    createPaymentWorld,
    headerOf,
    type PaymentWorld,
    REQUEST,
    SIGNED,
    sign,
    UPFRONT,
} from "../offchain/gateway/_payments.ts";
import { expectFault } from "../offchain/sdk/_expect.ts";

/** Order of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("attacks: payments of a gateway, as they are read", () => {
    let world: PaymentWorld;
    let payments: Payments;
    let buyer: Buyer;
    before(async () => {
        world = await createPaymentWorld();
        ({ payments } = await world.startPayments());
        buyer = await world.aBuyer();
    });
    after(() => world.close());

    const read = (header: string, wanted: Wanted = aWanted()) => payments.read(header, wanted, REQUEST);
    const refusal = async (work: Promise<unknown>) => {
        const fault = await expectFault(work, "GATEWAY_PAYMENT_INVALID");
        return fault instanceof PaymentRefused ? fault.reason : undefined;
    };
    const paid = async (change?: (payload: PaymentPayload) => unknown, wanted = aWanted()) =>
        buyer.pay(await payments.challenge(wanted), change);

    it("S3: are good for their own resource only", async () => {
        const header = await paid();

        expect(await refusal(read(header, { ...aWanted(), url: "http://gateway.test/v1/chat/completions" }))).to.equal(
            "resource_mismatch",
        );
    });

    it("S3: with a bound nonce, are good for their own request only", async () => {
        const salt = uintToHex(9n);
        const nonce = paymentNonceOf({ ...REQUEST, salt });
        const extended = async (info: unknown) => {
            const signed = await sign(buyer, await payments.challenge(aWanted()), { terms: { nonce } });
            const payload = JSON.parse(Buffer.from(signed, "base64").toString());
            return headerOf({ ...payload, extensions: { "assay-request": { info } } });
        };
        const { requestHash } = REQUEST;
        const other = { requestHash: keccak256(Uint8Array.of(8)) };

        expect((await read(await extended({ requestHash, salt }))).nonce).to.equal(nonce);
        expect((await read(await extended({}))).nonce).to.equal(nonce);
        for (const info of [{ requestHash, salt: uintToHex(8n) }, { ...other, salt }, { requestHash }, { salt }]) {
            expect(await refusal(read(await extended(info)))).to.equal("request_binding_mismatch");
        }
        const header = await extended({ requestHash, salt });
        expect(await refusal(payments.read(header, aWanted(), other))).to.equal("request_binding_mismatch");
    });

    it("S4: are refused with any other terms than those that are asked for", async () => {
        const changes: Record<string, unknown>[] = [
            ...[{ amount: "1" }, { asset: world.payTo }, { payTo: world.address }, { network: "eip155:1" }],
            ...[{ scheme: "upto" }, { maxTimeoutSeconds: 3_000 }, { extra: undefined }],
            { extra: { name: "Assay Test USD", version: "1", policy: "ZK" } },
            { extra: { name: "Assay Test USD", version: "2", policy: "SIGNED" } },
        ];
        for (const change of changes) {
            const header = await paid(({ accepted, ...rest }) => ({ ...rest, accepted: { ...accepted, ...change } }));
            expect(await refusal(read(header))).to.equal("No matching payment requirements");
        }
    });

    it("S4: are refused when what was signed is not what they say", async () => {
        const challenge = await payments.challenge(aWanted());
        const terms = { value: "999", to: world.address };

        expect(await refusal(read(await sign(buyer, challenge, { terms: { value: terms.value } })))).to.equal(
            "invalid_exact_evm_payload_authorization_value_mismatch",
        );
        expect(await refusal(read(await sign(buyer, challenge, { terms: { to: terms.to } })))).to.equal(
            "invalid_exact_evm_recipient_mismatch",
        );
    });

    it("S4: for a cheap policy do not buy a dear body, nor a dear policy", async () => {
        const header = await paid();
        const dear = aWanted({ ...SIGNED, amount: 1_001n });
        const otherPolicy = aWanted({ ...SIGNED, policy: PRESETS.SIGNED_AND_ZK });

        for (const wanted of [dear, otherPolicy, aWanted(UPFRONT)]) {
            expect(await refusal(read(header, wanted))).to.equal("No matching payment requirements");
        }
    });

    it("S4: buy the policy that they name out of a menu", async () => {
        const menu = aWanted(SIGNED, { ...UPFRONT, policy: PRESETS.ZK, amount: 10_000n });

        const payment = await read(await paid(undefined, menu), menu);

        expect(payment.offer).to.deep.equal(SIGNED);
    });

    it("S12: are refused when they are signed for another chain, contract, name or version", async () => {
        const challenge = await payments.challenge(aWanted());
        const domains = [{ chainId: 1 }, { verifyingContract: world.payTo }, { name: "USD Coin" }, { version: "2" }];
        for (const domain of domains) {
            expect(await refusal(read(await sign(buyer, challenge, { domain })))).to.equal(
                "invalid_exact_evm_signature",
            );
        }
    });

    it("S13: take one form of signature per account", async () => {
        const challenge = await payments.challenge(aWanted());
        const recovery = (change: (v: number) => number) => (signature: Hex) =>
            signature.slice(0, 130) +
            change(Number.parseInt(signature.slice(130), 16))
                .toString(16)
                .padStart(2, "0");
        const high = (signature: Hex) => {
            const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`);
            return recovery((v) => 55 - v)(
                `${signature.slice(0, 66) as Hex}${uintToHex(s).slice(2)}${signature.slice(130)}`,
            );
        };
        const shapes: [string, (signature: Hex) => string, string | undefined][] = [
            ["as it is", (same) => same, undefined],
            ["recovery id 0 or 1", recovery((v) => v - 27), undefined],
            ["the other recovery id", recovery((v) => 55 - v), "invalid_exact_evm_signature"],
            ["recovery id 29", recovery(() => 29), "invalid_exact_evm_signature"],
            ["high s", high, "invalid_exact_evm_signature"],
            ["compact", (signature) => signature.slice(0, 130), "invalid_exact_evm_signature"],
            ["66 bytes", (signature) => `${signature}00`, "invalid_exact_evm_signature"],
            ["empty", () => "0x", "invalid_payload"],
            ["ERC-6492", (signature) => `${signature}${"6492".repeat(16)}`, "eip6492_factory_not_allowed"],
            ["2,049 bytes", (signature) => signature + "00".repeat(1_984), "invalid_payload"],
        ];
        for (const [name, shape, reason] of shapes) {
            const work = read(await sign(buyer, challenge, { shape }));
            if (reason === undefined) expect((await payments.verify(await work)).status, name).to.equal("valid");
            else expect(await refusal(work), name).to.equal(reason);
        }
    });

    it("S13: with any form of signature are taken from a contract that says yes, and from no other account", async () => {
        const wallet: Hex = "0x00000000000000000000000000000000001271aa";
        const sayYes = "0x631626ba7e60e01b5f5260205ff3";
        await world.chain.world.networkHelpers.setCode(wallet, sayYes);
        await world.mint(wallet, 1_000n);
        const challenge = await payments.challenge(aWanted(UPFRONT));
        const forged = { from: wallet, shape: () => "0x1234" };

        const payment = await read(await sign(buyer, challenge, forged), aWanted(UPFRONT));
        const settling = await payments.settle(payment);
        const refused = await refusal(
            read(await sign(buyer, challenge, { ...forged, from: world.address }), aWanted(UPFRONT)),
        );

        expect(settling.status).to.equal("settled");
        expect(refused).to.equal("invalid_exact_evm_signature");
    });

    it("S14: are refused when they are good too short, too long or not yet", async () => {
        const challenge = await payments.challenge(aWanted());
        const now = Math.floor(Date.now() / 1_000);
        const [before, after] = ["valid_before", "valid_after"].map(
            (bound) => `invalid_exact_evm_payload_authorization_${bound}`,
        );
        const cases: [Record<string, string>, string | undefined][] = [
            [{ validBefore: String(now + 4) }, before],
            [{ validBefore: String(now - 100) }, before],
            [{ validBefore: String(now + 100_000) }, before],
            [{ validBefore: (2n ** 256n - 1n).toString() }, before],
            [{ validAfter: String(now + 60) }, after],
        ];
        for (const [terms, reason] of cases) {
            expect(await refusal(read(await sign(buyer, challenge, { terms })))).to.equal(reason);
        }
    });

    it("S16: are refused by a typed fault, whatever is sent", async () => {
        const challenge = await payments.challenge(aWanted());
        const good = JSON.parse(Buffer.from(await sign(buyer, challenge), "base64").toString());
        const odd = [
            ...["", "%%%", "e30", "bnVsbA==", "eA==", headerOf(null), headerOf([]), headerOf({}), "A".repeat(20_000)],
            ...[1, 3, "2", null].map((x402Version) => headerOf({ ...good, x402Version })),
            headerOf({ ...good, payload: { ...good.payload, permit2Authorization: {} } }),
            headerOf({ ...good, extensions: { "assay-request": 1 } }),
        ];
        for (const header of odd) await expectFault(read(header), "GATEWAY_PAYMENT_INVALID");
        const anyChange = fc.record({
            path: fc.constantFrom("x402Version", "accepted", "payload", "extensions", "resource"),
            value: fc.jsonValue({ maxDepth: 2 }),
        });
        await fc.assert(
            fc.asyncProperty(fc.oneof(fc.string(), fc.base64String(), anyChange), async (change) => {
                const header = typeof change === "string" ? change : headerOf({ ...good, [change.path]: change.value });
                const result = await read(header).catch((error: unknown) => error);
                const isRead = typeof result === "object" && result !== null && "offer" in result;
                expect(isRead || result instanceof PaymentRefused).to.equal(true);
            }),
            { numRuns: 200 },
        );
    });

    it("S16: carry nothing on beside what was read", async () => {
        const header = await paid((payload) => ({ ...payload, more: 1, extensions: { bazaar: { info: {} } } }));

        const payment: Payment = await read(header);

        expect(Object.keys(Object(payment.payload))).to.have.members([
            "x402Version",
            "accepted",
            "payload",
            "resource",
        ]);
        expect(Object.keys(Object(payment.payload).payload)).to.have.members(["signature", "authorization"]);
    });

    it("S22: by vouchers, channels or a ceiling open nothing, whatever terms they claim", async () => {
        const channelId = keccak256(Uint8Array.of(1));
        const channel = { type: "voucher", voucher: { channelId, maxClaimableAmount: "1000" }, signature: "0x00" };
        for (const scheme of ["upto", "batch-settlement", "auth-capture", "deferred"]) {
            const claimed = await paid(({ accepted, ...rest }) => ({ ...rest, accepted: { ...accepted, scheme } }));
            expect(await refusal(read(claimed)), scheme).to.equal("No matching payment requirements");
        }
        for (const type of ["voucher", "deposit", "refund"]) {
            const disguised = await paid(({ payload: _, ...rest }) => ({ ...rest, payload: { ...channel, type } }));
            expect(await refusal(read(disguised)), type).to.be.a("string").that.is.not.empty;
        }
    });

    it("S18: in another's name use nothing up: nobody else can sign for a payer", async () => {
        const stranger = await world.aBuyer();
        const challenge = await payments.challenge(aWanted());

        const refused = await refusal(read(await sign(stranger, challenge, { from: buyer.address })));

        expect(refused).to.equal("invalid_exact_evm_signature");
    });
});
