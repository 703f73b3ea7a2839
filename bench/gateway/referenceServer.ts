/** The official reference seller with the official facilitator in its process; settings come as JSON in ASSAY_BENCH. */
import { readFile } from "node:fs/promises";
import { createSession } from "@assay/compiler";
import { type Hex, isHex } from "@assay/protocol";
import { serve } from "@hono/node-server";
import { x402Facilitator } from "@x402/core/facilitator";
import type { FacilitatorEvmSigner } from "@x402/evm";
import { ExactEvmScheme as FacilitatorScheme } from "@x402/evm/exact/facilitator";
import { ExactEvmScheme as SellerScheme } from "@x402/evm/exact/server";
import { paymentMiddleware, x402ResourceServer } from "@x402/hono";
import { Hono } from "hono";
import PQueue from "p-queue";
import { createWalletClient, defineChain, encodeFunctionData, http, publicActions, verifyTypedData } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";

const hex = z.custom<Hex>((value) => isHex(value), "not hex");
const { rpcUrl, key, token, payTo, amount, modelFile, inputBytes } = z
    .object({
        ...{ rpcUrl: z.url(), key: hex, payTo: hex, amount: z.string(), modelFile: z.string() },
        token: z.object({ address: hex, name: z.string(), version: z.string() }),
        inputBytes: z.int(),
    })
    .parse(JSON.parse(process.env.ASSAY_BENCH ?? "{}"));

const network = "eip155:31337";
const chain = defineChain({
    id: 31_337,
    name: "development",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
});
const account = privateKeyToAccount(key);
const transport = http(rpcUrl, { retryCount: 0 });
const client = createWalletClient({ account, chain, transport, pollingInterval: 20 }).extend(publicActions);
// Without turns its transactions would take each other's nonces, and most payments would fail.
const turns = new PQueue({ concurrency: 1 });
const signer: FacilitatorEvmSigner = {
    getAddresses: () => [account.address],
    getCode: (call) => client.getCode(call),
    readContract: (call) => client.readContract(call),
    verifyTypedData: (call) => verifyTypedData(call),
    writeContract: ({ address: to, ...call }) =>
        turns.add(() => client.sendTransaction({ to, data: encodeFunctionData(call) })),
    sendTransaction: (call) => turns.add(() => client.sendTransaction(call)),
    waitForTransactionReceipt: ({ hash }) => client.waitForTransactionReceipt({ hash }),
};
const facilitator = new x402Facilitator();
facilitator.register(network, new FacilitatorScheme(signer));

const seller = new x402ResourceServer({
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle: (payload, requirements) => facilitator.settle(payload, requirements),
    getSupported: async () => {
        const { extensions, signers } = facilitator.getSupported();
        return { kinds: [{ x402Version: 2, scheme: "exact", network }], extensions, signers };
    },
}).register(network, new SellerScheme());
await seller.initialize();
const { name, version } = token;
const price = { amount, asset: token.address, extra: { name, version } };
const accepts = { scheme: "exact", network, payTo, price } as const;

const session = await createSession(await readFile(modelFile));
const app = new Hono();
app.use(paymentMiddleware({ "POST /v1/infer": { accepts, description: "An inference." } }, seller));
app.post("/v1/infer", async (context) => {
    await context.req.json();
    const output = await session.runBytes(new Uint8Array(inputBytes));
    return context.json({ outputs: [...output] });
});
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
    console.log(`listening on http://127.0.0.1:${port}`);
});
process.once("SIGTERM", () => {
    server.close(() => process.exit(0));
});
