import { concat, hexToBytes, uintToHex } from "@assay/protocol";
import { p256 } from "@noble/curves/nist.js";
import {
    basicConstraints,
    type CertificateFields,
    extension,
    keyUsage,
    simulatedName,
} from "../../../offchain/enclave/simulated/certificate.ts";
import { derOid, derText } from "../../../offchain/enclave/simulated/derWriter.ts";
import { developmentKey, type SigningKey } from "../../../offchain/enclave/simulated/keys.ts";
import { SIMULATED_MARK_OID, simulatedMark } from "../../../offchain/enclave/simulated/mark.ts";
import { sgxExtension } from "../../../offchain/enclave/simulated/sgxExtension.ts";
import { simulatedPlatform } from "../../../offchain/enclave/simulated/tdxChain.ts";
import { simulatedQeReport } from "../../../offchain/enclave/simulated/tdxQuote.ts";
import { signingAs } from "./signatures.ts";
import { AT, type TdxChange } from "./simulatedTdx.ts";

/** One quote and what both languages must say of it. */
export interface TdxRow {
    name: string;
    code: string;
    change: TdxChange;
}

const ORDER = p256.Point.Fn.ORDER;
const OTHER = developmentKey({ curve: "P-256", name: "tests/other" });
/** Bytes of extensions by where planTdxChain puts them. */
const KEY_USAGE = 2;
const CONSTRAINTS = 3;
const SGX = 4;
const PLATFORM = simulatedPlatform("tests");

function withS(key: SigningKey, change: (s: bigint) => bigint): SigningKey {
    return signingAs(key, (signature) => {
        const { r, s } = p256.Signature.fromBytes(signature);
        return concat(hexToBytes(uintToHex(r)), hexToBytes(uintToHex(change(s))));
    });
}

function flippedKey(key: SigningKey): SigningKey {
    return withS(key, (s) => ORDER - s);
}

/** Certificate fields with one extension replaced, or taken out. */
function withExtension(index: number, ...written: Uint8Array[]) {
    return ({ extensions }: CertificateFields) => ({ extensions: extensions.toSpliced(index, 1, ...written) });
}

/** A quote with bytes at an offset replaced. */
function patched(offset: number, ...bytes: number[]) {
    return (quote: Uint8Array) => {
        const copy = quote.slice();
        copy.set(bytes, offset);
        return copy;
    };
}

const attributes = (...bytes: number[]): TdxChange => ({ td: { tdAttributes: Uint8Array.from(bytes) } });
const unmarked = ({ extensions }: CertificateFields) => ({ extensions: extensions.slice(0, -1) });
const accepted = (name: string, change: TdxChange): TdxRow => ({ name, code: "ACCEPTED", change });
const malformed = (name: string, quote: TdxChange["quote"]): TdxRow => ({
    name,
    code: "QuoteInvalid",
    change: { quote: quote ?? ((bytes) => bytes) },
});

const ACCEPTED: TdxRow[] = [
    accepted("a quote as it is made", {}),
    accepted("a quote with zeros after it", { quote: (quote) => concat(quote, new Uint8Array(70)) }),
    accepted("the other s of the quote's signature", {
        parts: ({ attestationKey }) => ({ attestationKey: flippedKey(attestationKey) }),
    }),
    accepted("the other s of the quoting enclave's signature", { platformKey: flippedKey }),
    accepted("the other s of the leaf's signature", { leaf: ({ signer }) => ({ signer: flippedKey(signer) }) }),
    accepted("the other s of the intermediate's signature", {
        intermediate: ({ signer }) => ({ signer: flippedKey(signer) }),
    }),
    accepted("a quoting enclave that says nothing beside its key", { parts: () => ({ authData: new Uint8Array() }) }),
    accepted("a quoting enclave that says a lot", { parts: () => ({ authData: new Uint8Array(999).fill(3) }) }),
    accepted("harmless attributes: LASS, PKS, KL, PERFMON", attributes(0, 0, 0, 0xd8, 0, 0, 0, 0x80)),
    accepted("an intermediate without a limit", {
        intermediate: withExtension(CONSTRAINTS, basicConstraints({ ca: true })),
    }),
    accepted("a last second", { leaf: () => ({ notAfter: AT }) }),
    accepted("a first second", { leaf: () => ({ notBefore: AT }) }),
];

