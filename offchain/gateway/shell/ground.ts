import { type Database, migrate, openPglite } from "@assay/executor/journal";
import { isDevelopmentChain, ProtocolError, toHex } from "@assay/protocol";
import { connect, contractsOf, type Deployment, loadDeployment, onChain, setSigningKey } from "@assay/sdk";
import { type JsonRpcProvider, Wallet } from "ethers";
import type { Logger } from "pino";
import type { ServedConfig } from "../core/config.ts";
import type { Prices } from "../core/prices.ts";
import { deployMissing } from "./chain/deployMissing.ts";
import type { GatewayParts } from "./gateway.ts";
import { gatewayFolder, readIdentity } from "./identity.ts";
import { type Keys, keptReceiptKey, separateKeys } from "./keys.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openConfig } from "./openConfig.ts";
import type { Plan } from "./plan.ts";
import type { Settings } from "./settings.ts";
import type { Undo } from "./undo.ts";

/** What was given, with the defaults that have no settings. */
export type Opening = GatewayParts & { log: Logger };

/** What everything else stands on: chain, contracts, keys, journal. */
export type Ground = {
    opening: Opening;
    settings: Settings;
    prices: Prices;
    /** The configuration that is applied. */
    config: ServedConfig | undefined;
    /** Address of what is paid in. */
    token: Keys["payTo"];
    provider: JsonRpcProvider;
    chainId: number;
    isDevelopment: boolean;
    deployment: Deployment;
    keys: Keys;
    /** Who answers for every statement. */
    executor: Keys["payTo"];
    database: Database;
    log: Logger;
};

/** Connects, deploys what is missing where that may be, opens the journal, and makes sure that the receipt key counts. */
export async function openGround({ opening, plan }: { opening: Opening; plan: Plan }, undo: Undo): Promise<Ground> {
    const { settings, prices } = plan;
    const { provider, chainId } = await connect({ rpcUrl: settings.rpcUrl });
    undo.push(async () => provider.destroy());
    const isDevelopment = isDevelopmentChain(chainId);
    const deployment = await deploymentOf(opening, { settings, chainId });
    const token = tokenOf({ settings, deployment });
    const config = await configOf(plan, { provider, deployment });
    const executor = settings.executor ?? toHex(new Wallet(settings.relayerKey).address, 20);
    const folder = gatewayFolder({
        home: settings.home,
        identity: await readIdentity({ provider, chainId, executor }),
    });
    const receiptKey = settings.receiptKey ?? (await keptReceiptKey({ folder }));
    const keys = separateKeys({ ...settings, receiptKey });
    const database = await (opening.database ?? openPglite)({ directory: folder });
    undo.push(() => database.close());
    await migrate({ database, migrations: MIGRATIONS });
    const log = opening.log.child({ chainId, executor });
    const chain = { provider, chainId, isDevelopment, deployment };
    const ground = { opening, settings, prices, config, token, ...chain, keys, executor, database, log };
    await requireReceiptKey(ground);
    return ground;
}

/** Only on development chains there is a token that can be meant without being named: the deployment's test token. */
function tokenOf({ settings, deployment }: Pick<Ground, "settings" | "deployment">): Ground["token"] {
    const token = settings.token ?? deployment.contracts.PaymentToken;
    if (token !== undefined) return token;
    throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message: "No token to be paid in was given." });
}

async function configOf(
    { settings: { config: wanted }, configContent: content }: Plan,
    chain: Pick<Ground, "provider" | "deployment">,
): Promise<ServedConfig | undefined> {
    return wanted === undefined || content === undefined ? undefined : openConfig(chain, { wanted, content });
}

async function deploymentOf(
    { progress = () => {} }: Opening,
    { settings, chainId }: { settings: Settings; chainId: number },
): Promise<Deployment> {
    const { deploymentFile: file, rpcUrl, relayerKey, home } = settings;
    if (file === undefined) {
        return (await deployMissing({ rpcUrl, deployerKey: relayerKey, root: home, progress })).deployment;
    }
    const deployment = await loadDeployment({ file });
    if (deployment.chainId === chainId) return deployment;
    const message = `The node serves chain ${chainId}, the deployment is on chain ${deployment.chainId}.`;
    throw new ProtocolError({ code: "CHAIN_MISMATCH", message });
}

/** Statements of a key that is not the executor's would be refused by everybody: they are not even begun. */
async function requireReceiptKey(ground: Omit<Ground, "opening">): Promise<void> {
    const { settings, provider, deployment, keys, executor, isDevelopment, log } = ground;
    const { executors } = contractsOf({ deployment, runner: provider });
    const [record, canSign] = await onChain(() =>
        Promise.all([executors.keyRecord(executor), executors.canSign(executor)]),
    );
    const { address } = keys.receipts;
    if (toHex(record.key) === address && canSign) return;
    const isOwn = toHex(keys.relayer.address, 20) === executor;
    if (!isOwn || !(isDevelopment || settings.registers)) {
        const message = `${executor} signs with ${toHex(record.key)}, not with ${address}.`;
        throw new ProtocolError({ code: "GATEWAY_RECEIPT_KEY_UNREGISTERED", message });
    }
    await setSigningKey({ provider, deployment, signer: keys.relayer.connect(provider) }, { key: address });
    log.info({ key: address }, "receipt key registered");
}
