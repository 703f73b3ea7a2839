import { type Hex, isHex, ProtocolError, toHex } from "@assay/protocol";
import type { Provider } from "ethers";
import { connect } from "../connect.ts";
import { createMemoryBudget } from "./budget.ts";
import type { AssayOptions, Limits, Setting } from "./options.ts";

const TIMEOUT_MS = 120_000;
/** Twice what x402 offers as a rule: a signature that is good for long can be used long after everybody forgot it. */
const MOST_TIMEOUT_SECONDS = 600;

/** Options with their defaults; throws SDK_OPTIONS_INVALID, RPC_UNREACHABLE. */
export async function settingOf(options: AssayOptions): Promise<Setting> {
    const { deployment, signer, payer, allowDev = false, allowUnchecked = false, timeoutMs = TIMEOUT_MS } = options;
    const provider = await providerOf(options);
    if (provider === undefined && !allowUnchecked) {
        throw invalid("Neither provider nor rpcUrl: without a node, anybody can make a receipt.");
    }
    if (payer !== undefined && options.spend === undefined) throw invalid("A payer needs spend limits.");
    return {
        gatewayUrl: options.gatewayUrl === undefined ? undefined : gatewayUrlOf(options.gatewayUrl),
        ...{ deployment, provider, signer, payer, allowDev, timeoutMs },
        spend: options.spend === undefined ? undefined : limitsOf(options.spend, deployment.chainId),
        executors: (options.executors ?? []).map((text) => hexOf(text, 20, "executors")),
        models: new Map(Object.entries(options.models ?? {}).map(([name, id]) => [name, hexOf(id, 32, "models")])),
        // a browser's fetch must be called as the window's own
        fetch: options.fetch ?? ((input, init) => fetch(input, init)),
        now: options.now ?? (() => Math.floor(Date.now() / 1000)),
    };
}

/** A node of the deployment's chain; undefined when none is given. */
async function providerOf({ provider, rpcUrl, deployment }: AssayOptions): Promise<Provider | undefined> {
    if (rpcUrl === undefined) return checked(provider, deployment.chainId);
    if (provider !== undefined) throw invalid("Both provider and rpcUrl.");
    return checked((await connect({ rpcUrl })).provider, deployment.chainId);
}

async function checked(provider: Provider | undefined, chainId: number): Promise<Provider | undefined> {
    const found = (await provider?.getNetwork())?.chainId;
    if (found === undefined || found === BigInt(chainId)) return provider;
    throw invalid(`The node is on chain ${found}, the deployment on ${chainId}.`);
}

function limitsOf(spend: NonNullable<AssayOptions["spend"]>, chainId: number): Limits {
    const { maxPerCall, maxPerDay, maxTimeoutSeconds = MOST_TIMEOUT_SECONDS, budget = createMemoryBudget() } = spend;
    if (maxPerCall <= 0n || maxPerDay < maxPerCall) throw invalid("maxPerCall must be positive, maxPerDay no less.");
    if (!Number.isSafeInteger(maxTimeoutSeconds) || maxTimeoutSeconds <= 0) throw invalid("maxTimeoutSeconds.");
    if (spend.payees.length === 0) throw invalid("No payee is allowed.");
    return {
        network: `eip155:${chainId}`,
        asset: hexOf(spend.asset, 20, "spend.asset"),
        payees: spend.payees.map((text) => hexOf(text, 20, "spend.payees")),
        ...{ maxPerCall, maxPerDay, maxTimeoutSeconds, budget },
    };
}

/** The gateway's URL without the slashes at its end. */
function gatewayUrlOf(text: string): string {
    if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, "");
    throw invalid("gatewayUrl is no http URL.");
}

function hexOf(text: string, bytes: number, option: string): Hex {
    if (isHex(text, bytes)) return toHex(text, bytes);
    throw invalid(`${option}: "${text.slice(0, 80)}" is not ${bytes} bytes.`);
}

function invalid(message: string): ProtocolError {
    return new ProtocolError({ code: "SDK_OPTIONS_INVALID", message });
}
