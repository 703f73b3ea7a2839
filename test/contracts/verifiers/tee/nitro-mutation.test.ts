import { type NitroProfile, verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { derSignature } from "../../../../offchain/enclave/simulated/certificate.ts";
import { derBits, derOid, derSequence } from "../../../../offchain/enclave/simulated/derWriter.ts";
import type { SigningKey } from "../../../../offchain/enclave/simulated/keys.ts";
import { AT, aNitroDocument, aNitroPlan, TEST_FORM } from "../../../support/attestation/nitro.ts";
import { mutated, seededNumbers, withOtherByte } from "../../../support/mutation.ts";
import { createNitroWorld, GENUINE, genuineDocument, type NitroWorld } from "../../../support/nitroWorld.ts";

/** Single-byte changes of each genuine document; more with ASSAY_MUTATIONS, another draw with ASSAY_SEED. */
const CHANGES = Number(process.env.ASSAY_MUTATIONS ?? 300);
const SEED = Number(process.env.ASSAY_SEED ?? 4);
/** One change in so many is judged with the curve in the EVM; the others as if no new signature could be right. */
const REAL_EVERY = 10;
/** Parts that are signed anew need the curve. */
const SIGNED_CHANGES = CHANGES / 3;

const { profile } = TEST_FORM;

/** Both verifiers' answer to a document, which must be the same. */
async function answerOf(asked: { world: NitroWorld; document: Uint8Array; at: number; profile?: NitroProfile }) {
    const { world, ...twin } = asked;
    const answer = await world.verify(asked.document);
    const verdict = verifyNitro(twin);
    expect(verdict.code).to.equal(answer.code);
    if (answer.attestation !== undefined) expect(verdict.attestation).to.deep.include(answer.attestation);
    return answer;
}

/**
 * Exchanges the code of the curve. A changed document has no signature that is right: TypeScript verifies each of them, and
 * must refuse where the chain does.
 */
async function curveOf({ ethers, networkHelpers, p384 }: NitroWorld) {
    const address = await p384.getAddress();
    const codes = {
        real: await ethers.provider.getCode(p384),
        refusing: await ethers.provider.getCode(await ethers.deployContract("RefusingP384")),
    };
    return { use: (kind: keyof typeof codes) => networkHelpers.setCode(address, codes[kind]) };
}

describe(`Nitro documents with a part changed (seed ${SEED})`, function () {
    this.timeout(60_000); // hundreds of verifications, most of them of one signature

    for (const [name, folder] of Object.entries(GENUINE)) {
        const found = genuineDocument(folder);
        if (found === undefined) {
            it(`a genuine ${name} document: needs ../shared/tee-vectors, which is not there`);
            continue;
        }
        it(`a genuine ${name} document with one byte changed is never judged like itself`, async () => {
            const document = Uint8Array.from(found.document);
            const at = Math.floor(found.expected.doc.timestamp_ms / 1000) + 60;
            const world = await createNitroWorld({ at });
            await world.cache(document);
            const good = await answerOf({ world, document, at });
            const random = seededNumbers(SEED);
            const curve = await curveOf(world);

            for (let i = 0; i < CHANGES; i++) {
                await curve.use(i % REAL_EVERY === 0 ? "real" : "refusing");
                const { code } = await answerOf({ world, document: withOtherByte(document, random), at });
                // Of a debug document DebugEnclave is the last thing that is judged: all else was found right.
                expect(code, `change ${i}`).to.not.equal(good.code);
            }
        });
    }

    it("a changed payload, signed, is judged alike on chain and in TypeScript", async () => {
        const world = await createNitroWorld({ at: AT, profile });
        await world.cache(aNitroDocument());
        const random = seededNumbers(SEED);
        const codes = new Set<string>();

        for (let i = 0; i < SIGNED_CHANGES; i++) {
            const document = aNitroDocument({ payload: (good) => mutated(good, random) });
            codes.add((await answerOf({ world, document, at: AT, profile })).code);
        }
        expect(codes.size).to.be.greaterThan(3);
    });

    it("a changed certificate, signed by its issuer, is judged alike on chain and in TypeScript", async () => {
        const world = await createNitroWorld({ at: AT, profile });
        await world.cache(aNitroDocument());
        const { signer } = aNitroPlan().leaf;
        const random = seededNumbers(SEED);
        const codes = new Set<string>();

        for (let i = 0; i < SIGNED_CHANGES; i++) {
            const document = aNitroDocument({
                chain: (all) => all.with(-1, signedAnew(mutated(signedPart(all.at(-1)), random), signer)),
            });
            codes.add((await answerOf({ world, document, at: AT, profile })).code);
        }
        expect(codes.size).to.be.greaterThan(3);
    });
});

/** TBSCertificate, whole, of a certificate whose outer lengths have two bytes each, as all here do. */
function signedPart(certificate: Uint8Array = new Uint8Array()): Uint8Array {
    const start = 4;
    const [, , high = 0, low = 0] = certificate.subarray(start);
    return certificate.slice(start, start + 4 + 256 * high + low);
}

function signedAnew(body: Uint8Array, signer: SigningKey): Uint8Array {
    return derSequence(body, derSequence(derOid("1.2.840.10045.4.3.3")), derBits(derSignature(signer.sign(body))));
}
