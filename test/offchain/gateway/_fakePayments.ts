import { type Hex, keccak256, uintToHex } from "@assay/protocol";
import type { Payment, Payments, Settling } from "../../../offchain/gateway/core/payment.ts";
import { PaymentRefused, REASONS } from "../../../offchain/gateway/core/paymentRefused.ts";
import { account, word } from "../executor/_builders.ts";

/** Who pays unless a header says otherwise. */
export const PAYER = account(0xb0b);
export const ASSET = account(0x05d);
const PAY_TO = account(0xca54);

/** Payments that keep the contract and no chain: a ledger of nonces, and a switch for everything that may go wrong. */
export function fakePayments() {
    const used = new Map<string, Hex>();
    const refunds = new Map<string, { to: Hex; amount: bigint; transaction: Hex }>();
    const state = {
        used,
        refunds,
        /** Transfers that were really made. */
        transfers: 0,
        /** Whether the time of every payment ran out. */
        isLate: false,
        released: 0,
        settleCalls: 0,
        verify: async (_: Payment): Promise<Awaited<ReturnType<Payments["verify"]>>> => ({ status: "valid" }),
        beforeSettle: async (_: Payment): Promise<Settling | undefined> => undefined,
        beforeReconcile: async (_: Payment): Promise<Settling | undefined> => undefined,
        beforeRefund: async () => {},
    };
    const key = ({ payer, nonce }: Payment) => `${payer}${nonce}`;
    const settledBy = (payment: Payment): Settling => {
        const transaction = used.get(key(payment));
        return transaction === undefined
            ? { status: "unknown", transaction: undefined }
            : { status: "settled", transaction };
    };
    const payments: Payments = {
        challenge: async (wanted, error) => ({
            headers: {},
            x402: {
                offers: wanted.offers.map(({ policy, amount, flow }) => [uintToHex(policy), String(amount), flow]),
                error,
            },
        }),
        read: async (header, wanted, { isRepetition = false }) => {
            const { nonce, payer = PAYER, policy, amount, identifier, signature = "good" } = headerOf(header);
            if (state.isLate && !isRepetition) throw new PaymentRefused({ reason: REASONS.validBefore });
            const offer = wanted.offers.find(
                (one) =>
                    (policy === undefined || one.policy === BigInt(policy)) &&
                    (amount === undefined || String(one.amount) === amount),
            );
            if (offer === undefined) throw new PaymentRefused({ reason: "No matching payment requirements" });
            const requirements: Payment["requirements"] = {
                scheme: "exact",
                network: "eip155:31337",
                amount: String(offer.amount),
                asset: ASSET,
                payTo: PAY_TO,
                maxTimeoutSeconds: 60,
                extra: {},
            };
            return {
                offer,
                payer,
                nonce,
                validBefore: 2n ** 40n,
                requirements,
                payload: { x402Version: 2, accepted: requirements, payload: { signature, nonce } },
                record: {
                    scheme: "exact",
                    flow: offer.flow,
                    network: "eip155:31337",
                    asset: ASSET,
                    payTo: PAY_TO,
                    amount: String(offer.amount),
                    payer,
                    nonce,
                },
                identifier,
            };
        },
        verify: async (payment) => {
            if (used.has(key(payment))) return { status: "invalid", reason: "invalid_exact_evm_nonce_already_used" };
            return state.verify(payment);
        },
        settle: async (payment) => {
            state.settleCalls += 1;
            const early = await state.beforeSettle(payment);
            if (early !== undefined) return early;
            if (!used.has(key(payment))) {
                state.transfers += 1;
                used.set(key(payment), keccak256(new TextEncoder().encode(key(payment))));
            }
            return settledBy(payment);
        },
        release: () => {
            state.released += 1;
        },
        reconcile: async (payment) => (await state.beforeReconcile(payment)) ?? settledBy(payment),
        refund: async ({ key: name, to, amount }) => {
            await state.beforeRefund();
            const known = refunds.get(name) ?? { to, amount, transaction: keccak256(new TextEncoder().encode(name)) };
            refunds.set(name, known);
            return { transaction: known.transaction };
        },
        response: (payment, settling) => `${payment.nonce}:${settling.status}`,
        close: async () => {},
    };
    return { payments, state };
}

type FakeHeader = {
    nonce: Hex;
    payer?: Hex;
    policy?: string;
    amount?: string;
    identifier?: string;
    signature?: string;
};

/** A payment header of the fake. */
export function aPayment(header: Partial<FakeHeader> = {}): string {
    return JSON.stringify({ nonce: word(1), ...header });
}

function headerOf(text: string): FakeHeader {
    return JSON.parse(text);
}
