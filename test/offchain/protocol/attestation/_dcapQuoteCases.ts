import { concat } from "@assay/protocol";
import { p256 } from "@noble/curves/nist.js";
import { basicConstraints, keyUsage } from "../../../../offchain/enclave/simulated/certificate.ts";
import { developmentKey, type SigningKey } from "../../../../offchain/enclave/simulated/keys.ts";
import { simulatedMark } from "../../../../offchain/enclave/simulated/mark.ts";
import { aPlatform, type DcapPlan, SGX, TDX, TDX_LATER } from "../../../support/attestation/dcap.ts";
import { AT, aLeaf, anAuthority, DAY, nameOf, testKey } from "../../../support/attestation/dcapPki.ts";
import { type DcapCase, flipping } from "./_dcap.ts";

/** Where the parts of a quote of version 4 of a trusted domain start. */
export const OFFSETS = {
    body: 48,
    authLength: 632,
    signature: 636,
    key: 700,
    wrapper: 764,
    qeReport: 770,
    authData: 1220,
};
const ORDER = p256.Point.Fn.ORDER;

/** Sets bytes at an offset. */
function setting(offset: number, ...values: number[]): (bytes: Uint8Array) => Uint8Array {
    return (bytes) =>
        concat(bytes.subarray(0, offset), Uint8Array.from(values), bytes.subarray(offset + values.length));
}

/** Makes one key sign with s in the other half. */
function withOtherS(key: SigningKey): SigningKey {
    return {
        ...key,
        sign: (message) => {
            const { r, s } = p256.Signature.fromBytes(key.sign(message));
            return new p256.Signature(r, ORDER - s).toBytes();
        },
    };
}

const withAttributes =
    (...bytes: number[]) =>
    (plan: DcapPlan) => {
        plan.body.set(TDX.tdAttributes, Uint8Array.from(bytes));
    };

export const STRUCTURE_CASES: DcapCase[] = [
    { name: "no bytes", patch: () => new Uint8Array(), code: "QuoteInvalid" },
    { name: "half of a quote", patch: (quote) => quote.subarray(0, 2000), code: "QuoteInvalid" },
    { name: "a header alone", patch: (quote) => quote.subarray(0, 48), code: "QuoteInvalid" },
    { name: "a quote without its last byte", patch: (quote) => quote.subarray(0, -1), code: "QuoteInvalid" },
    { name: "zero bytes after the quote", patch: (quote) => concat(quote, new Uint8Array(70)), code: "ACCEPTED" },
    { name: "another byte after them", patch: (quote) => concat(quote, Uint8Array.of(0, 1)), code: "QuoteInvalid" },
    { name: "too many bytes", patch: (quote) => concat(quote, new Uint8Array(65_536)), code: "QuoteInvalid" },
    ...[0, 2, 6].map((version) => ({ name: `version ${version}`, patch: setting(0, version), code: "QuoteInvalid" })),
    { name: "key type 3", patch: setting(2, 3), code: "QuoteInvalid" },
    { name: "an unknown kind of enclave", patch: setting(4, 0x82), code: "QuoteInvalid" },
    { name: "the kind of SGX over a domain's report", patch: setting(4, 0), code: "QuoteInvalid" },
    { name: "a domain in version 3", patch: setting(0, 3), code: "QuoteInvalid" },
    { name: "another vendor", patch: flipping(12), code: "QuoteInvalid" },
    { name: "an SGX quote taken for a domain", input: { kind: "sgx" }, code: "QuoteInvalid" },
    { name: "a wrong type of report", form: { version: 5 }, patch: setting(48, 4), code: "QuoteInvalid" },
    { name: "a report type of SGX", form: { version: 5 }, patch: setting(48, 1), code: "QuoteInvalid" },
    {
        name: "a longer report than it says",
        form: { version: 5 },
        patch: setting(50, 0x88, 0x02),
        code: "QuoteInvalid",
    },
    { name: "a huge report", form: { version: 5 }, patch: setting(50, 255, 255, 255, 255), code: "QuoteInvalid" },
    { name: "less authentication data than said", patch: flipping(OFFSETS.authLength), code: "QuoteInvalid" },
    { name: "huge authentication data", patch: setting(OFFSETS.authLength + 3, 0xff), code: "QuoteInvalid" },
    { name: "another wrapper", patch: setting(OFFSETS.wrapper, 5), code: "QuoteInvalid" },
    { name: "a wrapper of another size", patch: flipping(OFFSETS.wrapper + 2), code: "QuoteInvalid" },
    {
        name: "longer data of the quoting enclave",
        patch: setting(OFFSETS.authData - 2, 255, 255),
        code: "QuoteInvalid",
    },
    { name: "an encrypted PPID in the place of certificates", patch: setting(1252, 3), code: "QuoteInvalid" },
    { name: "certificates of another size", patch: flipping(1254), code: "QuoteInvalid" },
];

