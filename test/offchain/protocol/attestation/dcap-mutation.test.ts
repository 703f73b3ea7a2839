import { type Attestation, type AttestationVerdict, type DcapInput, verifyDcap } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import { aDcapEvidence, TEST_PROFILE } from "../../../support/attestation/dcap.ts";
import { AT } from "../../../support/attestation/dcapPki.ts";
import { itWithVectors, vectorBytes, vectorJson } from "../../../support/attestation/teeVectors.ts";
import { createRandom, type Random } from "../_random.ts";

const SEED = "dcap mutations 1";
const MUTATIONS = 320;
/** Every one of these takes the whole verification, most of them to its end. */
const COLLATERAL_MUTATIONS = 100;
const TDX = "x7-tdx-v4-uptodate-qvl-2025";
const SGX = "05-sgx-v3-hardening-needed-2025";

/** Evidence that is accepted as it is. */
type Evidence = DcapInput & { quote: Uint8Array };

const genuine = (folder: string, change: Partial<DcapInput>): Evidence => ({
    kind: "tdx",
    quote: vectorBytes(`${folder}/quote.bin`),
    collateral: vectorJson(`${folder}/collateral.json`),
    at: 1_751_624_924,
    ...change,
});
const Texts = z.record(z.string(), z.string());
const ALLOW = { statuses: ["ConfigurationAndSWHardeningNeeded"], advisories: "any" } as const;

/** Sources of evidence: files that they need, and what they are. */
const SOURCES: [name: string, files: string[], make: () => Evidence][] = [
    ["a genuine TDX quote", [`${TDX}/quote.bin`], () => genuine(TDX, {})],
    ["a genuine SGX quote", [`${SGX}/quote.bin`], () => genuine(SGX, { kind: "sgx", allow: ALLOW })],
    ["a TDX 1.5 quote of the tests", [], () => made({ version: 5, isLater: true })],
];

function made(form: Parameters<typeof aDcapEvidence>[0]): Evidence {
    return { kind: "tdx", ...aDcapEvidence(form), at: AT, profile: TEST_PROFILE };
}

/**
 * Bytes that no signature covers and that change nothing: where PEM text may break a line or end, which is where a
 * carriage return, a line feed and a final zero mean the same. Everything else changes a verdict.
 */
function isBreak(before: number, after: number): boolean {
    return [0x00, 0x0a, 0x0d].includes(before) && [0x00, 0x0a, 0x0d].includes(after);
}

function attestationOf(verdict: AttestationVerdict): Attestation {
    if (!verdict.accepted) throw new Error(`${verdict.code}: ${verdict.reason}`);
    return verdict.attestation;
}

/** Refused, or accepted with every field as before and only for a byte that says nothing. */
function expectHarmless({
    verdict,
    original,
    isEmpty,
}: {
    verdict: AttestationVerdict;
    original: Attestation;
    isEmpty: boolean;
}) {
    if (!verdict.accepted) return;
    expect(isEmpty).to.equal(true);
    expect(verdict.attestation).to.deep.equal(original);
}

describe(`verifyDcap of quotes with one byte changed (seed "${SEED}")`, function () {
    this.timeout(60_000);

    for (const [name, files, make] of SOURCES) {
        itWithVectors(files, `accepts none of ${MUTATIONS} of ${name}`, () => {
            const random = createRandom(`${SEED}/${name}`);
            const evidence = make();
            const original = attestationOf(verifyDcap(evidence));

            for (let count = 0; count < MUTATIONS; count++) {
                const offset = random.below(evidence.quote.length);
                const before = evidence.quote[offset] ?? 0;
                const after = before ^ (1 + random.below(255));

                const verdict = verifyDcap({ ...evidence, quote: evidence.quote.with(offset, after) });

                expectHarmless({ verdict, original, isEmpty: isBreak(before, after) });
            }
        });

        itWithVectors(files, `accepts none of 40 of ${name} cut short or made longer`, () => {
            const random = createRandom(`${SEED}/length/${name}`);
            const evidence = make();
            const end = evidence.quote.findLastIndex((byte) => byte !== 0);

            for (let count = 0; count < 40; count++) {
                const quote =
                    count % 2 === 0
                        ? evidence.quote.slice(0, random.below(end))
                        : Uint8Array.from([...evidence.quote, ...random.bytes(1 + random.below(9)), 1]);

                expect(verifyDcap({ ...evidence, quote }).accepted).to.equal(false);
            }
        });

        itWithVectors(files, `accepts none of ${COLLATERAL_MUTATIONS} of the collateral of ${name}`, () => {
            const random = createRandom(`${SEED}/collateral/${name}`);
            const evidence = make();
            const original = attestationOf(verifyDcap(evidence));
            const members = Object.entries(Texts.parse(evidence.collateral));

            for (let count = 0; count < COLLATERAL_MUTATIONS; count++) {
                const { collateral, isEmpty } = mutatedCollateral(members, random);

                expectHarmless({ verdict: verifyDcap({ ...evidence, collateral }), original, isEmpty });
            }
        });
    }
});

/** Collateral with one character of one member changed; `isEmpty` when it is a line break or the case of a hex digit. */
function mutatedCollateral(members: [string, string][], random: Random) {
    const [name, text] = members[random.below(members.length)] ?? ["", ""];
    const offset = random.below(text.length);
    const before = text.charCodeAt(offset);
    const after = before ^ (1 + random.below(127));
    const changed = `${text.slice(0, offset)}${String.fromCharCode(after)}${text.slice(offset + 1)}`;
    const isHex = /^(?:root_ca_crl|pck_crl|.*signature)$/.test(name) && changed.toLowerCase() === text.toLowerCase();
    return {
        collateral: Object.fromEntries([...members, [name, changed]]),
        isEmpty: isHex || isBreak(before, after),
    };
}
