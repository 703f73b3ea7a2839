import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Hex, toHex } from "@assay/protocol";
import { connect, type Deployment, readCompiledModel, registerModel, setSigningKey } from "@assay/sdk";
import type { JsonRpcProvider } from "ethers";
import { type DemoAccounts, demoAccounts } from "./accounts.ts";
import { ACCEPTED_POLICY } from "./cases.ts";
import { deployContracts, deployOracle, type Oracle } from "./deploy.ts";
import { compileDigits } from "./digits.ts";
import { startDemoEnclave } from "./enclave.ts";
import { startLocalChain } from "./localChain.ts";

/** Everything the demo's questions need: a chain with the contracts, a registered model, a consumer, accounts. */
export type DemoWorld = {
    /** Folder of this run: compiled model, deployment file, journal. Removed at the end. */
    home: string;
    modelDir: string;
    rpcUrl: string;
    chainId: number;
    provider: JsonRpcProvider;
    deployment: Deployment;
    deploymentFile: string;
    accounts: DemoAccounts;
    /** Where the executor's enclaves listen. */
    enclaves: readonly string[];
    modelId: Hex;
    oracle: Oracle;
    close: () => Promise<void>;
};

/** Builds the demo's world; what was begun is undone when a step fails or the signal comes. */
export async function createDemoWorld({
    progress: tell,
    signal,
}: {
    progress: (line: string) => void;
    signal: AbortSignal;
}): Promise<DemoWorld> {
    const progress = (line: string) => {
        signal.throwIfAborted();
        tell(line);
    };
    const undo: (() => Promise<void>)[] = [];
    const close = async () => {
        for (const step of undo.reverse()) await step();
    };
    try {
        const home = await mkdtemp(path.join(tmpdir(), "assay-demo-"));
        undo.push(() => rm(home, { recursive: true, force: true }));
        const modelDir = path.join(home, "digits");
        progress("compiling the digit model: 64-32-10, quantised, with a development setup");
        // Beside the contracts: a fresh clone has both to compile, and most machines more than one core.
        const compiled = compileDigits({
            outDir: modelDir,
            onProgress: (line) => progress(`  model: ${line}`),
            signal,
        });
        const settled = compiled.catch(() => undefined);
        undo.push(() => settled);
        progress("starting a local chain (the contracts are compiled first when they changed)");
        const chain = await startLocalChain({ home });
        undo.push(chain.close);
        const { provider, chainId } = await connect({ rpcUrl: chain.rpcUrl });
        undo.push(async () => provider.destroy());
        const accounts = demoAccounts({ provider });

        progress("deploying registries, verifiers, gate and hub");
        const deployed = await deployContracts({ chain, owner: toHex(accounts.owner.address), root: home });
        await compiled;

        const acting = { provider, deployment: deployed.deployment };
        const executor = { ...acting, signer: accounts.executor };
        await setSigningKey(executor, { key: toHex(accounts.signing.address) });
        progress(`registered executor ${accounts.executor.address}, signing with ${accounts.signing.address}`);
        progress("starting a SIMULATED enclave, which the chain verifies like a genuine one under another root");
        const enclave = await startDemoEnclave(executor, { modelDir, progress });
        undo.push(enclave.stop);
        const owner = { ...acting, signer: accounts.owner };
        const measurements = [enclave.measurement];
        const model = await readCompiledModel({ dir: modelDir });
        const { modelId } = await registerModel(owner, { model, measurements });
        progress(`registered model ${modelId}, which that enclave's code may attest`);
        const oracle = await deployOracle({
            deployer: accounts.owner,
            asker: accounts.asker,
            hub: deployed.deployment.contracts.InferenceHub,
            modelId,
            acceptedPolicy: ACCEPTED_POLICY,
        });
        progress(`the consumer contract DigitOracle is at ${await oracle.getAddress()}`);
        const { rpcUrl } = chain;
        const enclaves = [enclave.url];
        return { home, modelDir, rpcUrl, chainId, provider, ...deployed, accounts, enclaves, modelId, oracle, close };
    } catch (fault) {
        await close();
        throw fault;
    }
}
