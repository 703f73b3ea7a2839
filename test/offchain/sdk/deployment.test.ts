import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Deployment, loadDeployment, parseDeployment, writeDeployment } from "@assay/sdk";
import { expect } from "chai";
import { aDeployment as nowhere } from "./_deployment.ts";

/** A deployment without a token. */
function aDeployment(change: Partial<Deployment> = {}): Deployment {
    return { ...nowhere(), blockNumber: 3, hubFromBlock: 9, ...change };
}

describe("sdk deployment", () => {
    let root: string;

    beforeEach(async () => {
        root = await mkdtemp(path.join(tmpdir(), "assay-deployment-"));
    });

    afterEach(async () => rm(root, { recursive: true, force: true }));

    it("reads back what was written, and leaves no other file", async () => {
        const deployment = aDeployment();
        const file = await writeDeployment({ root, deployment });
        expect(await loadDeployment({ file })).to.deep.equal(deployment);
        expect(await readdir(path.dirname(file))).to.deep.equal(["31337.json"]);
    });

    it("writes checksummed addresses and reads any case", async () => {
        const file = await writeDeployment({ root, deployment: aDeployment() });
        expect(JSON.parse(await readFile(file, "utf8")).contracts.ModelRegistry).to.match(/[A-F]/);
        const upper = aDeployment().contracts.EvidenceGate.toUpperCase().replace("X", "x");
        const contracts = { ...aDeployment().contracts, EvidenceGate: upper };
        expect(parseDeployment({ ...aDeployment(), contracts })).to.deep.equal(aDeployment());
    });

    it("keeps the token of a deployment with one", async () => {
        const contracts = { ...aDeployment().contracts, Token: `0x${"bb".repeat(20)}` as const };
        const deployment = aDeployment({ contracts });
        expect(await loadDeployment({ file: await writeDeployment({ root, deployment }) })).to.deep.equal(deployment);
    });

    it("keeps that TEE evidence is simulated", async () => {
        const deployment = aDeployment({ SIMULATED: ["TEE_NITRO"] });
        expect(await loadDeployment({ file: await writeDeployment({ root, deployment }) })).to.deep.equal(deployment);
    });

    const { InferenceHub: _, ...withoutHub } = aDeployment().contracts;
    for (const [what, content] of Object.entries({
        "another version": { ...aDeployment(), version: 2 },
        "a missing contract": { ...aDeployment(), contracts: withoutHub },
        "an unknown contract": {
            ...aDeployment(),
            contracts: { ...aDeployment().contracts, Other: `0x${"aa".repeat(20)}` },
        },
        "a short address": { ...aDeployment(), contracts: { ...aDeployment().contracts, InferenceHub: "0x1234" } },
        "a negative block": aDeployment({ hubFromBlock: -1 }),
        "chain 0": aDeployment({ chainId: 0 }),
        "simulated evidence on a real chain": aDeployment({ chainId: 1, SIMULATED: ["TEE_NITRO"] }),
        "an unknown field": { ...aDeployment(), hub: "0x" },
        nothing: null,
    })) {
        it(`refuses ${what}`, () => {
            expect(() => parseDeployment(content))
                .to.throw()
                .with.property("code", "DEPLOYMENT_INVALID");
        });
    }

    it("says which file is missing or is not JSON", async () => {
        const file = path.join(root, "1.json");
        const missing = await loadDeployment({ file }).catch((error) => error);
        await writeFile(file, "{");
        const broken = await loadDeployment({ file }).catch((error) => error);

        expect([missing.code, broken.code]).to.deep.equal(["DEPLOYMENT_MISSING", "DEPLOYMENT_INVALID"]);
        expect(missing.message).to.contain(file);
        expect(broken.message).to.contain(file);
    });
});
