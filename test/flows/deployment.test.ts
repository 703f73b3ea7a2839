/** Deploying writes the file that everybody reads; a second run on the same chain changes nothing. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FAMILIES } from "@assay/protocol";
import { loadDeployment } from "@assay/sdk";
import { expect } from "chai";
import { config, network } from "hardhat";
import { journalOf } from "../../ignition/journal.ts";
import { deployAssay } from "../../scripts/deploy/deployAssay.ts";

/** Any chain that is not for development. */
const REAL_CHAIN_ID = 8453;

describe("flow: deployment", () => {
    let root: string;

    beforeEach(async () => {
        root = await mkdtemp(path.join(tmpdir(), "assay-deploy-"));
    });

    afterEach(async () => rm(root, { recursive: true, force: true }));

    async function writeParameters(parameters: unknown, chainId = REAL_CHAIN_ID) {
        await mkdir(path.join(root, "ignition", "parameters"), { recursive: true });
        await writeFile(path.join(root, "ignition", "parameters", `${chainId}.json`), JSON.stringify(parameters));
    }

    /** Who verifies the documents of a TEE family, lower case; undefined = nobody. */
    async function documentVerifier(
        { ethers }: Awaited<ReturnType<typeof network.create>>,
        { router: at, family }: { router: string; family: number },
    ): Promise<string | undefined> {
        const router = await ethers.getContractAt("VerifierRouter", at);
        if (!(await router.isEnabled(family))) return undefined;
        return (await router.current(family)).verifier.toLowerCase();
    }

    it("writes where everything is on a node, and goes on where it stopped", async () => {
        const server = await network.createServer();
        const { address, port } = await server.listen();
        const connection = await network.create({
            network: "localhost",
            override: { url: `http://${address}:${port}` },
        });
        const { folder } = await journalOf({ connection, chainId: 31337, ignitionDir: config.paths.ignition });
        try {
            const first = await deployAssay({ connection, root });
            const second = await deployAssay({ connection, root });

            expect(second).to.deep.equal(first);
            expect(await loadDeployment({ file: first.file })).to.deep.equal(first.deployment);
            const { contracts, blockNumber, hubFromBlock, chainId } = first.deployment;
            expect([chainId, blockNumber]).to.deep.equal([31337, 1]);
            expect(hubFromBlock).to.be.greaterThan(blockNumber);
            const { ethers } = connection;
            const hub = await ethers.getContractAt("InferenceHub", contracts.InferenceHub);
            expect((await hub.gate()).toLowerCase()).to.equal(contracts.EvidenceGate);
            expect((await hub.token()).toLowerCase()).to.equal(contracts.Token);
            expect(await ethers.provider.getCode(hub, hubFromBlock - 1)).to.equal("0x");
            expect(await ethers.provider.getCode(hub, hubFromBlock)).not.to.equal("0x");
        } finally {
            await connection.close();
            await server.close();
            if (folder !== undefined) await rm(folder, { recursive: true, force: true });
        }
    });

    it("takes owner and payment token from the parameters on a real chain, and deploys no test token", async () => {
        const connection = await network.create({ override: { chainId: REAL_CHAIN_ID } });
        const owner = "0x00000000000000000000000000000000000000A1";
        const paymentToken = "0x00000000000000000000000000000000000000b2";
        await writeParameters({ owner, paymentToken, routerDelaySeconds: 600 });

        const { deployment, file } = await deployAssay({ connection, root });

        const router = await connection.ethers.getContractAt("VerifierRouter", deployment.contracts.VerifierRouter);
        expect(await router.owner()).to.equal(owner);
        expect(await router.delaySeconds()).to.equal(600n);
        expect(deployment.contracts).not.to.have.property("Token");
        expect(deployment.contracts.PaymentToken).to.equal(paymentToken);
        expect(deployment).not.to.have.property("SIMULATED");
        const { NitroVerifier, VerifierRouter } = deployment.contracts;
        const byFamily = (family: number) => documentVerifier(connection, { router: VerifierRouter, family });
        expect([await byFamily(FAMILIES.TEE_NITRO), await byFamily(FAMILIES.TEE_TDX)]).to.deep.equal([
            NitroVerifier,
            undefined,
        ]);
        const policy = await connection.ethers.getContractAt(
            "AttestationPolicy",
            deployment.contracts.AttestationPolicy,
        );
        expect(await policy.owner()).to.equal(owner);
        expect(file).to.equal(path.join(root, "deployments", `${REAL_CHAIN_ID}.json`));
        expect(JSON.parse(await readFile(file, "utf8")).chainId).to.equal(REAL_CHAIN_ID);
    });

    it("says that TEE evidence is simulated on a development chain, unless it is told to take the genuine verifier", async () => {
        const connection = await network.create();
        const first = await deployAssay({ connection, root });
        const { contracts } = first.deployment;
        const at = { router: contracts.VerifierRouter, family: FAMILIES.TEE_NITRO };
        expect(first.deployment.SIMULATED).to.deep.equal(["TEE_NITRO", "TEE_TDX"]);
        expect(JSON.parse(await readFile(first.file, "utf8")).SIMULATED).to.deep.equal(["TEE_NITRO", "TEE_TDX"]);
        expect(await documentVerifier(connection, at)).to.equal(contracts.SimulatedNitroVerifier);

        const another = await network.create();
        await writeParameters({ simulatedTee: false }, 31337);
        const { deployment } = await deployAssay({ connection: another, root });
        const genuine = { ...at, router: deployment.contracts.VerifierRouter };
        expect(deployment).not.to.have.property("SIMULATED");
        expect(deployment.contracts).not.to.have.property("SimulatedNitroVerifier");
        expect(await documentVerifier(another, genuine)).to.equal(deployment.contracts.NitroVerifier);
    });

    it("refuses stand-ins on a real chain", async () => {
        const connection = await network.create({ override: { chainId: REAL_CHAIN_ID } });
        await writeParameters({ owner: "0x00000000000000000000000000000000000000A1", simulatedTee: true });
        expect(await codeOf(deployAssay({ connection, root }))).to.equal("DEPLOYMENT_PARAMETERS_INVALID");
    });

    it("refuses a real chain without an owner, and parameters that are none", async () => {
        const connection = await network.create({ override: { chainId: REAL_CHAIN_ID } });
        expect(await codeOf(deployAssay({ connection, root }))).to.equal("DEPLOYMENT_OWNER_MISSING");
        await writeParameters({ owner: "me" });
        expect(await codeOf(deployAssay({ connection, root }))).to.equal("DEPLOYMENT_PARAMETERS_INVALID");
    });
});

async function codeOf(failing: Promise<unknown>): Promise<unknown> {
    return failing.then(
        () => "none",
        (error: { code?: string }) => error.code,
    );
}
