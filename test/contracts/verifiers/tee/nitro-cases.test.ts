import { verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { AT, aNitroDocument, type NitroForm, SIMULATED_FORM, TEST_FORM } from "../../../support/attestation/nitro.ts";
import { codeOf, documentOf, NITRO_CASES } from "../../../support/attestation/nitroCases.ts";
import { createNitroWorld, type NitroWorld } from "../../../support/nitroWorld.ts";

/** The certificates of a good document are remembered, so that a case costs the signatures of what it changed. */
async function worldOf(form: NitroForm): Promise<NitroWorld> {
    const world = await createNitroWorld({ at: AT, profile: form.profile });
    await world.cache(aNitroDocument({ form }));
    return world;
}

/** Every case under one root; under the development root those that tell the two apart, and what it accepts. */
const FORMS = [
    { name: "a root in the place of AWS's", form: TEST_FORM, rows: NITRO_CASES },
    {
        name: "the development root",
        form: SIMULATED_FORM,
        rows: NITRO_CASES.filter(({ name, code }) => typeof code !== "string" || name === "a good document"),
    },
];
for (const { name, form, rows } of FORMS) {
    describe(`Nitro verification on chain under ${name}`, function () {
        this.timeout(60_000); // some hundred signatures in all
        let world: NitroWorld;

        before(async () => {
            world = await worldOf(form);
        });

        for (const row of rows) {
            it(`answers ${codeOf(row, form)} to ${row.name}, as TypeScript does`, async () => {
                const document = documentOf(row, form);
                const at = row.at?.(form) ?? AT;
                const place = at === AT ? world : await createNitroWorld({ at, profile: form.profile });

                const verdict = await place.verify(document);

                const twin = verifyNitro({ document, at, profile: form.profile });
                expect(verdict.code).to.equal(codeOf(row, form));
                expect(twin.code).to.equal(verdict.code);
                if (verdict.attestation !== undefined) expect(twin.attestation).to.deep.include(verdict.attestation);
            });
        }
    });
}
