import { hexToBytes, keccak256, verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { AbiCoder } from "ethers";
import { AT, aNitroDocument, aNitroPlan, TEST_FORM } from "../../../support/attestation/nitro.ts";
import { createNitroWorld, type NitroWorld, TRANSACTION_GAS } from "../../../support/nitroWorld.ts";

const { profile } = TEST_FORM;
const RETIRED = 1n;
const COMPROMISED = 2n;
const BELOW_ROOT = 4;

describe("certificates that a Nitro verifier remembers", function () {
    this.timeout(60_000); // some dozen signatures
    const document = aNitroDocument();
    const traits = acceptedTraits();
    let world: NitroWorld;

    beforeEach(async () => {
        world = await createNitroWorld({ at: AT, profile });
    });

    describe("cacheChain", () => {
        it("verifies from the root down, as many as it may, and says how many are left", async () => {
            const { verifier } = world;

            expect(await verifier.uncached(document)).to.equal(BELOW_ROOT);
            expect([...(await verifier.cacheChain.staticCall(document, 3))]).to.deep.equal([3n, 1n]);
            await world.cache(document, 3);
            expect(await verifier.uncached(document)).to.equal(1n);
            expect([...(await verifier.cacheChain.staticCall(document, 3))]).to.deep.equal([1n, 0n]);
            await world.cache(document, 3);
            expect(await verifier.uncached(document)).to.equal(0n);
            expect([...(await verifier.cacheChain.staticCall(document, 3))]).to.deep.equal([0n, 0n]);
        });

        it("emits each certificate once, under its parent's entry", async () => {
            const { verifier } = world;
            const plan = aNitroPlan();

            await world.cache(document);
            await world.cache(document);

            const logs = await verifier.queryFilter(verifier.filters.CertificateVerified());
            const root = entryOf(`0x${"00".repeat(32)}`, TEST_FORM.root.certificate);
            expect(logs.map(({ args }) => args.trait)).to.deep.equal(traits.slice(0, 1 + BELOW_ROOT));
            expect(logs[0]?.args.entry).to.equal(root);
            expect(logs.at(-1)?.args.notAfter).to.equal(BigInt(plan.leaf.notAfter));
        });

        it("does not judge the document's own signature or age", async () => {
            const old = aNitroDocument({ fields: { timestamp: 1 } });

            await world.cache(old.with(-1, (old.at(-1) ?? 0) ^ 1));

            expect((await world.verify(document)).code).to.equal("ACCEPTED");
        });

        it("keeps nothing when a certificate is refused", async () => {
            const { verifier } = world;
            const bad = aNitroDocument({
                chain: (all) => all.with(2, (all[2] ?? new Uint8Array()).with(-1, (all[2]?.at(-1) ?? 0) ^ 1)),
            });

            await expect(verifier.cacheChain(bad, 8, { gasLimit: TRANSACTION_GAS }))
                .to.be.revertedWithCustomError(verifier, "BadCertSignature")
                .withArgs(2);

            expect(await verifier.uncached(document)).to.equal(BELOW_ROOT);
        });
    });

    describe("a hit", () => {
        beforeEach(async () => {
            await world.cache(document);
        });

        for (const index of [0, 1, 2, 3, 4, 5, 6]) {
            it(`is refused when trait ${index} was revoked since`, async () => {
                await world.policy.revoke(traits[index] ?? "", index % 2 === 0 ? COMPROMISED : RETIRED);

                expect((await world.verify(document)).code).to.equal("TraitRevoked");
            });
        }

        it("is refused when the leaf has expired since", async () => {
            await world.networkHelpers.time.increaseTo(aNitroPlan().leaf.notAfter + 1);

            expect((await world.verify(document)).code).to.equal("CertExpired");
        });

        it("is refused when an authority has expired since, although its leaf has not", async () => {
            const end = AT + 200;
            const short = aNitroDocument({ plan: (all) => ({ ...all, zonal: { ...all.zonal, notAfter: end } }) });
            await world.cache(short);
            expect((await world.verify(short)).attestation?.notAfter).to.equal(end);

            await world.networkHelpers.time.increaseTo(end + 1);

            expect((await world.verify(short)).code).to.equal("CertExpired");
        });

        it("is none under another parent, although its own bytes are the same", async () => {
            const plan = aNitroPlan();
            // The same subject and key under other dates: everything below it is byte for byte the same.
            const other = aNitroDocument({
                plan: (all) => ({ ...all, zonal: { ...all.zonal, notAfter: all.zonal.notAfter - 1 } }),
            });

            expect(plan.instance.issuer).to.deep.equal(plan.zonal.subject);
            expect(await world.verifier.uncached(other)).to.equal(3n);
        });

        it("is none as leaf when it was remembered as an authority", async () => {
            const instanceAsLeaf = aNitroDocument({ chain: (all) => all.slice(0, -1) });

            expect(await world.verifier.uncached(instanceAsLeaf)).to.equal(0n);
            expect((await world.verify(instanceAsLeaf)).code).to.equal("LeafIsAuthority");
        });

        it("is none as authority when it was remembered as a leaf", async () => {
            const leafTwice = aNitroDocument({ chain: (all) => [...all, all.at(-1) ?? new Uint8Array()] });

            expect((await world.verify(leafTwice)).code).to.equal("NotACertificateAuthority");
        });
    });
});

/** Traits of the good document: root, certificates, enclave, instance. */
function acceptedTraits(): readonly string[] {
    const verdict = verifyNitro({ document: aNitroDocument(), at: AT, profile });
    if (!verdict.accepted) throw new Error(verdict.reason);
    return verdict.attestation.traits;
}

function entryOf(parent: string, certificate: Uint8Array): string {
    const encoded = AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [parent, keccak256(certificate)]);
    return keccak256(hexToBytes(`0x${encoded.slice(2)}`));
}
