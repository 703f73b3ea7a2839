import type { Hex } from "@assay/protocol";
import type { Provider, Signer, TypedDataDomain, TypedDataField } from "ethers";
import type { Deployment } from "../deployment.ts";
import type { Budget } from "./budget.ts";

/** Who pays: an ethers Wallet or Signer of a wallet, or anything else that signs EIP-712 data for an address. */
export type Payer = {
    address: string;
    signTypedData: (
        domain: TypedDataDomain,
        types: Record<string, TypedDataField[]>,
        message: Record<string, unknown>,
    ) => Promise<string>;
};

/** What may be signed without asking anybody; everything else is refused before a signature exists. */
export type SpendLimits = {
    /** The one token that is paid with. */
    asset: string;
    /** The only accounts that are paid. */
    payees: readonly string[];
    /** Units of the token. */
    maxPerCall: bigint;
    /** Units of the token in any 24 hours, counted when a payment is signed, whatever becomes of it. */
    maxPerDay: bigint;
    /** How long a signed payment may be good for; 600 unless told. */
    maxTimeoutSeconds?: number;
    /** Keeps what was spent; in memory unless told, which forgets when the program ends. */
    budget?: Budget;
};

/** How an application reaches gateways and the chain, what it may spend, and whom it believes. */
export type AssayOptions = {
    /** Of a gateway; without it only requests on chain can be made. */
    gatewayUrl?: string;
    /** The contracts that receipts are held against. */
    deployment: Deployment;
    /** A node that the caller believes. */
    provider?: Provider;
    /** The same by URL. */
    rpcUrl?: string;
    /** Asks for inferences on chain, and pays their fees. */
    signer?: Signer;
    /** Pays gateways. */
    payer?: Payer;
    /** What `payer` may sign. */
    spend?: SpendLimits;
    /** The only executors that may answer; anybody with a registered key unless told. */
    executors?: readonly string[];
    /** modelId by the name it is asked for; what a name stands for is the gateway's word otherwise. */
    models?: Readonly<Record<string, string>>;
    /** Accepts evidence of development setups and simulated enclaves, which anybody can make. */
    allowDev?: boolean;
    /** Does without a node: whose key signed is then only what the receipt says, so that anybody can make one. */
    allowUnchecked?: boolean;
    /** Until the head of a response, and between two pieces of its body; 120,000 ms unless told. */
    timeoutMs?: number;
    fetch?: typeof fetch;
    /** Unix seconds; the machine's clock unless told. */
    now?: () => number;
};

/** Options after their defaults. */
export type Setting = {
    gatewayUrl: string | undefined;
    deployment: Deployment;
    provider: Provider | undefined;
    signer: Signer | undefined;
    payer: Payer | undefined;
    spend: Limits | undefined;
    executors: readonly Hex[];
    models: ReadonlyMap<string, Hex>;
    allowDev: boolean;
    timeoutMs: number;
    fetch: typeof fetch;
    now: () => number;
};

/** Spend limits after their defaults. */
export type Limits = {
    /** CAIP-2. */
    network: string;
    asset: Hex;
    payees: readonly Hex[];
    maxPerCall: bigint;
    maxPerDay: bigint;
    maxTimeoutSeconds: number;
    budget: Budget;
};
