import { SIMULATED_TDX, verifyDcap } from "@assay/protocol";
import { expect } from "chai";
import { AT, aTdxQuote } from "../../../support/attestation/simulatedTdx.ts";
import { TDX_CASES } from "../../../support/attestation/simulatedTdxCases.ts";
import { createTdxWorld } from "../../../support/simulatedTdxWorld.ts";

describe("SimulatedTdxVerifier", () => {
    let world: Awaited<ReturnType<typeof createTdxWorld>>;

    before(async () => {
        world = await createTdxWorld({ at: AT });
    });

    for (const { name, code, change } of TDX_CASES) {
        it(`answers ${code} to ${name}, as TypeScript does`, async () => {
            const evidence = aTdxQuote(change);

            const verdict = await world.verify(evidence);

            const twin = verifyDcap({ kind: "tdx", quote: evidence.quote, at: AT, profile: SIMULATED_TDX });
            expect(verdict.code).to.equal(code);
            expect(twin.code).to.equal(code);
            if (verdict.attestation !== undefined) expect(twin.attestation).to.deep.include(verdict.attestation);
        });
    }
});
