import { createHttpRpc, type Rpc } from "@assay/executor/chain";
import { AUTHORIZATION_TYPES, type Hex, keccak256, PRESETS, toHex } from "@assay/protocol";
import { x402Client, x402HTTPClient } from "@x402/core/client";
import type { PaymentPayload, PaymentRequired } from "@x402/core/types";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { Contract, Wallet } from "ethers";
import { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";
import type { Challenge, Offer, Payment, Payments, Wanted } from "../../../offchain/gateway/core/payment.ts";
import { createNode } from "../../../offchain/gateway/shell/chain/node.ts";
import { createPayments, type PaymentParts } from "../../../offchain/gateway/shell/payments/payments.ts";
import { createRelayer } from "../../../offchain/gateway/shell/relayer.ts";
import { paymentTokenAbi } from "../../../offchain/sdk/abi.ts";
import { startChain, type TestChain } from "../cli/_chain.ts";
import { createTestLog } from "../executor/_log.ts";

const signedSchema = z.object({
    payload: z.object({ signature: z.string(), authorization: z.record(z.string(), z.string()) }),
});

const WITH_BYTES = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)";

/** keccak256 of nothing in particular, as the hash of a request. */
export const REQUEST = { requestHash: keccak256(Uint8Array.of(7)) };
/** What a signed inference is offered for. */
export const SIGNED: Offer = { policy: PRESETS.SIGNED, amount: 1_000n, flow: "authorization" };
/** The same, paid before the work. */
export const UPFRONT: Offer = { ...SIGNED, flow: "upfront" };
/** A resource with one offer, or with these. */
export function aWanted(...offers: Offer[]): Wanted {
    const described = { url: "http://gateway.test/v1/infer", description: "An inference." };
    return { ...described, offers: offers.length > 0 ? offers : [SIGNED] };
}

type Options = Partial<Pick<PaymentParts, "facilitator" | "checks" | "limits" | "now" | "refundKey" | "token">> & {
    rpc?: Rpc;
    gasCeilingWei?: bigint;
};

/** A chain with a token, on which gateways take payments and buyers pay with the official client. */
export async function createPaymentWorld() {
    const chain = await startChain();
    const { world, rpcUrl } = chain;
    const bank = await openBank(chain);
    const { token, address, fund } = bank;
    const payTo = toHex(Wallet.createRandom().address, 20);
    const domain = { name: "Assay Test USD", version: "1", chainId: 31337, verifyingContract: address };
    const open = new Set<() => Promise<void>>();

    const startPayments = async ({
        rpc = createHttpRpc({ url: rpcUrl }),
        gasCeilingWei = 10n ** 12n,
        ...options
    }: Options = {}) => {
        const key = toHex(Wallet.createRandom().privateKey, 32);
        await fund(new Wallet(key).address);
        const { log, lines } = createTestLog();
        const node = createNode({ rpc });
        const relayer = createRelayer({ node, key, chainId: 31337, maxFeePerGasWei: gasCeilingWei, log });
        const { refundKey = toHex(Wallet.createRandom().privateKey, 32) } = options;
        const payments = await createPayments({ node, relayer, token: address, payTo, log, ...options, refundKey });
        open.add(async () => {
            await payments.close();
            await relayer.stop();
        });
        return { payments, relayer, node, lines, key, refundKey, refunder: toHex(new Wallet(refundKey).address, 20) };
    };
    return {
        ...{ ...bank, chain, rpcUrl, payTo, startPayments },
        /** The two logs of an authorization that moves its amount to anybody. */
        logsOf: ({ hash, index, payment, to }: { hash: Hex; index: number; payment: Payment; to: Hex }) => {
            const { payer, nonce, offer } = payment;
            const log = (event: string, values: unknown[], place: number) => {
                const { topics, data } = token.interface.encodeEventLog(event, values);
                const words = topics.map((topic) => toHex(topic, 32));
                return { address, topics: words, data: toHex(data), index: place, transaction: hash };
            };
            const used = log("AuthorizationUsed", [payer, nonce], index);
            return [used, log("Transfer", [payer, to, offer.amount], index + 1)];
        },
        /** A buyer signs the same nonce away to somebody else. */
        payElsewhere: async (buyer: Buyer, nonce: Hex, value: bigint) => {
            const message = { from: buyer.address, to: address, value, validAfter: 0n, validBefore: 2n ** 40n, nonce };
            const signature = await buyer.wallet.signTypedData(domain, AUTHORIZATION_TYPES, message);
            await (await token.getFunction(WITH_BYTES)(...Object.values(message), signature)).wait();
        },
        /** A buyer cancels what it signed. */
        cancel: async (buyer: Buyer, nonce: Hex) => {
            const types = {
                CancelAuthorization: [
                    { name: "authorizer", type: "address" },
                    { name: "nonce", type: "bytes32" },
                ],
            };
            const signature = await buyer.wallet.signTypedData(domain, types, { authorizer: buyer.address, nonce });
            const form = "cancelAuthorization(address,bytes32,bytes)";
            await (await token.getFunction(form)(buyer.address, nonce, signature)).wait();
        },
        /** A buyer gives tokens away. */
        spend: async (buyer: Buyer, amount: bigint) => {
            await fund(buyer.address);
            const owner = buyer.wallet.connect(world.ethers.provider);
            await (
                await owner.sendTransaction({
                    to: address,
                    data: token.interface.encodeFunctionData("transfer", [address, amount]),
                })
            ).wait();
        },
        close: async () => {
            for (const end of open) await end();
            await chain.close();
        },
    };
}