const MALFORMED: TdxRow[] = [
    malformed("nothing", () => new Uint8Array()),
    malformed("a quote cut before its end", (quote) => quote.subarray(0, -1)),
    malformed("a head alone", (quote) => quote.subarray(0, 1219)),
    malformed("bytes other than zero after it", (quote) => concat(quote, Uint8Array.of(0, 1))),
    malformed("more than 65,536 bytes", (quote) => concat(quote, new Uint8Array(65_537 - quote.length))),
    malformed("version 3", patched(0, 3)),
    malformed("version 5", patched(0, 5)),
    malformed("version 260", patched(1, 1)),
    malformed("another type of key", patched(2, 3)),
    malformed("an SGX enclave", patched(4, 0)),
    malformed("another kind of enclave", patched(7, 1)),
    malformed("another vendor", patched(12, 0)),
    malformed("a length beyond its end", patched(635, 0xff)),
    malformed("no authentication data", patched(632, 0, 0, 0, 0)),
    malformed("another certification than of a quoting enclave", patched(764, 5)),
    malformed("a certification of another length", patched(766, 0)),
    malformed("a quoting enclave that says more than there is", patched(1218, 0xff, 0xff)),
    malformed("a quoting enclave that says one byte less", patched(1218, 31)),
    malformed("certificates in another form", patched(1252, 4)),
    malformed("certificates of another length", patched(1254, 0)),
];

