import { verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { keccak256, toUtf8Bytes } from "ethers";
import { AT, TEST_FORM } from "../support/attestation/nitro.ts";
import { documentOf } from "../support/attestation/nitroCases.ts";
import { CERTIFICATE_CASES } from "../support/attestation/nitroCertificateCases.ts";
import { createNitroWorld, TRANSACTION_GAS } from "../support/nitroWorld.ts";

const SEEDS = ["first", "second"];
/** No document has more certificates below its root. */
const MOST_SIGNATURES = 8;
/** Of what is remembered, so that the order can matter. */
const ENOUGH = 15;

/** A number below `limit` that a name decides. */
function draw(name: string, limit: number): number {
    return Number(BigInt(keccak256(toUtf8Bytes(name))) % BigInt(limit));
}

describe("certificates of hostile documents, remembered in any order", function () {
    this.timeout(60_000); // some hundred signatures
    const { profile } = TEST_FORM;
    const documents = CERTIFICATE_CASES.filter(({ at }) => at === undefined).map((row) => ({
        name: row.name,
        document: documentOf(row, TEST_FORM),
    }));

    for (const seed of SEEDS) {
        it(`change no verdict (seed ${seed})`, async () => {
            const { verifier, verify, networkHelpers } = await createNitroWorld({ at: AT, profile });
            const order = [...documents].sort(
                (a, b) => draw(`${seed} ${a.name}`, 2 ** 40) - draw(`${seed} ${b.name}`, 2 ** 40),
            );

            for (const { name, document } of order) {
                const most = draw(`${seed} signatures of ${name}`, MOST_SIGNATURES + 1);
                const sent = verifier.cacheChain(document, most, { gasLimit: TRANSACTION_GAS });
                // Where it meets a fault it reverts, and keeps nothing of this document.
                await sent.then((one) => one.wait()).catch(() => undefined);
            }

            const remembered = await verifier.queryFilter(verifier.filters.CertificateVerified());
            expect(remembered, `seed ${seed}`).to.have.length.greaterThan(ENOUGH);
            // Every transaction took a second.
            const at = await networkHelpers.time.latest();
            for (const { name, document } of order) {
                const { code } = verifyNitro({ document, at, profile });
                expect((await verify(document)).code, `${name} (seed ${seed})`).to.equal(code);
            }
        });
    }
});
