import { SIMULATED_TDX, verifyDcap } from "@assay/protocol";
import { expect } from "chai";
import { simulatedName } from "../../../../offchain/enclave/simulated/certificate.ts";
import { developmentKey } from "../../../../offchain/enclave/simulated/keys.ts";
import { tdxCollateral } from "../../../../offchain/enclave/simulated/tdx.ts";
import { writeRoot } from "../../../support/attestation/root.ts";
import { AT, aTdxQuote } from "../../../support/attestation/simulatedTdx.ts";
import { createTdxWorld } from "../../../support/simulatedTdxWorld.ts";

const GOOD = aTdxQuote();
const COMPROMISED = 2n;

/** A root without the mark, as those of vendors. */
function otherRoot() {
    const key = developmentKey({ curve: "P-256", name: "tests/tdx root" });
    const subject = simulatedName("tests tdx root");
    return { key, subject, certificate: writeRoot({ key, subject }) };
}

describe("SimulatedTdxVerifier › what only the chain knows", () => {
    let world: Awaited<ReturnType<typeof createTdxWorld>>;

    before(async () => {
        world = await createTdxWorld({ at: AT });
    });

    const collaterals: Record<string, Uint8Array> = {
        "no collateral": new Uint8Array(),
        "one word": new Uint8Array(32),
        "offsets beyond the end": new Uint8Array(64).fill(0xff),
        "a length beyond the end": new Uint8Array(96).fill(0x40, 63, 64).fill(0xff, 64),
        "bytes after the last": Uint8Array.from([...GOOD.collateral, ...new Uint8Array(32)]),
        "padding that is not zero": GOOD.collateral.with(-1, 1),
        "the second offset moved to the first": GOOD.collateral.with(62, 0).with(63, 0x40),
    };
    for (const [name, collateral] of Object.entries(collaterals)) {
        it(`refuses ${name} with CollateralInvalid`, async () => {
            await expect(world.verifier.verify(GOOD.quote, collateral))
                .to.be.revertedWithCustomError(world.verifier, "CollateralInvalid")
                .withArgs(collateral.length);
        });
    }

    it("refuses leaf and intermediate in each other's place", async () => {
        const collateral = tdxCollateral({ leaf: GOOD.intermediate, intermediate: GOOD.leaf });

        expect(await world.verify({ quote: GOOD.quote, collateral })).to.have.property("code", "IssuerMismatch");
    });

    it("refuses the chain of another root, unmarked, as NotSimulated, like TypeScript", async () => {
        const evidence = aTdxQuote({ root: otherRoot(), marks: [] });

        const { code } = await world.verify(evidence);

        const twin = verifyDcap({ kind: "tdx", quote: evidence.quote, at: AT, profile: SIMULATED_TDX });
        expect([code, twin.code]).to.deep.equal(["NotSimulated", "NotSimulated"]);
    });

    it("refuses another root under the development root's name by its signature, as it never sees the root", async () => {
        const subject = simulatedName("TDX form root");
        const evidence = aTdxQuote({ root: { ...otherRoot(), subject } });

        const { code } = await world.verify(evidence);

        const twin = verifyDcap({ kind: "tdx", quote: evidence.quote, at: AT, profile: SIMULATED_TDX });
        expect([code, twin.code]).to.deep.equal(["BadCertSignature", "NotSimulated"]);
    });

    for (const [index, name] of ["root", "intermediate", "leaf", "platform"].entries()) {
        it(`refuses a quote whose ${name} was revoked`, async () => {
            const place = await createTdxWorld({ at: AT });
            const { attestation } = await place.verify(GOOD);
            const trait = attestation?.traits[index] ?? "0x";
            await place.policy.revoke(trait, COMPROMISED);

            const call = place.verifier.verify(GOOD.quote, GOOD.collateral);

            await expect(call).to.be.revertedWithCustomError(place.policy, "TraitRevoked").withArgs(trait, COMPROMISED);
        });
    }
});
