import { expect } from "chai";
import { AT, aNitroDocument, TEST_FORM } from "../../../support/attestation/nitro.ts";
import { createNitroWorld, GENUINE, genuineDocument, TRANSACTION_GAS } from "../../../support/nitroWorld.ts";

/**
 * Targets of gas, and what the best published verifier in plain EVM needs (base/nitro-validator: one certificate 6.8M, the
 * document 13.9M, all of a document 41.9M in five transactions).
 */
const CERTIFICATE_GAS = 4_800_000n;
/** Of 6.0M for document and registration, of which the registry uses 0.2M. */
const WARM_GAS = 5_800_000n;
const COLD_GAS = 25_000_000n;

describe("gas of Nitro verification", () => {
    const found = genuineDocument(GENUINE.production);
    const subjects = [
        { name: "a generated document", document: aNitroDocument(), at: AT, profile: TEST_FORM.profile },
        ...(found === undefined
            ? []
            : [
                  {
                      name: "a genuine document",
                      document: found.document,
                      at: found.expected.doc.timestamp_ms / 1000 + 9,
                  },
              ]),
    ];
    if (found === undefined) it("a genuine document: needs ../shared/tee-vectors, which is not there");

    for (const { name, at, document, ...form } of subjects) {
        it(`${name}: each certificate, warm and cold stay below their targets`, async () => {
            const world = await createNitroWorld({ at: Math.ceil(at), ...form });
            const { verifier, cache } = world;

            const certificates = [await cache(document, 1), await cache(document, 1), await cache(document, 1)];
            const leaf = await cache(document, 1);
            const sent = await verifier.verify(document, "0x", { gasLimit: TRANSACTION_GAS });
            const warm = (await sent.wait())?.gasUsed ?? 0n;
            const fresh = await createNitroWorld({ at: Math.ceil(at), ...form });
            const chain = await fresh.cache(document, 3);
            const other = await createNitroWorld({ at: Math.ceil(at), ...form });
            const whole = await other.verifier.verify(document, "0x", { gasLimit: TRANSACTION_GAS });

            for (const gas of [...certificates, leaf]) expect(gas).to.be.lessThan(CERTIFICATE_GAS);
            expect(warm).to.be.lessThan(WARM_GAS);
            expect(chain + leaf + warm).to.be.lessThan(COLD_GAS);
            // Of the targets two transactions are asked for; all of it fits in one.
            expect((await whole.wait())?.gasUsed).to.be.lessThan(TRANSACTION_GAS);
        });
    }
});