export const CHAIN_CASES: DcapCase[] = [
    ...(
        [
            [[2, 1, 0], "UntrustedRoot"],
            [[1, 0, 2], "IssuerMismatch"],
            [[0, 2, 1], "UntrustedRoot"],
            [[0, 1], "QuoteInvalid"],
            [[0, 1, 2, 2], "QuoteInvalid"],
            [[], "QuoteInvalid"],
            [[0, 2, 2], "IssuerMismatch"],
            [[0, 0, 2], "IssuerMismatch"],
        ] as const
    ).map(([order, code]) => ({
        name: `certificates in the order ${order.join(", ") || "of none"}`,
        change: (plan: DcapPlan) => {
            const chain = [plan.leaf, plan.intermediate, plan.root];
            plan.chain = () => order.map((index) => chain[index] ?? plan.root);
        },
        code,
    })),
    {
        name: "another root with the same names",
        change: (plan) => {
            const key = testKey("impostor");
            plan.root = { ...plan.root, key, signer: key };
            plan.intermediate.signer = key;
        },
        code: "UntrustedRoot",
    },
    {
        name: "the root's key in a root that it did not sign",
        change: ({ root }) => {
            root.signer = testKey("impostor");
        },
        code: "BadCertSignature",
    },
    {
        name: "a root issued by another name",
        change: ({ root }) => {
            root.issuer = nameOf("Somebody else");
        },
        code: "IssuerMismatch",
    },
    {
        name: "a root that allows no authority below it",
        change: ({ root }) => {
            root.extensions = anAuthority({ name: "x", pathLength: 0, serial: 1 }).extensions;
        },
        code: "PathTooLong",
    },
    {
        name: "an intermediate that is no authority",
        change: ({ intermediate, leaf }) => {
            intermediate.extensions = leaf.extensions;
        },
        code: "NotACertificateAuthority",
    },
    {
        name: "an intermediate that may not sign certificates",
        change: ({ intermediate }) => {
            const usage = keyUsage({ bits: ["crlSign"], critical: true });
            intermediate.extensions = [usage, basicConstraints({ ca: true, pathLength: 0 })];
        },
        code: "KeyUsageInvalid",
    },
    {
        name: "an intermediate of another key",
        change: ({ intermediate }) => {
            intermediate.signer = testKey("impostor");
        },
        code: "BadCertSignature",
    },
    {
        name: "a leaf that is an authority",
        change: ({ leaf, intermediate }) => {
            leaf.extensions = intermediate.extensions;
        },
        code: "LeafIsAuthority",
    },
    {
        name: "a leaf that may not sign",
        change: ({ leaf }) => {
            leaf.extensions = [keyUsage({ bits: ["nonRepudiation"], critical: true })];
        },
        code: "KeyUsageInvalid",
    },
    {
        name: "a leaf of another issuer's name",
        change: ({ leaf }) => {
            leaf.issuer = nameOf("Somebody else");
        },
        code: "IssuerMismatch",
    },
    {
        name: "a leaf of another key",
        change: ({ leaf }) => {
            leaf.signer = testKey("impostor");
        },
        code: "BadCertSignature",
    },
    {
        name: "the critical mark of the development root",
        change: ({ leaf }) => {
            leaf.extensions = [...leaf.extensions, simulatedMark()];
        },
        code: "UnknownCriticalExtension",
    },
    {
        name: "a leaf on another curve",
        change: ({ leaf }) => {
            leaf.key = developmentKey({ curve: "P-384", name: "tests/dcap/leaf" });
        },
        code: "DerInvalid",
    },
    {
        name: "a leaf without the SGX extension",
        change: (plan) => {
            plan.leaf.extensions = aLeaf({ name: "x", issuer: plan.intermediate, serial: 3 }).extensions;
        },
        code: "DerInvalid",
    },
    {
        name: "an SGX extension with a short PPID",
        change: (plan) => {
            const platform = { ...aPlatform(), ppid: new Uint8Array(15) };
            plan.leaf.extensions = aLeaf({ name: "x", issuer: plan.intermediate, serial: 3, platform }).extensions;
        },
        code: "DerInvalid",
    },
    ...(["root", "intermediate", "leaf"] as const).flatMap((name) => [
        {
            name: `the ${name} certificate on its last day`,
            change: (plan: DcapPlan) => {
                plan[name].notAfter = AT;
            },
            code: "ACCEPTED",
        },
        {
            name: `the ${name} certificate a second after`,
            change: (plan: DcapPlan) => {
                plan[name].notAfter = AT - 1;
            },
            code: "CertExpired",
        },
        {
            name: `the ${name} certificate a second before its first day`,
            change: (plan: DcapPlan) => {
                plan[name].notBefore = AT + 1;
            },
            code: "CertNotYetValid",
        },
    ]),
    {
        name: "an expired chain without collateral",
        collateral: () => undefined,
        input: { at: AT + 999 * DAY },
        code: "CollateralMissing",
    },
];