const CHAIN: TdxRow[] = [
    {
        name: "an intermediate of another issuer",
        code: "IssuerMismatch",
        change: { intermediate: () => ({ issuer: simulatedName("other") }) },
    },
    {
        name: "a leaf of another issuer",
        code: "IssuerMismatch",
        change: { leaf: () => ({ issuer: simulatedName("other") }) },
    },
    {
        name: "an intermediate that is no authority",
        code: "NotACertificateAuthority",
        change: { intermediate: withExtension(CONSTRAINTS, basicConstraints({ ca: false })) },
    },
    {
        name: "an intermediate without constraints",
        code: "NotACertificateAuthority",
        change: { intermediate: withExtension(CONSTRAINTS) },
    },
    {
        name: "an intermediate that may not sign certificates",
        code: "KeyUsageInvalid",
        change: { intermediate: withExtension(KEY_USAGE, keyUsage({ bits: ["crlSign"], critical: true })) },
    },
    {
        name: "an intermediate without a usage",
        code: "KeyUsageInvalid",
        change: { intermediate: withExtension(KEY_USAGE) },
    },
    {
        name: "a leaf that is an authority",
        code: "LeafIsAuthority",
        change: { leaf: withExtension(CONSTRAINTS, basicConstraints({ ca: true })) },
    },
    {
        name: "a leaf that may not sign",
        code: "KeyUsageInvalid",
        change: { leaf: withExtension(KEY_USAGE, keyUsage({ bits: ["nonRepudiation"], critical: true })) },
    },
    { name: "an intermediate without the mark", code: "NotSimulated", change: { intermediate: unmarked } },
    { name: "a leaf without the mark", code: "NotSimulated", change: { leaf: unmarked } },
    {
        name: "a mark that is not critical",
        code: "NotSimulated",
        change: {
            leaf: ({ extensions }) => ({
                extensions: extensions.with(
                    -1,
                    extension({ oid: derOid(SIMULATED_MARK_OID), value: derText("SIMULATED") }),
                ),
            }),
        },
    },
    {
        name: "a mark twice",
        code: "ExtensionDuplicate",
        change: { leaf: ({ extensions }) => ({ extensions: [...extensions, simulatedMark()] }) },
    },
    {
        name: "an unknown critical extension",
        code: "UnknownCriticalExtension",
        change: {
            leaf: ({ extensions }) => ({
                extensions: [...extensions, extension({ oid: derOid("1.2.3"), critical: true, value: derText("x") })],
            }),
        },
    },
    {
        name: "an intermediate that another key signed",
        code: "BadCertSignature",
        change: { intermediate: () => ({ signer: OTHER }) },
    },
    { name: "a leaf that another key signed", code: "BadCertSignature", change: { leaf: () => ({ signer: OTHER }) } },
    {
        name: "a signature with s = 0",
        code: "BadCertSignature",
        change: { leaf: ({ signer }) => ({ signer: withS(signer, () => 0n) }) },
    },
    {
        name: "a signature with s = n",
        code: "BadCertSignature",
        change: { leaf: ({ signer }) => ({ signer: withS(signer, () => ORDER) }) },
    },
    {
        name: "a signature with s + n, when it fits, or above n",
        code: "BadCertSignature",
        change: { leaf: ({ signer }) => ({ signer: withS(signer, () => 2n ** 256n - 1n) }) },
    },
    {
        name: "a leaf whose key is no point",
        code: "PublicKeyInvalid",
        change: {
            leaf: ({ key }) => ({ key: { ...key, publicKey: key.publicKey.with(63, (key.publicKey[63] ?? 0) ^ 1) } }),
        },
    },
    {
        name: "a leaf with a byte after it",
        code: "DerInvalid",
        change: { leafBytes: (der) => concat(der, Uint8Array.of(0)) },
    },
    {
        name: "an intermediate cut before its end",
        code: "DerInvalid",
        change: { intermediateBytes: (der) => der.subarray(0, -1) },
    },
    { name: "no leaf", code: "DerInvalid", change: { leafBytes: () => Uint8Array.of(0x30) } },
    {
        name: "a validity that ends before it begins",
        code: "CertExpired",
        change: { leaf: () => ({ notBefore: AT, notAfter: AT - 1 }) },
    },
    { name: "a leaf that ended", code: "CertExpired", change: { leaf: () => ({ notAfter: AT - 1 }) } },
    { name: "a leaf that has not begun", code: "CertNotYetValid", change: { leaf: () => ({ notBefore: AT + 1 }) } },
    { name: "an intermediate that ended", code: "CertExpired", change: { intermediate: () => ({ notAfter: AT - 1 }) } },
    {
        name: "an intermediate that has not begun",
        code: "CertNotYetValid",
        change: { intermediate: () => ({ notBefore: AT + 1 }) },
    },
];

const PLATFORM_ROWS: TdxRow[] = [
    { name: "no SGX extension", code: "DerInvalid", change: { leaf: withExtension(SGX) } },
    {
        name: "an SGX extension with a short PPID",
        code: "DerInvalid",
        change: { leaf: withExtension(SGX, sgxExtension({ ...PLATFORM, ppid: new Uint8Array(15) })) },
    },
    {
        name: "an SGX extension with a long FMSPC",
        code: "DerInvalid",
        change: { leaf: withExtension(SGX, sgxExtension({ ...PLATFORM, fmspc: new Uint8Array(7) })) },
    },
    {
        name: "an SGX extension with a long PCE-ID",
        code: "DerInvalid",
        change: { leaf: withExtension(SGX, sgxExtension({ ...PLATFORM, pceId: new Uint8Array(3) })) },
    },
    {
        name: "a component's version above a byte",
        code: "DerInvalid",
        change: {
            leaf: withExtension(SGX, sgxExtension({ ...PLATFORM, componentSvns: PLATFORM.componentSvns.with(3, 256) })),
        },
    },
    {
        name: "a PCE version above two bytes",
        code: "DerInvalid",
        change: { leaf: withExtension(SGX, sgxExtension({ ...PLATFORM, pceSvn: 65_536 })) },
    },
    {
        name: "15 components",
        code: "DerInvalid",
        change: {
            leaf: withExtension(SGX, sgxExtension({ ...PLATFORM, componentSvns: PLATFORM.componentSvns.slice(1) })),
        },
    },
    {
        name: "an SGX extension that is no sequence",
        code: "DerInvalid",
        change: { leaf: withExtension(SGX, extension({ oid: derOid("1.2.840.113741.1.13.1"), value: derText("x") })) },
    },
];

