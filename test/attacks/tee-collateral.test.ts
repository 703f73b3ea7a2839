/** Collateral and documents that are made to take long, and platforms that are taken back to what was safe once. */
import { concat, verifyDcap, verifyNitro, verifySnp } from "@assay/protocol";
import { expect } from "chai";
import { judge } from "../offchain/protocol/attestation/_dcap.ts";
import { GENUINE } from "../offchain/protocol/attestation/_snp.ts";
import { TDX, TDX_LATER } from "../support/attestation/dcap.ts";
import { aLevel, MODULE_SVNS } from "../support/attestation/dcapDocuments.ts";
import { AT } from "../support/attestation/dcapPki.ts";

const MEGABYTE = 1 << 20;
const LONGEST_SECONDS = 1;

function timed<T>(run: () => T): T {
    const start = performance.now();
    const result = run();
    expect((performance.now() - start) / 1000, "seconds").to.be.below(LONGEST_SECONDS);
    return result;
}

function repeated(part: string): string {
    return part.repeat(Math.ceil(MEGABYTE / part.length)).slice(0, MEGABYTE);
}

function startingWith(head: string, part: string): string {
    return (head + repeated(part)).slice(0, MEGABYTE);
}

describe("attack: a megabyte of evidence", function () {
    this.timeout(30_000);

    before(() => judge()); // keys of the tests and the tables of the curve are made once

    const anyText: [what: string, text: string][] = [
        ["hex", repeated("ab")],
        ["hex but for its end", `${repeated("ab").slice(0, -2)}zz`],
        ["base64 but for its end", `${repeated("Zm9v").slice(0, -1)}-`],
        ["spaces", repeated(" ")],
        ["line ends", repeated("\r\n")],
        ["zeros", repeated("\0")],
        ["percent signs", repeated("%41")],
        ["open braces", repeated('{"a":')],
        ["certificates that only begin", repeated("-----BEGIN CERTIFICATE-----\n")],
        ["a certificate that never ends", startingWith("-----BEGIN CERTIFICATE-----\n", "AAAA")],
        ["a list that never ends", startingWith("-----BEGIN X509 CRL-----", "A ")],
        ["an answer that never ends", startingWith('{"tcbInfo":{', "} ")],
        ["answers within answers", startingWith('{"tcbInfo":{', '},"signature":"')],
        ["elements within elements", repeated("3083010000")],
    ];
    const members = [
        "tcb_info",
        "tcb_info_issuer_chain",
        "qe_identity",
        "root_ca_crl",
        "pck_crl",
        "pck_crl_issuer_chain",
    ];
    for (const [what, text] of anyText) {
        it(`is refused in less than a second wherever it stands in collateral: ${what}`, () => {
            for (const member of members) {
                const unsigned = member === "tcb_info" ? { tcb_info_signature: undefined } : {};
                const change = (made: Record<string, string>) => ({ ...made, ...unsigned, [member]: text });

                expect(timed(() => judge({ collateral: change })).accepted).to.equal(false);
            }
        });
    }

    it("is refused in less than a second as a million elements that are no bytes", () => {
        for (const element of ["x", 1, 256, {}, null]) {
            const root_ca_crl = Array.from({ length: MEGABYTE }, () => element);

            expect(timed(() => judge({ collateral: (made) => ({ ...made, root_ca_crl }) })).accepted).to.equal(false);
        }
    });

    it("is refused in less than a second as members that nobody knows, or that a prototype has", () => {
        const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`A${index}`, index]));
        const polluted: unknown = JSON.parse('{ "__proto__": { "tcb_info": "x" }, "constructor": { "prototype": 1 } }');

        for (const collateral of [many, polluted, [], "text", 7]) {
            expect(timed(() => judge({ collateral: () => collateral })).code).to.equal("CollateralInvalid");
        }
    });

    it("is refused in less than a second as document of any kind, whatever byte it is of", async () => {
        for (const byte of [0x00, 0x22, 0x30, 0x84, 0xbf, 0xd2, 0xff]) {
            const bytes = new Uint8Array(MEGABYTE).fill(byte);

            expect(timed(() => verifyNitro({ document: bytes, at: AT })).accepted).to.equal(false);
            expect(timed(() => verifyDcap({ kind: "sgx", quote: bytes, at: AT })).accepted).to.equal(false);
            expect((await verifySnp({ report: bytes, at: AT })).accepted).to.equal(false);
        }
    });

    it("is refused in less than a second behind a genuine report and as its collateral", async () => {
        const { report, at } = GENUINE;
        const start = performance.now();
        for (const byte of [0x00, 0x01, 0x30, 0x41, 0xff]) {
            const bytes = new Uint8Array(MEGABYTE).fill(byte);

            expect((await verifySnp({ report: concat(report, bytes), at })).accepted).to.equal(false);
            expect((await verifySnp({ report, collateral: bytes, at })).accepted).to.equal(false);
        }
        for (const [, text] of anyText) {
            const bytes = new TextEncoder().encode(text.slice(0, 250_000));

            expect((await verifySnp({ report, collateral: bytes, at })).accepted).to.equal(false);
        }
        expect((performance.now() - start) / 1000, "seconds for all").to.be.below(10);
    });
});

describe("attack: a TDX module taken back to an old one", () => {
    /** What Intel asks of module and microcode; the first two are judged by the module's own identity. */
    const asked = (microcode: number) => MODULE_SVNS.map((_, index) => (index === 2 ? microcode : 0));
    const [first = 0, second = 0, microcode = 0, ...others] = MODULE_SVNS;
    const old = [first, second, microcode - 1, ...others];

    it("counts for what the domain runs under now, not for what launched it", () => {
        const verdict = judge({
            form: { version: 5, isLater: true },
            change: (plan) => {
                plan.body.set(TDX.teeTcbSvn, Uint8Array.from(MODULE_SVNS));
                plan.body.set(TDX_LATER.teeTcbSvn2, Uint8Array.from(old));
                plan.tcbInfo.tcbLevels = [
                    aLevel({ module: asked(microcode), status: "UpToDate" }),
                    aLevel({ module: asked(microcode - 1), status: "OutOfDate", advisories: ["INTEL-SA-OLD"] }),
                ];
            },
        });

        expect(verdict).to.deep.include({ accepted: false, code: "TcbStatusNotAllowed" });
        expect(verdict.attestation?.tcbStatus).to.equal("OutOfDate");
    });
});
