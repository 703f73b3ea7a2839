import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { FAMILIES } from "@assay/protocol";
import { type Deployment, writeDeployment } from "@assay/sdk";
import { expect } from "chai";
import { parseSettings } from "../../../offchain/executor/index.ts";
import { account, word } from "./_builders.ts";
import { faultOf } from "./_faults.ts";

function aDeployment(chainId: number): Deployment {
    return {
        version: 1,
        chainId,
        blockNumber: 0,
        hubFromBlock: 5,
        contracts: {
            ModelRegistry: account(1),
            ExecutorRegistry: account(2),
            VerifierRouter: account(3),
            SignedVerifier: account(4),
            Groth16Verifier: account(5),
            EvidenceGate: account(6),
            InferenceHub: account(7),
            AttestationPolicy: account(8),
            TeeRegistry: account(9),
            P384Verifier: account(10),
            Sha384: account(11),
            NitroVerifier: account(12),
            ReceiptLog: account(13),
            ConfigRegistry: account(14),
        },
    };
}

describe("executor: settings", () => {
    let root: string;
    before(async () => {
        root = await mkdtemp(`${tmpdir()}/assay-settings-`);
    });
    after(() => rm(root, { recursive: true }));

    async function someSettings({ chainId = 31337, ...settings }: Record<string, unknown> & { chainId?: number } = {}) {
        const deploymentFile = await writeDeployment({ root, deployment: aDeployment(chainId) });
        const given = {
            rpcUrl: "http://127.0.0.1:8545",
            deploymentFile,
            home: root,
            operatorKey: word(1),
            signingKey: word(2),
        };
        return { ...given, ...settings };
    }

    it("take what suits a development chain", async () => {
        const settings = await parseSettings(await someSettings());

        expect(settings).to.include({ requestConfirmations: 0, deliveryConfirmations: 0, pollIntervalMs: 100 });
        expect(settings.families).to.deep.equal([0, 1, 2, 3, 4]);
        expect(settings.pullConsumers).to.deep.equal([]);
    });

    it("wait for blocks on a real chain", async () => {
        const settings = await parseSettings(await someSettings({ chainId: 11155111 }));

        expect(settings).to.include({ requestConfirmations: 1, deliveryConfirmations: 4, pollIntervalMs: 2_000 });
    });

    it("do as they are told", async () => {
        const told = { requestConfirmations: 7, families: ["ZK_GROTH16"], pullConsumers: "any", maxFeePerGasWei: 9n };

        const settings = await parseSettings(await someSettings(told));

        expect(settings).to.include({ requestConfirmations: 7, pullConsumers: "any", maxFeePerGasWei: 9n });
        expect(settings.families).to.deep.equal([FAMILIES.ZK_GROTH16]);
    });

    const wrong: Record<string, Record<string, unknown>> = {
        operatorKey: { operatorKey: "0x12" },
        rpcUrl: { rpcUrl: "ftp://node" },
        families: { families: ["QUORUM"] },
        pullConsumers: { pullConsumers: ["nobody"] },
        feePercent: { feePercent: -1 },
        surprise: { surprise: true },
    };
    for (const [name, settings] of Object.entries(wrong)) {
        it(`name ${name} when it is wrong`, async () => {
            const fault = await faultOf(parseSettings(await someSettings(settings)));

            expect(fault.code).to.equal("EXECUTOR_CONFIG_INVALID");
            expect(fault.message).to.include(name);
            expect(fault.message).not.to.include(word(2));
        });
    }
});