const SIGNED: TdxRow[] = [
    {
        name: "a quoting enclave that another key signed",
        code: "QuotingEnclaveInvalid",
        change: { platformKey: () => OTHER },
    },
    {
        name: "a quoting enclave that names another key",
        code: "QuotingEnclaveInvalid",
        change: { parts: () => ({ qeReport: () => simulatedQeReport(new Uint8Array(64).fill(1)) }) },
    },
    {
        name: "a quoting enclave that says something more",
        code: "QuotingEnclaveInvalid",
        change: { parts: () => ({ qeReport: (data) => simulatedQeReport(data.with(63, 1)) }) },
    },
    {
        name: "another attestation key",
        code: "QuotingEnclaveInvalid",
        change: { quote: (quote) => patched(700, ...OTHER.publicKey)(quote) },
    },
    {
        name: "an attestation key that is no point",
        code: "PublicKeyInvalid",
        change: {
            parts: ({ attestationKey }) => ({
                attestationKey: { ...attestationKey, publicKey: new Uint8Array(64).fill(1) },
            }),
        },
    },
    {
        name: "an attestation key at infinity",
        code: "PublicKeyInvalid",
        change: {
            parts: ({ attestationKey }) => ({ attestationKey: { ...attestationKey, publicKey: new Uint8Array(64) } }),
        },
    },
    {
        name: "a quote that another key signed",
        code: "BadSignature",
        change: { parts: ({ attestationKey: { publicKey } }) => ({ attestationKey: { ...OTHER, publicKey } }) },
    },
    {
        name: "a quote with s = n",
        code: "BadSignature",
        change: { parts: ({ attestationKey }) => ({ attestationKey: withS(attestationKey, () => ORDER) }) },
    },
    {
        name: "a quote with s = 0",
        code: "BadSignature",
        change: { parts: ({ attestationKey }) => ({ attestationKey: withS(attestationKey, () => 0n) }) },
    },
    { name: "a report that was changed", code: "BadSignature", change: { quote: patched(48 + 520, 0) } },
    { name: "a domain in debug mode", code: "DebugEnclave", change: attributes(1, 0, 0, 0x10, 0, 0, 0, 0) },
    { name: "a domain that may be profiled", code: "DebugEnclave", change: attributes(0x80, 0, 0, 0x10, 0, 0, 0, 0) },
    {
        name: "a domain that can be moved",
        code: "PlatformConfigInvalid",
        change: attributes(0, 0, 0, 0x30, 0, 0, 0, 0),
    },
    {
        name: "a domain without SEPT_VE_DISABLE",
        code: "PlatformConfigInvalid",
        change: attributes(0, 0, 0, 0, 0, 0, 0, 0),
    },
    { name: "a reserved attribute", code: "PlatformConfigInvalid", change: attributes(0, 1, 0, 0x10, 0, 0, 0, 0) },
    {
        name: "a module of another signer",
        code: "PlatformConfigInvalid",
        change: { td: { mrSignerSeam: new Uint8Array(48).with(47, 1) } },
    },
    {
        name: "a module with attributes",
        code: "PlatformConfigInvalid",
        change: { td: { seamAttributes: new Uint8Array(8).with(0, 1) } },
    },
];

/** Rows on which SimulatedTdxVerifier and verifyDcap must agree. */
export const TDX_CASES: readonly TdxRow[] = [...ACCEPTED, ...MALFORMED, ...CHAIN, ...PLATFORM_ROWS, ...SIGNED];