export const SIGNATURE_CASES: DcapCase[] = [
    {
        name: "a quoting enclave's report of another platform",
        change: (plan) => {
            plan.platformKey = testKey("impostor");
        },
        code: "QuotingEnclaveInvalid",
    },
    {
        name: "a quoting enclave that names another key",
        change: (plan) => {
            plan.qeReportData = new Uint8Array(64).fill(1);
        },
        code: "QuotingEnclaveInvalid",
    },
    { name: "another attestation key", patch: flipping(OFFSETS.key), code: "QuotingEnclaveInvalid" },
    { name: "other data of the quoting enclave", patch: flipping(OFFSETS.authData), code: "QuotingEnclaveInvalid" },
    {
        name: "a changed report of the quoting enclave",
        patch: flipping(OFFSETS.qeReport),
        code: "QuotingEnclaveInvalid",
    },
    {
        name: "an attestation key that is no point",
        change: (plan) => {
            plan.attestationKey = { ...plan.attestationKey, publicKey: new Uint8Array(64).fill(7) };
        },
        code: "PublicKeyInvalid",
    },
    {
        name: "the signature of another key",
        change: (plan) => {
            plan.attestationKey = { ...plan.attestationKey, sign: testKey("impostor").sign };
        },
        code: "BadSignature",
    },
    ...(
        [
            ["the header's user data", 28],
            ["mrTd", OFFSETS.body + TDX.mrTd],
            ["rtmr3", OFFSETS.body + TDX.rtmr0 + 3 * 48],
            ["report data", OFFSETS.authLength - 1],
            ["the signature", OFFSETS.signature + 5],
        ] as const
    ).map(([what, offset]) => ({ name: `a changed bit of ${what}`, patch: flipping(offset), code: "BadSignature" })),
    ...[0n, ORDER].flatMap((value) =>
        [0, 32].map((half) => ({
            name: `a number of the signature that is ${value === 0n ? "zero" : "the order"} (at ${half})`,
            patch: (quote: Uint8Array) => setting(OFFSETS.signature + half, ...p256Bytes(value))(quote),
            code: "BadSignature",
        })),
    ),
    ...(["attestationKey", "platformKey"] as const).map((name) => ({
        name: `the other s under the ${name}`,
        change: (plan: DcapPlan) => {
            plan[name] = withOtherS(plan[name]);
        },
        code: "ACCEPTED",
    })),
    {
        name: "the other s on every certificate",
        change: ({ root, intermediate, leaf, signer }) => {
            for (const certificate of [root, intermediate, leaf, signer]) {
                certificate.signer = withOtherS(certificate.signer);
            }
        },
        code: "ACCEPTED",
    },
];

