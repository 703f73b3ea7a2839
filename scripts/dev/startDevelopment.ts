import { readdir } from "node:fs/promises";
import path from "node:path";
import { createSession } from "@assay/compiler";
import { createExecutor } from "@assay/executor";
import { createGateway, type GatewayParts } from "@assay/gateway";
import { toHex } from "@assay/protocol";
import { createProverPool } from "@assay/prover";
import { connect, type Deployment, loadDeployment, onChain, paymentTokenAbi, setSigningKey } from "@assay/sdk";
import { Contract, HDNodeWallet, type JsonRpcProvider } from "ethers";
import { network } from "hardhat";
import { checkoutModels } from "../../offchain/cli/gateway/catalogue.ts";

/** The phrase of every Hardhat chain: known to everybody, worth nothing anywhere else. */
const PHRASE = "test test test test test test test test test test test junk";
/** A thousand dollars of the test token, which has six decimals. */
const BUYER_UNITS = 1_000_000_000n;

type Starting = {
    /** Folder of this run. */
    home: string;
    ports: { chain: number; gateway: number };
    /** Takes what ends each part that was started; to be run backwards. */
    undo: (() => Promise<unknown>)[];
    progress: (line: string) => void;
    signal: AbortSignal;
};

/** Who acts; each has 10,000 native tokens of the chain. */
function accountsOf() {
    const account = (index: number) => HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${index}`);
    return { gateway: account(0), executor: account(1), signing: account(2), payee: account(3), buyer: account(4) };
}

/** Starts chain, gateway (which deploys what is missing and registers the models) and executor; what a person has to know. */
export async function startDevelopment(starting: Starting): Promise<string[]> {
    const { home, undo } = starting;
    const accounts = accountsOf();
    const rpcUrl = await startNode(starting);
    const provers = createProverPool();
    undo.push(() => provers.close());
    const common = { ...starting, accounts, rpcUrl, engines: { createSession, createProver: provers.open } };
    const url = await startGateway(common);
    const { provider, chainId } = await connect({ rpcUrl });
    undo.push(async () => provider.destroy());
    const deploymentFile = path.join(home, "deployments", `${chainId}.json`);
    const deployment = await loadDeployment({ file: deploymentFile });

    const signer = accounts.executor.connect(provider);
    await setSigningKey({ provider, deployment, signer }, { key: toHex(accounts.signing.address) });
    await startExecutor({ ...common, deploymentFile });
    await giveTokens({ provider, deployment, buyer: accounts.buyer });
    return describe({ rpcUrl, url, deploymentFile, deployment, accounts });
}

type Common = Starting & { accounts: ReturnType<typeof accountsOf>; rpcUrl: string; engines: GatewayParts["engines"] };

async function startNode({ ports, undo }: Starting): Promise<string> {
    const now = { network: "default", override: { initialDate: new Date() } };
    const server = await network.createServer(now, "127.0.0.1", ports.chain);
    const { address, port } = await server.listen();
    undo.push(() => server.close());
    return `http://${address}:${port}`;
}

/** The models of the checkout, the provable ones compiled. */
const modelsIn = (home: string) => path.join(home, "models");

async function startGateway({
    home,
    ports,
    undo,
    progress,
    signal,
    accounts,
    rpcUrl,
    engines,
}: Common): Promise<string> {
    const models = await checkoutModels({ outDir: modelsIn(home), isDevelopment: true, progress, signal });
    const gateway = createGateway({
        settings: {
            ...{ rpcUrl, home, port: ports.gateway, models, payTo: toHex(accounts.payee.address) },
            relayerKey: toHex(accounts.gateway.privateKey),
        },
        engines,
        progress,
    });
    undo.push(() => gateway.stop());
    return (await gateway.start()).url;
}

async function startExecutor({
    home,
    undo,
    accounts,
    rpcUrl,
    engines,
    deploymentFile,
}: Common & { deploymentFile: string }): Promise<void> {
    const models = await directoriesIn(modelsIn(home));
    const executor = createExecutor({
        settings: {
            ...{ rpcUrl, deploymentFile, models, home: path.join(home, "executor") },
            operatorKey: toHex(accounts.executor.privateKey),
            signingKey: toHex(accounts.signing.privateKey),
        },
        engines,
    });
    undo.push(() => executor.stop());
    await executor.start();
}

async function directoriesIn(folder: string): Promise<string[]> {
    const found = await readdir(folder, { withFileTypes: true });
    return found.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(folder, name));
}

async function giveTokens({
    provider,
    deployment,
    buyer,
}: {
    provider: JsonRpcProvider;
    deployment: Deployment;
    buyer: HDNodeWallet;
}): Promise<void> {
    const abi = [...paymentTokenAbi, "function mint(address to, uint256 value)"];
    const token = new Contract(deployment.contracts.PaymentToken ?? "0x", abi, buyer.connect(provider));
    await onChain(async () => (await token.getFunction("mint")(buyer.address, BUYER_UNITS)).wait());
}

/** Keys are said aloud: everybody has them, and they are worth nothing. */
function describe({
    rpcUrl,
    url,
    deploymentFile,
    deployment,
    accounts,
}: {
    rpcUrl: string;
    url: string;
    deploymentFile: string;
    deployment: Deployment;
    accounts: ReturnType<typeof accountsOf>;
}): string[] {
    const { gateway, executor, buyer } = accounts;
    const line = (name: string, { address, privateKey }: HDNodeWallet) => `${name}  ${address}  ${privateKey}`;
    return [
        `chain       ${rpcUrl}`,
        `gateway     ${url}`,
        `deployment  ${deploymentFile}`,
        `token       ${deployment.contracts.PaymentToken ?? "none"}`,
        "DEVELOPMENT KEYS, which everybody has:",
        line("gateway   ", gateway),
        line("executor  ", executor),
        `${line("buyer     ", buyer)}  with 1,000 test dollars`,
        "ready; Ctrl-C ends all",
    ];
}
