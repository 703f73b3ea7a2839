import { X509Certificate } from "node:crypto";
import { type AttestationVerdict, bytesToHex, hexToBytes, SIMULATED_NITRO, verifyNitro } from "@assay/protocol";
import { sha384 } from "@noble/hashes/sha2.js";
import { expect } from "chai";
import { developmentKey } from "../../../offchain/enclave/simulated/keys.ts";
import { makeSimulatedNitroDocument, simulatedPcr } from "../../../offchain/enclave/simulated/nitro.ts";
import { makeNitroChain, planNitroChain } from "../../../offchain/enclave/simulated/nitroChain.ts";
import { developmentRoot } from "../../../offchain/enclave/simulated/roots.ts";
import { itWithVectors, vectorBytes } from "../../support/attestation/teeVectors.ts";

const AT = 1770919022;
const CODE = `0x${"c0".repeat(32)}` as const;
const HALF_LEAF = 5400;

/** What an accepted document says. */
function attestationOf(verdict: AttestationVerdict) {
    if (!verdict.accepted) throw new Error(`${verdict.code}: ${verdict.reason}`);
    return verdict.attestation;
}

describe("makeSimulatedNitroDocument", () => {
    it("makes documents that only the development profile accepts, and only as simulated", () => {
        const { document, collateral } = makeSimulatedNitroDocument({ codeHash: CODE, at: AT });

        const verdict = verifyNitro({ document, at: AT, profile: SIMULATED_NITRO });

        expect(verdict).to.include({ accepted: true, tier: "simulated" });
        expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["SIMULATED"]);
        expect(verifyNitro({ document, at: AT })).to.include({ accepted: false, code: "UntrustedRoot", tier: "none" });
        expect(collateral).to.have.length(0);
    });

    it("says what it was asked to say", () => {
        const [userData, publicKey, nonce] = [
            new Uint8Array(32).fill(1),
            new Uint8Array(65).fill(4),
            new Uint8Array(20),
        ];
        const { document } = makeSimulatedNitroDocument({ codeHash: CODE, at: AT, userData, publicKey, nonce });

        const attestation = attestationOf(verifyNitro({ document, at: AT, profile: SIMULATED_NITRO }));

        expect(attestation).to.include({
            userData: bytesToHex(userData),
            publicKey: bytesToHex(publicKey),
            nonce: bytesToHex(nonce),
            issuedAt: AT,
        });
    });

    it("derives the registers of the code from its hash, and no others", () => {
        const { document } = makeSimulatedNitroDocument({ codeHash: CODE, at: AT });

        const { registers } = attestationOf(verifyNitro({ document, at: AT, profile: SIMULATED_NITRO }));

        for (const index of [0, 1, 2, 8]) {
            const preimage = [...new TextEncoder().encode("assay-simulated-pcr"), index, ...hexToBytes(CODE)];
            expect(registers[`pcr${index}`]).to.equal(bytesToHex(sha384(Uint8Array.from(preimage))));
            expect(registers[`pcr${index}`]).to.equal(bytesToHex(simulatedPcr({ index, codeHash: CODE })));
        }
        expect(Object.keys(registers)).to.have.length(16);
        expect(registers.pcr3).to.equal(bytesToHex(new Uint8Array(48)));
    });

    it("makes the same bytes of the same options", () => {
        const make = () =>
            makeSimulatedNitroDocument({ codeHash: CODE, at: AT, userData: new Uint8Array(32) }).document;

        expect(make()).to.deep.equal(make());
    });

    it("shares certificates between documents of one time, so that a chain's cache serves all of them", () => {
        const traitsAt = (at: number) => {
            const { document } = makeSimulatedNitroDocument({ codeHash: CODE, at });
            return attestationOf(verifyNitro({ document, at, profile: SIMULATED_NITRO })).traits;
        };
        const start = Math.floor(AT / HALF_LEAF) * HALF_LEAF;

        expect(traitsAt(start)).to.deep.equal(traitsAt(start + HALF_LEAF - 1));
        expect(traitsAt(start)).not.to.deep.equal(traitsAt(start + HALF_LEAF));
    });

    it("is accepted at any time, and by a chain whose time lags by a minute", () => {
        for (const at of [1665582666, 1767472927, AT, Math.floor(AT / HALF_LEAF) * HALF_LEAF, 2500000000]) {
            const { document } = makeSimulatedNitroDocument({ codeHash: CODE, at });
            for (const time of [at - 60, at, at + 300]) {
                expect(verifyNitro({ document, at: time, profile: SIMULATED_NITRO }).code).to.equal("ACCEPTED");
            }
        }
    });

    itWithVectors(
        ["01-nitro-prod-opengradient-20260212/attestation.cose"],
        "has the shape of a genuine document",
        () => {
            const genuine = vectorBytes("01-nitro-prod-opengradient-20260212/attestation.cose");
            const options = { userData: new Uint8Array(68), publicKey: new Uint8Array(5), nonce: new Uint8Array(20) };
            const { document } = makeSimulatedNitroDocument({ codeHash: CODE, at: AT, ...options });

            expect(document.subarray(0, 8)).to.deep.equal(genuine.subarray(0, 8));
            expect(keysIn(document)).to.deep.equal(keysIn(genuine));
            expect(document.length).to.be.within(genuine.length - 600, genuine.length);
        },
    );
});

/** The names in a payload, in their order. */
function keysIn(document: Uint8Array): string[] {
    const names = "module_id|digest|timestamp|pcrs|certificate|cabundle|public_key|user_data|nonce";
    return [...new TextDecoder("latin1").decode(document).matchAll(new RegExp(names, "g"))].map(([name]) => name);
}

describe("planNitroChain", () => {
    it("makes a chain that node:crypto verifies too, marked in every certificate", () => {
        const { cabundle, leaf } = makeNitroChain(
            planNitroChain({ instance: "01", enclave: "0123456789abcdef", at: AT }),
        );
        const chain = [...cabundle, leaf].map((der) => new X509Certificate(der));

        for (const [index, certificate] of chain.entries()) {
            const issuer = chain[Math.max(index - 1, 0)] ?? certificate;
            expect(certificate.verify(issuer.publicKey)).to.equal(true);
            expect(certificate.checkIssued(issuer)).to.equal(true);
            expect(certificate.ca).to.equal(index < 4);
            expect(certificate.subject).to.include("O=Assay development\nCN=SIMULATED-DO-NOT-TRUST");
            expect(certificate.raw.includes(Buffer.from([0x0c, 9, ...Buffer.from("SIMULATED")]))).to.equal(true);
        }
        expect(chain.at(-1)?.serialNumber.slice(0, 16)).to.equal("0123456789ABCDEF");
    });
});

describe("developmentKey", () => {
    it("gives everybody the root's key", () => {
        const { key } = developmentRoot("nitro");

        expect(developmentKey({ curve: "P-384", name: "nitro/root" }).publicKey).to.deep.equal(key.publicKey);
    });

    it("gives each name and curve a key of its own", () => {
        const names = ["a", "b"].flatMap((name) => [
            developmentKey({ curve: "P-256", name }),
            developmentKey({ curve: "P-384", name }),
        ]);

        expect(new Set(names.map(({ publicKey }) => bytesToHex(publicKey)))).to.have.length(4);
    });
});
