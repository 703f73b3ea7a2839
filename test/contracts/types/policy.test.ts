import { implies, isCanonical, PRESETS, satisfied } from "@assay/protocol";
import { expect } from "chai";
import { network } from "hardhat";
import { describe, it } from "mocha";
import { type PolicyCase, policyCases } from "../../offchain/protocol/_policyCases.ts";

/** Words per call: the verdicts of one call fit well below the gas limit of a call. */
const BATCH = 250;
/** Encoding 12,000 words takes seconds on a busy machine. */
const SLOW_MS = 120_000;
const INTRINSIC_GAS = 21_000n;

const { ethers } = await network.create();

describe("Policy", () => {
    it("gives the verdict of TypeScript on more than 10,000 words", async function () {
        this.timeout(SLOW_MS);
        const harness = await ethers.deployContract("PolicyHarness");
        const cases = policyCases();

        for (const batch of batchesOf(cases)) {
            const verdicts = await harness.judge(batch.map(({ word, floor, masks }) => ({ word, floor, masks })));
            expect(verdicts).to.equal(ethers.hexlify(Uint8Array.from(batch, expected)));
        }

        expect(cases.length).to.be.greaterThan(10_000);
    });

    it("is satisfied for at most 1.5k gas on presets and 3.2k on twelve clauses", async () => {
        const harness = await ethers.deployContract("PolicyHarness");
        const twelve = 0x0100000000000000_0022_0021_0018_0014_0012_0011_000c_000a_0009_0006_0005_0003n;

        for (const word of Object.values(PRESETS)) {
            const gas = await harness.satisfied.estimateGas(word, 0);
            expect(gas - INTRINSIC_GAS).to.be.at.most(1_500n);
        }
        const gas = await harness.satisfied.estimateGas(twelve, 0);
        expect(gas - INTRINSIC_GAS).to.be.at.most(3_200n);
    });
});

/** One byte: bit 0 canonical, bit 1 implies the floor, bit 2 + j satisfied by mask j. */
function expected({ word, floor, masks }: PolicyCase): number {
    const verdicts = [isCanonical(word), implies(word, floor), ...masks.map((mask) => satisfied(word, mask))];
    return verdicts.reduce((byte, yes, bit) => byte | (yes ? 1 << bit : 0), 0);
}

function batchesOf(cases: readonly PolicyCase[]): PolicyCase[][] {
    return Array.from({ length: Math.ceil(cases.length / BATCH) }, (_, i) => cases.slice(i * BATCH, (i + 1) * BATCH));
}
