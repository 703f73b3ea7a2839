import { fileURLToPath } from "node:url";
import { type Hex, toHex } from "@assay/protocol";
import { paymentTokenAbi } from "@assay/sdk";
import { x402Client } from "@x402/core/client";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { wrapFetchWithPayment } from "@x402/fetch";
import { Contract, JsonRpcProvider, Network, Wallet } from "ethers";
import { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";
import { type Child, startChild } from "./child.ts";
import type { BenchWorld } from "./world.ts";

const MODELS = fileURLToPath(new URL("../../models", import.meta.url));
const MANY = 10n ** 12n;

/** The model that is asked everywhere: small, so that what surrounds it is what is measured. */
export const DIGITS = { file: `${MODELS}/digits.onnx`, name: "digits", elements: 64 } as const;
/** The text model of the checkout. */
export const TEXT = { file: `${MODELS}/tiny-text.onnx`, name: "tiny-text" } as const;

/** A body of POST /v1/infer. */
export const digitsBody = () => ({ model: DIGITS.name, inputs: { input: Array(DIGITS.elements).fill(1) } });

/** Starts a gateway on a world's chain. */
export function startGateway(world: BenchWorld, settings: Record<string, unknown> = {}): Promise<Child> {
    const given = {
        ...{ rpcUrl: world.rpcUrl, deploymentFile: world.deploymentFile, home: `${world.home}/gateway` },
        ...{ payTo: payee, relayerKey: world.relayer.privateKey, models: [DIGITS.file, TEXT.file], ...settings },
    };
    return startChild({ script: "bench/gateway/gatewayServer.ts", env: { ASSAY_BENCH: JSON.stringify(given) } });
}

/** Who is paid. */
export const payee: Hex = toHex(Wallet.createRandom().address, 20);

/** The token of a world. */
export async function readToken({ rpcUrl, deployment }: BenchWorld) {
    const address = toHex(deployment.contracts.PaymentToken ?? "0x", 20);
    const provider = new JsonRpcProvider(rpcUrl, Network.from(31337), { staticNetwork: true });
    try {
        const token = new Contract(address, paymentTokenAbi, provider);
        const [name, version] = await Promise.all(["name", "version"].map((fact) => token.getFunction(fact)()));
        return { address, name: z.string().parse(name), version: z.string().parse(version) };
    } finally {
        provider.destroy();
    }
}

/** Somebody with tokens and the official client: a fetch that pays. Made before or between whatever else the relayer sends. */
export async function aBuyer({ deployment, asRelayer }: BenchWorld): Promise<typeof fetch> {
    const asset = toHex(deployment.contracts.PaymentToken ?? "0x", 20);
    const account = privateKeyToAccount(toHex(Wallet.createRandom().privateKey, 32));
    const mint = ["function mint(address,uint256)"];
    await asRelayer((signer) => new Contract(asset, mint, signer).getFunction("mint")(account.address, MANY));
    const client = new x402Client()
        .register("eip155:31337", new ExactEvmScheme(account))
        .setSpendControls({ allowedAssets: [{ network: "eip155:31337", asset }] });
    return wrapFetchWithPayment(fetch, client);
}

/** POSTs JSON. */
export function post(url: string, body: unknown, by: typeof fetch = fetch): Promise<Response> {
    return by(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

/** The answer's JSON; throws for any status but 200. */
export async function jsonOf(response: Response): Promise<unknown> {
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
}

/** Milliseconds, to a hundredth. */
export const inMs = (ms: number) => Math.round(ms * 100) / 100;

/** The value in the middle. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