export type PaymentWorld = Awaited<ReturnType<typeof createPaymentWorld>>;

/** Whoever mints a chain's token, and has gas for everybody. */
export async function openBank({ world: { ethers, deployment } }: TestChain) {
    const [owner] = await ethers.getSigners();
    const address = toHex(deployment.contracts.PaymentToken ?? "0x", 20);
    const token = new Contract(address, [...paymentTokenAbi, "function mint(address,uint256)"], owner);
    const balanceOf = async (account: string): Promise<bigint> => token.getFunction("balanceOf")(account);
    const mint = async (account: string, amount: bigint): Promise<void> => {
        await (await token.getFunction("mint")(account, amount)).wait();
    };
    return {
        ...{ token, address, balanceOf, mint },
        /** Gives gas to an account. */
        fund: async (account: string, amountWei = 10n ** 18n): Promise<void> => {
            await (await owner?.sendTransaction({ to: account, value: amountWei }))?.wait();
        },
        /** Somebody with this much of the token and the official client. */
        aBuyer: async (amount = 1_000_000n): Promise<Buyer> => {
            const buyer = createBuyer(address);
            if (amount > 0n) await mint(buyer.address, amount);
            return buyer;
        },
        /** Somebody else sends what a buyer signed. */
        frontRun: async (payment: Signed) => {
            const { terms, signature } = transferTerms(payment);
            return (await token.getFunction(WITH_BYTES)(...terms, signature)).wait();
        },
        /** What work comes to, and what an account receives by it. */
        received: async <T>(account: string, work: () => Promise<T>): Promise<{ result: T; amount: bigint }> => {
            const before = await balanceOf(account);
            const result = await work();
            return { result, amount: (await balanceOf(account)) - before };
        },
    };
}

type Change = (payload: PaymentPayload) => unknown;

/** A buyer with a key of its own and the official client. */
export function createBuyer(asset: Hex) {
    const key = toHex(Wallet.createRandom().privateKey, 32);
    const account = privateKeyToAccount(key);
    const client = new x402Client()
        .register("eip155:31337", new ExactEvmScheme(account))
        .setSpendControls({ allowedAssets: [{ network: "eip155:31337", asset }] });
    const http = new x402HTTPClient(client);
    const payWhat = async (header: (name: string) => string | null | undefined, change: Change = (same) => same) =>
        headerOf(change(await http.createPaymentPayload(http.getPaymentRequiredResponse(header))));
    return {
        ...{ key, account, client },
        address: toHex(account.address, 20),
        wallet: new Wallet(key),
        /** PAYMENT-SIGNATURE for what a challenge asks, changed after signing. */
        pay: ({ headers }: Challenge, change?: Change) => payWhat((name) => headers[name], change),
        /** The same for what a gateway asks over HTTP. */
        payFor: ({ headers }: Response, change?: Change) => payWhat((name) => headers.get(name), change),
    };
}

export type Buyer = ReturnType<typeof createBuyer>;

/** A header's value for any JSON. */
export function headerOf(payload: unknown): string {
    return Buffer.from(JSON.stringify(payload)).toString("base64");
}

/** What a challenge asks for. */
export function requiredOf({ headers }: { headers: Record<string, string> }): PaymentRequired {
    return JSON.parse(Buffer.from(headers["PAYMENT-REQUIRED"] ?? "", "base64").toString());
}

type Signing = {
    terms?: Record<string, unknown>;
    domain?: Record<string, unknown>;
    from?: Hex;
    shape?: (signature: Hex) => string;
};

/** What is signed for a challenge, by hand: terms, domain and the form of the signature may be anything. */
export async function sign(
    buyer: Buyer,
    challenge: Challenge,
    { terms = {}, domain = {}, from = buyer.address, shape = (signature: Hex) => signature }: Signing = {},
): Promise<string> {
    const [accepted] = requiredOf(challenge).accepts;
    if (accepted === undefined) throw new Error("Nothing is asked for.");
    const { name, version } = accepted.extra;
    const authorization = {
        ...{ from, to: accepted.payTo, value: accepted.amount, validAfter: "0" },
        validBefore: String(Math.floor(Date.now() / 1_000) + 300),
        nonce: toHex(Wallet.createRandom().privateKey, 32),
        ...terms,
    };
    const own = { name: String(name), version: String(version), chainId: 31337, verifyingContract: accepted.asset };
    const signature = await buyer.wallet.signTypedData({ ...own, ...domain }, AUTHORIZATION_TYPES, authorization);
    return headerOf({ x402Version: 2, accepted, payload: { signature: shape(toHex(signature)), authorization } });
}

/** A payment that is signed by hand, as a gateway reads it. */
export async function paymentOf(
    payments: Payments,
    buyer: Buyer,
    { offer = SIGNED, ...signing }: Signing & { offer?: Offer } = {},
): Promise<Payment> {
    const wanted = aWanted(offer);
    return payments.read(await sign(buyer, await payments.challenge(wanted), signing), wanted, REQUEST);
}

/** A payment, as far as its payload was looked at. */
type Signed = { payload: unknown };

/** The authorization of a payment, for others to send. */
export function transferTerms({ payload }: Signed) {
    const { authorization, signature } = signedSchema.parse(payload).payload;
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    return { terms: [from, to, value, validAfter, validBefore, nonce], signature };
}
