import { type AttestationVerdict, type NitroProfile, verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { AT, aNitroDocument, TEST_FORM } from "../../../support/attestation/nitro.ts";
import { itWithVectors, vectorBytes } from "../../../support/attestation/teeVectors.ts";
import { createRandom } from "../_random.ts";

const SEED = "nitro mutations 1";
const CHANGES = 300;

/** A document and the time at which it is fresh. */
interface Original {
    document: Uint8Array;
    at: number;
    profile?: NitroProfile;
}

/** Says what a changed document was taken for; everything but the original's fields under its own verdict is a fault. */
function expectNothingNew(original: Original, document: Uint8Array, before: AttestationVerdict): void {
    const after = verifyNitro({ ...original, document });
    if (after.code === before.code) expect(after.attestation).to.deep.equal(before.attestation);
    else expect(after.accepted).to.equal(false);
}

/** Changes bytes one at a time, wherever the seed says, and then each byte that frames the document. */
function mutate(original: Original): void {
    const random = createRandom(SEED);
    const { document } = original;
    const before = verifyNitro(original);
    const frame = [...Array(12).keys(), document.length - 98, document.length - 97, document.length - 96];
    const places = [...Array.from({ length: CHANGES }, () => random.below(document.length)), ...frame];
    for (const place of places) {
        const byte = (document[place] ?? 0) ^ (1 + random.below(255));
        expectNothingNew(original, document.with(place, byte), before);
    }
}

describe("verifyNitro of changed documents", function () {
    this.timeout(60_000);

    it(`accepts no other field after any of ${CHANGES} changes of a byte (seed "${SEED}")`, () => {
        mutate({ document: aNitroDocument(), at: AT, profile: TEST_FORM.profile });
    });

    it("accepts nothing after a byte is left out or put in", () => {
        const random = createRandom(SEED);
        const original = { document: aNitroDocument(), at: AT, profile: TEST_FORM.profile };
        for (let count = 0; count < 100; count++) {
            const place = random.below(original.document.length);
            const [before, behind] = [original.document.subarray(0, place), original.document.subarray(place)];
            expect(
                verifyNitro({ ...original, document: Uint8Array.of(...before, ...behind.subarray(1)) }).accepted,
            ).to.equal(false);
            expect(
                verifyNitro({ ...original, document: Uint8Array.of(...before, random.below(256), ...behind) }).accepted,
            ).to.equal(false);
        }
    });

    for (const [name, at] of [
        ["01-nitro-prod-opengradient-20260212", 1770919022],
        ["03-nitro-debug-evervault-20221012", 1665582666],
    ] as const) {
        const file = `${name}/attestation.cose`;
        const title = `accepts no other field after any of ${CHANGES} changes of a byte of ${name} (seed "${SEED}")`;
        itWithVectors([file], title, () => mutate({ document: vectorBytes(file), at }));
    }
});
