import { SIMULATED_TDX, verifyDcap } from "@assay/protocol";
import { expect } from "chai";
import type { CertificateFields } from "../../../../offchain/enclave/simulated/certificate.ts";
import { createRandom, type Random } from "../../../offchain/protocol/_random.ts";
import { AT, aTdxQuote, type TdxCase } from "../../../support/attestation/simulatedTdx.ts";
import { createTdxWorld } from "../../../support/simulatedTdxWorld.ts";

const SEED = "simulated-tdx-signed/1";
const CHANGES = 60;

/** A copy with one byte changed, left out, or put in. */
function edited(random: Random, bytes: Uint8Array): Uint8Array {
    const offset = random.below(bytes.length);
    const kind = random.below(8);
    if (kind === 0) return Uint8Array.from([...bytes.subarray(0, offset), ...bytes.subarray(offset + 1)]);
    if (kind === 1)
        return Uint8Array.from([...bytes.subarray(0, offset), random.below(256), ...bytes.subarray(offset)]);
    return bytes.with(offset, random.below(256));
}

/** One extension edited before the certificate is signed. */
function withEdited(random: Random) {
    return ({ extensions }: CertificateFields) => {
        const index = random.below(extensions.length);
        return { extensions: extensions.map((one, at) => (at === index ? edited(random, one) : one)) };
    };
}

/** A leaf whose SGX extension, the longest, is edited. */
function withEditedSgx(random: Random) {
    return ({ extensions }: CertificateFields) => ({
        extensions: extensions.map((one) => (one.length > 500 ? edited(random, one) : one)),
    });
}

const TARGETS: Record<string, (random: Random) => TdxCase> = {
    "the SGX extension of the leaf": (random) => aTdxQuote({ leaf: withEditedSgx(random) }),
    "an extension of the leaf": (random) => aTdxQuote({ leaf: withEdited(random) }),
    "an extension of the intermediate": (random) => aTdxQuote({ intermediate: withEdited(random) }),
    "header and report": (random) =>
        aTdxQuote({
            parts: ({ header, body }) => ({
                header: edited(random, header).subarray(0, 48),
                body: edited(random, body),
            }),
        }),
    "the attributes": (random) => aTdxQuote({ td: { tdAttributes: random.bytes(8).with(0, 0) } }),
    "the length": (random) => aTdxQuote({ quote: (quote) => quote.subarray(0, random.below(quote.length)) }),
};

describe(`SimulatedTdxVerifier and verifyDcap when what is signed is malformed (seed ${SEED})`, function () {
    this.timeout(60_000);
    let world: Awaited<ReturnType<typeof createTdxWorld>>;

    before(async () => {
        world = await createTdxWorld({ at: AT });
    });

    for (const [name, makeCase] of Object.entries(TARGETS)) {
        it(`agree on ${CHANGES} changes of ${name}`, async () => {
            const random = createRandom(`${SEED}/${name}`);
            for (let count = 0; count < CHANGES; count += 1) {
                const evidence = makeCase(random);

                const { code, attestation } = await world.verify(evidence);

                const twin = verifyDcap({ kind: "tdx", quote: evidence.quote, at: AT, profile: SIMULATED_TDX });
                expect(twin.code, `change ${count}`).to.equal(code);
                if (attestation !== undefined) expect(twin.attestation).to.deep.include(attestation);
            }
        });
    }
});
