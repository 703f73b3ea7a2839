import path from "node:path";
import { isDevelopmentChain } from "@assay/protocol";
import { connect } from "@assay/sdk";
import { pino } from "pino";
import { rpcUrlOf } from "../chain/openChain.ts";
import { checkoutModels } from "../gateway/catalogue.ts";
import { gatewayEnvironment } from "../gateway/environment.ts";
import { gatewayKeys } from "../gateway/keys.ts";
import { gatewayInput, gatewayOptions } from "../gateway/options.ts";
import { gatewaySettings } from "../gateway/settings.ts";
import { homeOf } from "../home.ts";
import { facts } from "../io/text.ts";
import { proverOptions } from "../model/proverOptions.ts";
import { defineVerb } from "../verb.ts";

const STDERR = 2;

/** `assay gateway`: serves inferences over HTTP until it is told to stop. */
export const gateway = defineVerb({
    name: "gateway",
    about: "Serve inferences over HTTP, paid by x402, with receipts; SIGINT or SIGTERM stops it",
    options: gatewayOptions,
    input: gatewayInput,
    run: async ({ shell, progress }, input) => {
        const { createGateway } = await import("@assay/gateway");
        const { createSession } = await import("@assay/compiler");
        const { createProverPool } = await import("@assay/prover");
        const signal = shell.stopSignal();
        const env = gatewayEnvironment(shell);
        const rpcUrl = input.rpc ?? env.RPC_URL ?? rpcUrlOf(shell, {});
        const { provider, chainId } = await connect({ rpcUrl });
        provider.destroy();
        const keys = await gatewayKeys({ shell, chainId, env, input });
        const isDevelopment = isDevelopmentChain(chainId);
        const named = input.models ?? env.MODELS?.split(path.delimiter);
        const outDir = path.join(homeOf(shell), "gateway", "models");
        const isUpstreamOnly = (input.upstream ?? env.UPSTREAM_URL) !== undefined;
        const models = named?.map((file) => path.resolve(shell.cwd, file)) ?? [];
        const isPrepared = named === undefined && !isUpstreamOnly;
        const provers = createProverPool(proverOptions(shell));
        const running = createGateway({
            settings: await gatewaySettings({ shell, env, input, keys, rpcUrl, models }),
            engines: { createSession, createProver: provers.open },
            log: pino({ name: "gateway", level: input.logLevel }, pino.destination({ dest: STDERR, sync: true })),
            progress,
            prepareModels: async () => (isPrepared ? checkoutModels({ outDir, isDevelopment, progress, signal }) : []),
        });
        const stopped = whenAborted(signal);
        try {
            const { url } = await running.start();
            progress(`listening on ${url}`);
            await stopped;
            const value = { url, stopped: true };
            return {
                ok: true,
                value,
                text: facts([
                    ["gateway", url],
                    ["state", "stopped"],
                ]),
            };
        } finally {
            await running.stop();
            await provers.close();
        }
    },
});

function whenAborted(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
    });
}
