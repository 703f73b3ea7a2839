import { bytesToHex, encodeKey, FIELD_ORDER, KEY_FAULTS, lintKey, verifyGroth16 } from "@assay/protocol";
import { bn254 } from "@noble/curves/bn254.js";
import { expect } from "chai";
import { network } from "hardhat";
import { pointOutsideGroup } from "../offchain/protocol/_curvePoints.ts";
import { snarkjsVectors } from "../offchain/protocol/_snarkjsVectors.ts";
import { aKey, unsoundKeys } from "../offchain/protocol/_unsoundKeys.ts";

const Q = bn254.fields.Fp.ORDER;
const LARGEST = 2n ** 256n - 1n;

interface Claim {
    name: string;
    signals: bigint[];
    proof: bigint[];
}

/** A true claim and everything near it that must not pass. */
function claimsAbout({ signals, proof }: { signals: bigint[]; proof: bigint[] }): Claim[] {
    const [ax = 0n, ay = 0n, xIm = 0n, xRe = 0n, yIm = 0n, yRe = 0n, cx = 0n, cy = 0n] = proof;
    const changedSignals = signals.flatMap((signal, i) =>
        [signal + 1n, signal + FIELD_ORDER, 0n, FIELD_ORDER, LARGEST].map((value) => ({
            name: `signal ${i} is ${value}`,
            signals: signals.with(i, value),
            proof,
        })),
    );
    const changedProofs = [...proof.entries()].flatMap(([i, coordinate]) =>
        [coordinate + 1n, coordinate + Q, Q - coordinate, 0n, LARGEST].map((value) => ({
            name: `coordinate ${i} is ${value}`,
            signals,
            proof: proof.with(i, value),
        })),
    );
    const others: [string, bigint[]][] = [
        ["as it is", proof],
        ["with all points at infinity", proof.map(() => 0n)],
        ["with A at infinity", [0n, 0n, xIm, xRe, yIm, yRe, cx, cy]],
        ["with B at infinity", [ax, ay, 0n, 0n, 0n, 0n, cx, cy]],
        ["with C at infinity", [ax, ay, xIm, xRe, yIm, yRe, 0n, 0n]],
        ["with the halves of B swapped", [ax, ay, xRe, xIm, yRe, yIm, cx, cy]],
        ["with A and B negated", [ax, Q - ay, xIm, xRe, Q - yIm, Q - yRe, cx, cy]],
        ["with B outside the group", [ax, ay, ...pointOutsideGroup(), cx, cy]],
    ];
    return [...changedSignals, ...changedProofs, ...others.map(([name, other]) => ({ name, signals, proof: other }))];
}

describe("Groth16 on chain and in TypeScript", () => {
    async function createHarness() {
        const { ethers } = await network.create();
        const harness = await ethers.deployContract("ProofHarness");
        const verifier = await ethers.deployContract("Groth16Verifier");

        async function pointerTo(key: Uint8Array): Promise<string> {
            await harness.store(key);
            const [log] = await harness.queryFilter(harness.filters.Stored(), "latest");
            if (log === undefined) throw new Error("The key was not stored.");
            return log.args.pointer;
        }

        /** Whether the chain accepts a claim; a refusal must be one of the verifier's own errors. */
        async function accepts(pointer: string, { signals, proof }: Claim): Promise<boolean> {
            const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = proof;
            try {
                const magic = await verifier.verify(pointer, signals, [a, b, c, d, e, f, g, h]);
                return magic === verifier.interface.getFunction("verify").selector;
            } catch (error) {
                expect(String(error)).to.match(/ProofInvalid|SignalNotInField|CoordinateNotInField/);
                return false;
            }
        }
        return { harness, pointerTo, accepts };
    }

    it("accept and refuse the same claims", async function () {
        this.timeout(60_000); // two pairings for each of some hundred claims
        const { pointerTo, accepts } = await createHarness();

        let accepted = 0;
        for (const { key, signals, proof } of snarkjsVectors()) {
            const pointer = await pointerTo(key);
            for (const claim of claimsAbout({ signals, proof })) {
                const offChain = verifyGroth16({ key, ...claim });
                expect(await accepts(pointer, claim), claim.name).to.equal(offChain);
                if (offChain) accepted += 1;
            }
        }
        // Each as it is, and with A and B negated, which is the same product.
        expect(accepted).to.equal(4);
    });

    it("leave pairs with infinity out alike", async () => {
        const { pointerTo, accepts } = await createHarness();
        const { delta } = aKey();
        const key = encodeKey(
            aKey({
                alpha: [0n, 0n],
                ic: [
                    [0n, 0n],
                    [1n, 2n],
                ],
            }),
        );
        const pointer = await pointerTo(key);

        for (const [signal, expected] of [
            [0n, true],
            [1n, false],
        ] as const) {
            const claim = { name: `signal ${signal}`, signals: [signal], proof: [1n, 2n, ...delta, 1n, 2n] };
            expect(verifyGroth16({ key, ...claim })).to.equal(expected);
            expect(await accepts(pointer, claim)).to.equal(expected);
        }
    });

    it("find the same fault first in unsound keys, and none in sound ones", async () => {
        const { harness } = await createHarness();

        for (const { name, key, finding } of unsoundKeys()) {
            const fault = KEY_FAULTS.indexOf(finding.fault);
            await expect(harness.lint(encodeKey(key), 2), name)
                .to.be.revertedWithCustomError(harness, "BadVerifyingKey")
                .withArgs(fault, finding.index);
        }
        for (const { unfinishedKey, signals } of snarkjsVectors()) {
            const [first] = lintKey(unfinishedKey, { signals: signals.length });
            await expect(harness.lint(unfinishedKey, signals.length))
                .to.be.revertedWithCustomError(harness, "BadVerifyingKey")
                .withArgs(KEY_FAULTS.indexOf(first?.fault ?? "Length"), first?.index);
        }
        for (const { key, signals } of snarkjsVectors()) await harness.lint(bytesToHex(key), signals.length);
    });
});
