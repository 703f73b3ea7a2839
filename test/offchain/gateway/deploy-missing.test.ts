/** Contracts that a development chain misses are deployed, once, and nowhere else. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { type Hex, toHex } from "@assay/protocol";
import { contractsOf, loadDeployment, paymentTokenAbi } from "@assay/sdk";
import { expect } from "chai";
import { Contract, Interface, JsonRpcProvider, Wallet } from "ethers";
import { network } from "hardhat";
import { deployMissing, type Missing } from "../../../offchain/gateway/shell/chain/deployMissing.ts";
import { MULTICALL3, placeMulticall } from "../../../offchain/gateway/shell/chain/placeMulticall.ts";
import { DEV_KEYS, startFakeNode } from "../cli/_chain.ts";
import { expectFault } from "../sdk/_expect.ts";

const TRY_AGGREGATE = new Interface([
    "function tryAggregate(bool requireSuccess, (address target, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])",
]);

/** Two nodes that start at one time have the same first block. */
const BIRTH = new Date();

/** A node of its own, with nothing deployed. */
async function startNode() {
    const server = await network.createServer({ network: "default", override: { initialDate: BIRTH } }, "127.0.0.1");
    const { address, port } = await server.listen();
    return { rpcUrl: `http://${address}:${port}`, close: () => server.close() };
}

describe("gateway: missing contracts", () => {
    const undo: (() => Promise<unknown>)[] = [];
    let root: string;
    let node: Awaited<ReturnType<typeof startNode>>;
    let provider: JsonRpcProvider;

    before(async () => {
        root = await mkdtemp(`${tmpdir()}/assay-deploy-`);
        undo.push(() => rm(root, { recursive: true }));
        node = await startNode();
        undo.push(node.close);
        provider = new JsonRpcProvider(node.rpcUrl, 31337, { staticNetwork: true });
        undo.push(async () => provider.destroy());
    });

    after(async () => {
        for (const step of undo.reverse()) await step();
    });

    function missing(given: Partial<Missing> = {}): Missing {
        const deployerKey: Hex = toHex(DEV_KEYS.executor);
        return { rpcUrl: node.rpcUrl, deployerKey, root, progress: () => undefined, ...given };
    }

    it("are deployed with the key, tokens and Multicall3 included, and found again", async () => {
        const owner = new Wallet(DEV_KEYS.executor).address;

        const first = await deployMissing(missing());
        const nonce = await provider.getTransactionCount(owner);
        const second = await deployMissing(missing());

        expect([first.isNew, second.isNew]).to.deep.equal([true, false]);
        expect(second.deployment).to.deep.equal(first.deployment);
        expect(await loadDeployment({ file: first.file })).to.deep.equal(first.deployment);
        expect(await provider.getTransactionCount(owner)).to.equal(nonce);
        const { contracts } = first.deployment;
        const { hub, receipts, configs } = contractsOf({
            deployment: first.deployment,
            runner: provider,
        });
        expect(toHex(await hub.gate())).to.equal(contracts.EvidenceGate);
        const ownable = new Contract(
            contracts.AttestationPolicy,
            ["function owner() view returns (address)"],
            provider,
        );
        expect(await ownable.getFunction("owner")()).to.equal(owner);
        expect(await receipts.nextSequence(owner)).to.equal(0n);
        expect(await configs.versionsOf(owner, "none")).to.equal(0n);
        const usd = new Contract(contracts.PaymentToken ?? "", paymentTokenAbi, provider);
        const facts = ["name", "version", "decimals"].map((name) => usd.getFunction(name)());
        expect(await Promise.all(facts)).to.deep.equal(["Assay Test USD", "1", 6n]);
    });

    it("are finished when the last run ended before its file was written", async () => {
        const owner = new Wallet(DEV_KEYS.executor).address;
        const first = await deployMissing(missing());
        const nonce = await provider.getTransactionCount(owner);
        await rm(first.file);

        const again = await deployMissing(missing());

        expect(again.isNew).to.equal(true);
        expect(again.deployment.contracts).to.deep.equal(first.deployment.contracts);
        expect(await provider.getTransactionCount(owner)).to.equal(nonce);
    });

    it("are deployed again on a chain that was started anew, even if nobody can tell it from the old one", async () => {
        await deployMissing(missing());
        const another = await startNode();
        undo.push(another.close);
        const fresh = new JsonRpcProvider(another.rpcUrl, 31337, { staticNetwork: true });
        undo.push(async () => fresh.destroy());
        const [old, now] = await Promise.all([provider.getBlock(0), fresh.getBlock(0)]);

        const { isNew, deployment } = await deployMissing(missing({ rpcUrl: another.rpcUrl }));

        expect(now?.hash).to.equal(old?.hash);
        expect(isNew).to.equal(true);
        expect(await fresh.getCode(deployment.contracts.InferenceHub)).to.not.equal("0x");
    });

    it("let a caller of Multicall3 see why a call fails", async () => {
        const placed = await placeMulticall({ provider });
        const hub = Interface.from(["error NothingHere()"]);
        const calls = [
            [MULTICALL3, TRY_AGGREGATE.encodeFunctionData("tryAggregate", [false, []])],
            [MULTICALL3, hub.getError("NothingHere")?.selector],
        ];

        const data = TRY_AGGREGATE.encodeFunctionData("tryAggregate", [false, calls]);
        const answer = await provider.call({ to: MULTICALL3, data });

        expect(placed).to.be.oneOf(["present", "placed"]);
        const [results] = TRY_AGGREGATE.decodeFunctionResult("tryAggregate", answer);
        expect(results.map(({ success }: { success: boolean }) => success)).to.deep.equal([true, false]);
        expect(await placeMulticall({ provider })).to.equal("present");
    });

    it("are refused on chains that are not for development", async () => {
        const real = await startFakeNode({ chainId: 8453 });
        undo.push(real.close);

        await expectFault(deployMissing(missing({ rpcUrl: real.rpcUrl })), "DEPLOYMENT_NOT_AUTOMATIC");
    });

    it("are refused to a key that cannot pay", async () => {
        const elsewhere = await mkdtemp(`${tmpdir()}/assay-deploy-`);
        undo.push(() => rm(elsewhere, { recursive: true }));
        const deployerKey = toHex(Wallet.createRandom().privateKey);

        await expectFault(deployMissing(missing({ deployerKey, root: elsewhere })), "FUNDS_INSUFFICIENT");
    });
});