export const CONFIGURATION_CASES: DcapCase[] = [
    { name: "a debug domain", change: withAttributes(1, 0, 0, 0x10, 0, 0, 0, 0), code: "DebugEnclave" },
    { name: "a profiled domain", change: withAttributes(0x20, 0, 0, 0x10, 0, 0, 0, 0), code: "DebugEnclave" },
    {
        name: "a debug domain without collateral, at any time",
        change: withAttributes(1, 0, 0, 0x10, 0, 0, 0, 0),
        collateral: () => undefined,
        input: { at: 0 },
        code: "DebugEnclave",
    },
    {
        name: "a debug SGX enclave",
        form: { kind: "sgx", version: 3 },
        change: (plan) => {
            plan.body.set(SGX.attributes, Uint8Array.of(0x07));
        },
        code: "DebugEnclave",
    },
    {
        name: "faults on the domain's own memory",
        change: withAttributes(0, 0, 0, 0, 0, 0, 0, 0),
        code: "PlatformConfigInvalid",
    },
    {
        name: "faults on the domain's own memory that were expected by value",
        change: withAttributes(0, 0, 0, 0, 0, 0, 0, 0),
        input: { expect: { tdAttributes: `0x${"00".repeat(8)}` } },
        code: "ACCEPTED",
    },
    {
        name: "faults on the domain's own memory where other attributes were expected",
        change: withAttributes(0, 0, 0, 0, 0, 0, 0, 0),
        input: { expect: { tdAttributes: `0x00000010${"00".repeat(4)}` } },
        code: "MeasurementNotAllowed",
    },
    {
        name: "a domain that can be moved",
        change: withAttributes(0, 0, 0, 0x30, 0, 0, 0, 0),
        code: "PlatformConfigInvalid",
    },
    { name: "an unknown attribute", change: withAttributes(0, 0, 0, 0x10, 1, 0, 0, 0), code: "PlatformConfigInvalid" },
    { name: "harmless attributes", change: withAttributes(0, 0, 0, 0xd8, 0, 0, 0, 0x80), code: "ACCEPTED" },
    {
        name: "a TDX module of another signer",
        change: (plan) => {
            plan.body.set(TDX.mrSignerSeam, Uint8Array.of(1));
        },
        code: "PlatformConfigInvalid",
    },
    {
        name: "a debug TDX module",
        change: (plan) => {
            plan.body.set(TDX.seamAttributes, Uint8Array.of(1));
        },
        code: "PlatformConfigInvalid",
    },
    ...[{}, { mrServiceTd: `0x${"05".repeat(48)}` as const }].map((wanted) => ({
        name: `a service domain ${"mrServiceTd" in wanted ? "that was expected" : "that nobody expected"}`,
        form: { version: 5, isLater: true } as const,
        change: (plan: DcapPlan) => {
            plan.body.set(TDX_LATER.mrServiceTd, new Uint8Array(48).fill(5));
        },
        input: { expect: wanted },
        code: "mrServiceTd" in wanted ? "ACCEPTED" : "PlatformConfigInvalid",
    })),
];

function p256Bytes(value: bigint): Uint8Array {
    return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * (31 - index))) & 0xffn));
}
