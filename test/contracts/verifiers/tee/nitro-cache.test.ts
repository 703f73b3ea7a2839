import { hexToBytes, keccak256, toHex, verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { AbiCoder } from "ethers";
import { developmentKey } from "../../../../offchain/enclave/simulated/keys.ts";
import { makeNitroChain } from "../../../../offchain/enclave/simulated/nitroChain.ts";
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

        it("keeps two slots of a certificate, drawn in NitroCertificates", async () => {
            const { ethers, verifier } = world;
            const { regional } = aNitroPlan();
            const [, certificate] = makeNitroChain(aNitroPlan()).cabundle;
            await world.cache(document, 1);

            const root = entryOf(`0x${"00".repeat(32)}`, TEST_FORM.root.certificate);
            const slot = BigInt(mappingSlot(entryOf(root, certificate ?? new Uint8Array()), 0));
            const word = BigInt(await ethers.provider.getStorage(verifier, slot));
            const field = (offset: bigint, bits: bigint) => (word >> offset) & ((1n << bits) - 1n);
            expect(field(0n, 40n)).to.equal(BigInt(regional.notBefore));
            expect(field(40n, 40n)).to.equal(BigInt(regional.notAfter));
            const [key, subject, end] = [field(80n, 16n), field(96n, 16n), field(112n, 16n)].map(Number);
            expect(certificate?.slice(key, (key ?? 0) + 96)).to.deep.equal(regional.key.publicKey);
            expect(certificate?.slice(subject, end)).to.deep.equal(regional.subject);
            // Two authorities may follow; keyCertSign and crlSign; an authority, by a critical extension; no mark.
            expect(word >> 128n).to.equal(0x01_01_06_02n);
            expect(await ethers.provider.getStorage(verifier, slot + 1n)).to.equal(traits[1]);
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

        it("is none under another key of the same name", async () => {
            const key = developmentKey({ curve: "P-384", name: "tests/another zonal key" });
            const other = aNitroDocument({ plan: (all) => ({ ...all, zonal: { ...all.zonal, key } }) });

            expect(await world.verifier.uncached(other)).to.equal(3n);
            expect((await world.verify(other)).code).to.equal("BadCertSignature");
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

function mappingSlot(key: string, slot: number): string {
    return keccak256(hexToBytes(toHex(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [key, slot]))));
}

function entryOf(parent: string, certificate: Uint8Array): string {
    const encoded = AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [parent, keccak256(certificate)]);
    return keccak256(hexToBytes(toHex(encoded)));
}
