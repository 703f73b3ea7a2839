import { createHttpRpc } from "@assay/executor/chain";
import { crashPointOf } from "@assay/executor/journal";
import { contractsOf } from "@assay/sdk";
import type { Life } from "../core/life.ts";
import type { Models } from "../core/model.ts";
import type { Settlement } from "../core/settlement.ts";
import { createNode } from "./chain/node.ts";
import type { Ground } from "./ground.ts";
import { createChainFacts } from "./life/chainFacts.ts";
import { createLife } from "./life/createLife.ts";
import { DEFAULT_LIFE_LIMITS } from "./life/deps.ts";
import { createModels } from "./models/createModels.ts";
import { createPayments } from "./payments/payments.ts";
import type { Token } from "./payments/token.ts";
import { createRelayer } from "./relayer.ts";
import { CHAIN_DEFAULTS } from "./settings.ts";
import { createSettlement } from "./settlement/settlement.ts";
import type { Undo } from "./undo.ts";

/** What serves calls. */
export type Works = {
    models: Models;
    token: Token;
    settlement: Settlement;
    life: Life;
};

/** Opens models, payments, settlement and the life of inferences, in the order in which they need each other. */
export async function openWorks(ground: Ground, undo: Undo): Promise<Works> {
    const { opening, settings, prices, config, provider, chainId, deployment, executor, database, log } = ground;
    const models = await openModels(ground);
    undo.push(() => models.close());
    const { relayerKey, maxFeePerGasWei, payTo, facilitator } = settings;
    const node = createNode({ rpc: createHttpRpc({ url: settings.rpcUrl }) });
    const relayer = createRelayer({ node, key: relayerKey, chainId, maxFeePerGasWei, log });
    undo.push(() => relayer.stop());
    const payments = await createPayments({
        ...{ node, relayer, token: ground.token, payTo, refundKey: relayerKey, log },
        facilitator: facilitator === undefined ? undefined : { url: facilitator },
    });
    undo.push(() => payments.close());
    const crash = opening.crash ?? crashPointOf({ crashAt: process.env.ASSAY_CRASH_AT });
    const settlement = openSettlement(ground, { relayer, crash });
    const life = createLife({
        ...{ models, payments, prices, database, deployment, executor, config, settlement, crash, log },
        signer: ground.keys.receipts,
        chain: createChainFacts({ provider, deployment, executor, log }),
        limits: {
            ...DEFAULT_LIFE_LIMITS,
            underWay: settings.limits.queue,
            retentionSeconds: settings.retentionSeconds,
        },
    });
    await settlement.start();
    undo.push(() => settlement.stop());
    await life.start();
    undo.push(() => life.stop());
    return { models, token: payments.token, settlement, life };
}

async function openModels(ground: Ground): Promise<Models> {
    const { opening, settings, provider, deployment, executor, keys, isDevelopment, log } = ground;
    return createModels({
        ...{ deployment, provider, executor, log, engines: opening.engines },
        sources: [...settings.models, ...((await opening.prepareModels?.()) ?? [])],
        upstream: settings.upstream,
        enclaves: settings.enclaves,
        signer: keys.relayer.connect(provider),
        registersMissing: isDevelopment || settings.registers,
        fetch: opening.fetch ?? globalThis.fetch,
    });
}

function openSettlement(
    { settings, provider, deployment, executor, database, isDevelopment, log }: Ground,
    given: Pick<Parameters<typeof createSettlement>[0], "relayer" | "crash">,
): Settlement {
    const { confirmations, pollMs } = CHAIN_DEFAULTS[isDevelopment ? "development" : "real"];
    return createSettlement({
        ...given,
        ...{ database, provider, executor, confirmations, pollMs, log },
        receipts: contractsOf({ deployment, runner: provider }).receipts,
        address: deployment.contracts.ReceiptLog,
        triggers: settings.batch,
        dataUri: (first) => (settings.publicUrl === undefined ? "" : `${settings.publicUrl}/v1/log?from=${first}`),
    });
}
