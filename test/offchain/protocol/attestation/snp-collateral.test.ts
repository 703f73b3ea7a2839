import { bytesToHex, concat } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import {
    anAsk,
    aReport,
    ascii,
    aVcek,
    certificateTable,
    endorsement,
    pem,
    testRoots,
} from "../../../support/attestation/snp.ts";
import { codeOf, GENUINE, judge, makeKeys } from "./_snp.ts";

const FUZZ = { seed: 20261121, numRuns: 300 };

describe("collateral of verifySnp", function () {
    this.timeout(60_000);

    let vcek: Uint8Array;
    let ask: Uint8Array;
    let ark: Uint8Array;

    before(() => {
        makeKeys();
        vcek = aVcek();
        ask = anAsk();
        ark = testRoots()[0]?.ark ?? new Uint8Array();
    });

    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    const asJson = (value: unknown) => ascii(JSON.stringify(value));

    for (const [what, collateral] of Object.entries({
        "DER of the signing key alone": () => vcek,
        "PEM of the signing key alone": () => ascii(pem(vcek)),
        "DER one after another": () => concat(ark, vcek, ask),
        "PEM in any order, with text between": () => ascii(`${pem(ark)}subject=\n${pem(ask)}\r\n${pem(vcek)}`),
        "hex with 0x and white space": () =>
            ascii(
                `0x${bytesToHex(vcek)
                    .slice(2)
                    .replaceAll(/(.{64})/g, "$1\n")}\n`,
            ),
        "base64 in lines": () => ascii(base64(vcek).replaceAll(/(.{64})/g, "$1\n")),
        "JSON of base64": () => asJson({ vcek: base64(vcek), ask: base64(ask), ark: base64(ark) }),
        "JSON of hex, signing key alone": () => asJson({ vcek: bytesToHex(vcek) }),
        "JSON of PEM, under other names": () => asJson({ VCEK: pem(vcek), chain: [pem(ask) + pem(ark)], version: 3 }),
        "JSON of one text": () => asJson(pem(vcek)),
        "a certificate table": () => certificateTable([ark, ask, vcek]),
        "a certificate table with an entry of another kind": () => certificateTable([ascii("about this host"), vcek]),
        "both kinds of signing key": () => concat(vcek, aVcek({ extensions: endorsement({ provider: "CN=a" }) })),
        "the same certificate twice": () => concat(vcek, vcek),
    })) {
        it(`is read as ${what}`, async () => {
            expect(await codeOf({ collateral: collateral() })).to.equal("ACCEPTED");
        });
    }

    it("is read from several files, each in its own form", async () => {
        expect(await codeOf({ collateral: [vcek, ascii(pem(ask)), asJson({ ark: base64(ark) })] })).to.equal(
            "ACCEPTED",
        );
        expect(await codeOf({ collateral: [] })).to.equal("CollateralMissing");
    });

    it("is read from an extended report", async () => {
        const report = concat(aReport(), certificateTable([vcek, ask, ark]));

        expect(await codeOf({ report, collateral: undefined })).to.equal("ACCEPTED");
        expect(await codeOf({ report: concat(aReport(), new Uint8Array(24)) })).to.equal("ACCEPTED");
    });

    it("is refused as CollateralMissing when nothing holds the signing key's certificate", async () => {
        expect(await codeOf({ collateral: undefined })).to.equal("CollateralMissing");
        expect(await codeOf({ collateral: concat(ask, ark) })).to.equal("CollateralMissing");
    });

    it("names the certificate that is missing as AMD's key service knows it", async () => {
        const tcb = [1, 2, 3, 4, 0, 0, 0, 5];
        const chipId = new Uint8Array(64).fill(0xab, 0, 8);
        const id = "ab".repeat(8);
        const chip = Buffer.from(GENUINE.report.subarray(0x1a0, 0x1e0)).toString("hex");
        const levels = "bootloader 1, tee 2, snp 0, microcode 5";

        for (const [report, wanted] of [
            [aReport({ tcb, chipId }), `the VCEK of Milan, chip ${id}${"00".repeat(56)}, for ${levels}`],
            [
                aReport({ tcb, chipId, cpu: [0x1a, 0x02] }),
                `the VCEK of Turin, chip ${id}, for fmc 1, bootloader 2, tee 3, snp 4, microcode 5`,
            ],
            [aReport({ tcb, chipId: new Uint8Array(64) }), `the VCEK of Milan, chip hidden by its host, for ${levels}`],
            [aReport({ tcb, flags: 1 << 2 }), `the provider's VLEK of Milan for ${levels}`],
            [
                GENUINE.report,
                `the VCEK of AMD (product not in the report), chip ${chip}, for TCB 0x0300000000000873 ` +
                    "(of Milan or Genoa: bootloader 3, tee 0, snp 8, microcode 115)",
            ],
        ] as const) {
            for (const collateral of [undefined, concat(ask, ark)]) {
                const verdict = await judge({ report, collateral });

                expect(verdict.code).to.equal("CollateralMissing");
                expect(verdict.accepted ? "" : verdict.reason).to.contain(`: ${wanted} is needed.`);
            }
        }
    });

    for (const [what, collateral] of Object.entries({
        "an empty file": () => new Uint8Array(),
        "no certificates": () => asJson({ vcek: "" }),
        "a number": () => asJson(7),
        "broken JSON": () => ascii('{"vcek": '),
        "PEM of another thing": () => ascii("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"),
        "PEM that is not base64": () => ascii("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n"),
        "JSON that is too deep": () => asJson([[[[[pem(vcek)]]]]]),
        "two signing keys": () => concat(vcek, aVcek()),
        "more certificates than there are": () => concat(...Array.from({ length: 33 }, () => vcek)),
        "more bytes than there are": () => new Uint8Array(256 * 1024 + 1),
        "a table without an end": () => certificateTable([vcek]).subarray(0, 24),
        "a table whose entry lies beyond its end": () => certificateTable([vcek]).subarray(0, -1),
    })) {
        it(`is refused as CollateralInvalid: ${what}`, async () => {
            expect(await codeOf({ collateral: collateral() })).to.equal("CollateralInvalid");
        });
    }

    it("is refused as CollateralInvalid behind a report: anything but a table", async () => {
        expect(await codeOf({ report: concat(aReport(), Uint8Array.of(0)) })).to.equal("CollateralInvalid");
    });

    it(`never ends in anything but a verdict (seed ${FUZZ.seed})`, async () => {
        const change = fc.record({ offset: fc.nat(), bytes: fc.uint8Array({ maxLength: 8 }) });
        const forms = [vcek, certificateTable([vcek]), ascii(pem(vcek)), asJson({ vcek: base64(vcek) })];
        const changed = fc.tuple(fc.constantFrom(...forms), change).map(([form, { offset, bytes }]) => {
            const at = offset % form.length;
            return concat(form.subarray(0, at), bytes, form.subarray(at + bytes.length));
        });

        await fc.assert(
            fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), async (collateral) => {
                expect(await codeOf({ collateral })).to.be.a("string");
            }),
            FUZZ,
        );
    });

    it(`never ends in anything but a verdict for any report (seed ${FUZZ.seed})`, async () => {
        const report = fc.uint8Array({ minLength: 1100, maxLength: 1300 });

        await fc.assert(
            fc.asyncProperty(report, async (bytes) => {
                expect(await codeOf({ report: bytes })).to.be.oneOf(["ReportInvalid", "CollateralInvalid"]);
            }),
            FUZZ,
        );
    });
});
