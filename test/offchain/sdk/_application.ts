import { type AssayOptions, createAssay, type SpendLimits } from "@assay/sdk";
import { Wallet } from "ethers";
import { type Gateway, PAYEE, startGateway } from "./_gateway.ts";
import { createWorld, type World } from "./_world.ts";

export const QUESTION = { model: "tensors", inputs: { x: [[1, 2, 3, 4]] } };
export const CHAT = { model: "tiny", messages: [{ role: "user", content: "Name a metal." }], temperature: 0.5 };

/** An application with a wallet of its own that asks a scripted gateway. */
export type Application = {
    world: World;
    gateway: Gateway;
    wallet: { address: string };
    /** The honest payee, and up to three calls a day. */
    spend: SpendLimits;
    /** How many payments were signed since the last `reset`. */
    signatures: () => number;
    reset: () => void;
    /** One that pays. */
    anAssay: (options?: Partial<AssayOptions>) => ReturnType<typeof createAssay>;
    close: () => Promise<void>;
};

/** Starts chain, scripted gateway and application. */
export async function startApplication(): Promise<Application> {
    const world = await createWorld();
    const gateway = await startGateway(world);
    const wallet = Wallet.createRandom();
    await gateway.fund(wallet.address);
    const spend = { asset: gateway.token, payees: [PAYEE], maxPerCall: 2_000n, maxPerDay: 3_000n };
    let signatures = 0;
    const payer: NonNullable<AssayOptions["payer"]> = {
        address: wallet.address,
        signTypedData: async (...data) => {
            signatures += 1;
            return wallet.signTypedData(...data);
        },
    };
    const { deployment, provider } = world;
    return {
        ...{ world, gateway, wallet, spend },
        signatures: () => signatures,
        reset: () => {
            gateway.behave({});
            signatures = 0;
        },
        anAssay: (options = {}) =>
            createAssay({ gatewayUrl: gateway.url, deployment, provider, payer, spend, ...options }),
        close: () => gateway.close(),
    };
}
