import { RpcRefusal } from "@assay/executor/chain";
import { type Hex, toHex } from "@assay/protocol";
import { expect } from "chai";
import { Wallet } from "ethers";
import { createNode } from "../../../offchain/gateway/shell/chain/node.ts";
import { createRelayer, type Relayer } from "../../../offchain/gateway/shell/relayer.ts";
import { startChain, type TestChain } from "../cli/_chain.ts";
import { createTestLog } from "../executor/_log.ts";
import { createDoor, firstTimes, scriptedRpc } from "../executor/_rpc.ts";
import { expectFault } from "../sdk/_expect.ts";

const NOBODY: Hex = "0x000000000000000000000000000000000000dead";
const CALL = { to: NOBODY, data: "0x" as Hex, gasCap: 100_000n };
const SOON = { timeoutMs: 5_000 };

describe("gateway: the relayer", () => {
    let chain: TestChain;
    const open = new Set<Relayer>();
    before(async () => {
        chain = await startChain();
    });
    after(async () => {
        for (const relayer of open) await relayer.stop();
        await chain.close();
    });

    const start = async (options: { now?: () => number; tendingMs?: number } = {}) => {
        const wallet = Wallet.createRandom();
        const [owner] = await chain.world.ethers.getSigners();
        await (await owner?.sendTransaction({ to: wallet.address, value: 10n ** 18n }))?.wait();
        const rpc = scriptedRpc({ url: chain.rpcUrl });
        const { log } = createTestLog();
        const key = toHex(wallet.privateKey, 32);
        const node = createNode({ rpc });
        const relayer = createRelayer({ node, key, chainId: 31337, maxFeePerGasWei: 10n ** 12n, log, ...options });
        open.add(relayer);
        return { relayer, rpc, node };
    };

    it("tells of a transaction before it sends it, and sends nothing if that fails", async () => {
        const { relayer, node } = await start();
        const signed: { hash: Hex; raw: Hex; nonce: number }[] = [];

        const failing = relayer.send({ ...CALL, onSigned: () => Promise.reject(new Error("The disk is full.")) });
        const told = await failing.catch(String);
        const hash = await relayer.send({ ...CALL, onSigned: async (one) => void signed.push(one) });

        expect(told).to.equal("Error: The disk is full.");
        expect(await node.nextNonce(relayer.address)).to.equal(1);
        expect(signed).to.have.length(1);
        expect(signed[0]).to.include({ hash, nonce: 0 });
        expect(await relayer.mined(hash, SOON)).to.include({ hash, status: "success" });
    });

    it("goes on with the right nonce after the node refused one", async () => {
        const { relayer, rpc } = await start();
        const error = { code: -32_000, message: "txpool is full" };
        const refuse = () => Promise.reject(new RpcRefusal({ method: "eth_sendRawTransaction", error }));
        rpc.script.set("eth_sendRawTransaction", firstTimes(1, refuse));

        const [refused, sent] = await Promise.allSettled([relayer.send(CALL), relayer.send(CALL)]);

        expect(refused.status).to.equal("rejected");
        if (sent.status === "rejected") throw sent.reason;
        expect((await relayer.mined(sent.value, SOON))?.status).to.equal("success");
    });

    it("takes a transaction for sent that the node has, though it answers with an error", async () => {
        const { relayer, rpc } = await start();
        const error = { code: -32_000, message: "already known" };
        rpc.script.set("eth_sendRawTransaction", async (_call, pass) => {
            await pass();
            throw new RpcRefusal({ method: "eth_sendRawTransaction", error });
        });

        const hash = await relayer.send(CALL);

        expect((await relayer.mined(hash, SOON))?.status).to.equal("success");
    });

    it("refuses what would revert before anything is signed", async () => {
        const { relayer, node } = await start();
        const hub = toHex(chain.world.deployment.contracts.InferenceHub, 20);

        await expectFault(relayer.send({ ...CALL, to: hub, data: "0xdeadbeef" }), "GATEWAY_RELAYER_REFUSED");

        expect(await node.nextNonce(relayer.address)).to.equal(0);
    });

    it("raises the price of what waits too long, and tells what was mined in its place", async () => {
        let clockMs = Date.now();
        const { relayer, rpc } = await start({ now: () => clockMs, tendingMs: 5 });
        const { ethers, networkHelpers } = chain.world;
        await ethers.provider.send("evm_setAutomine", [false]);
        try {
            const hash = await relayer.send(CALL);
            const raised = createDoor();
            rpc.script.set("eth_sendRawTransaction", async (_call, pass) => {
                const answer = await pass();
                raised.open();
                return answer;
            });
            clockMs += 31_000;
            await raised.passed;
            await networkHelpers.mine();

            const mined = await relayer.mined(hash, SOON);

            expect(mined?.status).to.equal("success");
            expect(mined?.hash).to.not.equal(hash);
        } finally {
            await ethers.provider.send("evm_setAutomine", [true]);
        }
    });
});
