import { concat } from "@assay/protocol";
import { cborBytes, cborMap, cborText, cborUint } from "../../../offchain/enclave/simulated/cborWriter.ts";
import { AT, aNitroDocument, aNitroPlan, aRegisterBank, type NitroChange, type NitroForm, nitroForm } from "./nitro.ts";
import { CERTIFICATE_CASES } from "./nitroCertificateCases.ts";
import { flipped, numbersOf, ORDER, signatureOf, signingAs, withHalf } from "./signatures.ts";

/** A document and what every verifier of its form says of it. */
export interface NitroCase {
    name: string;
    /** ACCEPTED or the first fault; by tier where the tiers differ. */
    code: string | { hardware: string; simulated: string };
    change?: (form: NitroForm) => NitroChange;
    /** Of the finished document. */
    bytes?: (document: Uint8Array) => Uint8Array;
    /** Unix seconds; AT unless told. */
    at?: (form: NitroForm) => number;
}

/** The document of a case. */
export function documentOf({ change, bytes }: NitroCase, form: NitroForm): Uint8Array {
    const document = aNitroDocument({ form, ...change?.(form) });
    return bytes?.(document) ?? document;
}

/** The code of a case in a form. */
export function codeOf({ code }: NitroCase, { profile }: NitroForm): string {
    return typeof code === "string" ? code : code[profile.tier];
}

/** Changes the lowest bit of a byte behind the first place where these bytes stand. */
export function flipBehind(document: Uint8Array, needle: Uint8Array, offset = 0): Uint8Array {
    const start = document.findIndex((_, at) => needle.every((byte, index) => document[at + index] === byte));
    if (start < 0) throw new Error("The document does not hold these bytes.");
    return document.with(start + offset, (document[start + offset] ?? 0) ^ 1);
}

const text = (value: string) => new TextEncoder().encode(value);
const untrusted = { hardware: "UntrustedRoot", simulated: "NotSimulated" };
const notAnEnclave = { hardware: "NotAnEnclave", simulated: "NotSimulated" };
const signedAs = (name: string, signature: (good: Uint8Array) => Uint8Array, code: string): NitroCase => ({
    name,
    code,
    change: () => ({ key: (leaf) => signingAs(leaf, signature) }),
});
const named = (name: string, moduleId: string): NitroCase => ({
    name,
    code: notAnEnclave,
    change: () => ({ fields: { moduleId } }),
});

const SHAPES: NitroCase[] = [
    { name: "a good document", code: "ACCEPTED" },
    { name: "a tagged one", code: "ACCEPTED", change: () => ({ tagged: true }) },
    { name: "a map of definite length", code: "ACCEPTED", change: () => ({ indefinite: false }) },
    { name: "fields in another order", code: "ACCEPTED", change: () => ({ entries: (all) => all.toReversed() }) },
    {
        name: "an unknown field",
        code: "ACCEPTED",
        change: () => ({ entries: (all) => [...all, ["later", cborUint(1)]] }),
    },
    { name: "s in the upper half", code: "ACCEPTED", change: () => ({ key: (leaf) => withHalf(leaf, "high") }) },
    { name: "s in the lower half", code: "ACCEPTED", change: () => ({ key: (leaf) => withHalf(leaf, "low") }) },
    {
        name: "nothing but zeros in PCR 8",
        code: "ACCEPTED",
        change: () => ({ fields: { pcrs: aRegisterBank({ zero: [8] }) } }),
    },
];

const ENVELOPES: NitroCase[] = [
    { name: "nothing", code: "BadLength", bytes: () => new Uint8Array() },
    { name: "363 bytes", code: "BadLength", bytes: (good) => good.subarray(0, 363) },
    { name: "its last byte missing", code: "BadLength", bytes: (good) => good.subarray(0, -1) },
    { name: "a byte behind it", code: "BadLength", bytes: (good) => concat(good, Uint8Array.of(0)) },
    { name: "the tag twice", code: "CoseInvalid", bytes: (good) => concat(Uint8Array.of(0xd2, 0xd2), good) },
    { name: "ES256", code: "CoseInvalid", bytes: (good) => good.with(5, 0x26) },
    { name: "an array of 5", code: "CoseInvalid", bytes: (good) => good.with(0, 0x85) },
    { name: "an unprotected header", code: "CoseInvalid", bytes: (good) => good.with(6, 0xa1) },
    { name: "a length of one byte", code: "CoseInvalid", bytes: (good) => good.with(7, 0x58) },
    { name: "a payload below 256 bytes", code: "CoseInvalid", bytes: (good) => good.with(8, 0) },
    { name: "a payload a byte longer", code: "BadLength", bytes: (good) => good.with(9, (good[9] ?? 0) ^ 1) },
    { name: "a signature of another length", code: "CoseInvalid", bytes: (good) => good.with(good.length - 97, 0x5f) },
];

const CHANGED: NitroCase[] = [
    { name: "PCR 0 changed", code: "BadSignature", bytes: (good) => flipBehind(good, new Uint8Array(48).fill(0x10)) },
    {
        name: "user_data changed",
        code: "BadSignature",
        bytes: (good) => flipBehind(good, new Uint8Array(32).fill(0xb1)),
    },
    { name: "nonce changed", code: "BadSignature", bytes: (good) => flipBehind(good, new Uint8Array(20).fill(0x0e)) },
    { name: "module_id changed", code: "BadSignature", bytes: (good) => flipBehind(good, text("-enc"), 4) },
    {
        name: "timestamp changed",
        code: "BadSignature",
        bytes: (good) => flipBehind(good, cborUint(AT * 1000 + 724), 8),
    },
    { name: "r changed", code: "BadSignature", bytes: (good) => good.with(-90, (good.at(-90) ?? 0) ^ 1) },
    { name: "s changed", code: "BadSignature", bytes: (good) => good.with(-1, (good.at(-1) ?? 0) ^ 1) },
    {
        name: "s exchanged for order - s",
        code: "ACCEPTED",
        bytes: (good) => concat(good.subarray(0, -96), flipped(good.slice(-96))),
    },
    signedAs("r = 0", (good) => signatureOf(0n, numbersOf(good).s), "BadSignature"),
    signedAs("s = 0", (good) => signatureOf(numbersOf(good).r, 0n), "BadSignature"),
    signedAs("r = order", (good) => signatureOf(ORDER, numbersOf(good).s), "BadSignature"),
    signedAs("s = order", (good) => signatureOf(numbersOf(good).r, ORDER), "BadSignature"),
    signedAs("s above the order", (good) => signatureOf(numbersOf(good).r, ORDER + 1n), "BadSignature"),
    signedAs("r and s of ones alone", () => new Uint8Array(96).fill(0xff), "BadSignature"),
    {
        name: "the key of another certificate",
        code: "BadSignature",
        change: (form) => ({ key: () => form.root.key }),
    },
];

const PAYLOADS: NitroCase[] = [
    {
        name: "a key twice",
        code: "CborDuplicateKey",
        change: () => ({ entries: (all) => [...all, ["nonce", cborUint(1)]] }),
    },
    {
        name: "two pcrs",
        code: "CborDuplicateKey",
        change: () => ({ entries: (all) => [...all, ...all.filter(([name]) => name === "pcrs")] }),
    },
    {
        name: "a length that is not minimal",
        code: "CborNotMinimal",
        change: () => ({ entries: (all) => [...all, ["later", Uint8Array.of(0x58, 1, 0)]] }),
    },
    {
        name: "a text of indefinite length",
        code: "CborInvalid",
        change: () => ({ entries: (all) => [...all, ["later", Uint8Array.of(0x7f, 0x61, 0x61, 0xff)]] }),
    },
    {
        name: "nesting of 200",
        code: "CborInvalid",
        change: () => ({ entries: (all) => [...all, ["later", new Uint8Array(201).fill(0x81).with(200, 0)]] }),
    },
    {
        name: "a byte behind the map",
        code: "CborTrailing",
        change: () => ({ payload: (good) => concat(good, Uint8Array.of(0)) }),
    },
    { name: "no end of the map", code: "CborTruncated", change: () => ({ payload: (good) => good.subarray(0, -1) }) },
    {
        name: "no timestamp",
        code: "FieldMissing",
        change: () => ({ entries: (all) => all.filter(([name]) => name !== "timestamp") }),
    },
    {
        name: "user_data of 1025 bytes",
        code: "FieldInvalid",
        change: () => ({ fields: { userData: new Uint8Array(1025) } }),
    },
    {
        name: "another digest",
        code: "FieldInvalid",
        change: () => ({
            entries: (all) => all.map(([name, value]) => [name, name === "digest" ? cborText("SHA256") : value]),
        }),
    },
    {
        name: "the document of a machine with NitroTPM",
        code: "NotAnEnclave",
        change: () => ({
            entries: (all) => all.map(([name, value]) => [name === "pcrs" ? "nitrotpm_pcrs" : name, value]),
        }),
    },
    {
        name: "registers of a NitroTPM beside those of an enclave",
        code: "NotAnEnclave",
        change: () => ({
            entries: (all) => [...all, ["nitrotpm_pcrs", cborMap([[cborUint(0), cborBytes(new Uint8Array(48))]])]],
        }),
    },
];

const MACHINES: NitroCase[] = [
    ...[0, 1, 2].map(
        (index): NitroCase => ({
            name: `PCR ${index} zero, others not`,
            code: "DebugEnclave",
            change: () => ({ fields: { pcrs: aRegisterBank({ zero: [index] }) } }),
        }),
    ),
    {
        name: "debug mode",
        code: "DebugEnclave",
        change: () => ({ fields: { pcrs: aRegisterBank({ zero: [0, 1, 2] }) } }),
    },
    named("the module_id of an instance", "i-0123456789abcdef0"),
    named("a module_id in capitals", "I-0123456789ABCDEF0-ENC0123456789ABCDEF"),
    named("a module_id without digits", "i--enc0123456789abcdef"),
    named("a module_id without an enclave", "sim-0123456789abcdef0-enc"),
    named("a module_id with something behind it", "i-0123456789abcdef0-enc0123456789abcdef-x"),
    named("a module_id with a line behind it", "sim-0123456789abcdef0-enc0123456789abcdef\n"),
    {
        name: "a module_id of the other tier",
        code: notAnEnclave,
        change: ({ machine }) => ({ fields: { moduleId: `${machine === "i" ? "sim" : "i"}-0-enc0` } }),
    },
];

const AGES: NitroCase[] = [
    { name: "300 s old", code: "ACCEPTED", at: () => AT + 300 },
    { name: "301 s old", code: "EvidenceTooOld", at: () => AT + 301 },
    { name: "60 s ahead", code: "ACCEPTED", change: () => ({ fields: { timestamp: (AT + 60) * 1000 + 999 } }) },
    { name: "61 s ahead", code: "EvidenceFromFuture", change: () => ({ fields: { timestamp: (AT + 61) * 1000 } }) },
    { name: "milliseconds taken for seconds", code: "EvidenceTooOld", change: () => ({ fields: { timestamp: AT } }) },
    { name: "the last second of its leaf", code: "EvidenceTooOld", at: (form) => aNitroPlan(form).leaf.notAfter },
    { name: "a second after its leaf", code: "CertExpired", at: (form) => aNitroPlan(form).leaf.notAfter + 1 },
    { name: "a second before its leaf", code: "CertNotYetValid", at: (form) => aNitroPlan(form).leaf.notBefore - 1 },
    { name: "long after its root", code: "CertExpired", at: () => 2524608000 },
    { name: "long before its root", code: "CertNotYetValid", at: () => 1577836799 },
];

const ROOTS: NitroCase[] = [
    {
        name: "a root with equal names and another key",
        code: untrusted,
        change: ({ machine }) => ({ form: { ...nitroForm("tests/another nitro root"), machine } }),
    },
    {
        name: "the right root above the chain of another",
        code: "BadCertSignature",
        change: ({ root, marks, machine }) => {
            const other = nitroForm("tests/another nitro root").root;
            const form = { root: { ...root, key: other.key }, marks, machine, profile: nitroForm("unused").profile };
            return { form };
        },
    },
    { name: "no root", code: untrusted, change: () => ({ chain: ([, ...below]) => below }) },
    {
        name: "the root last",
        code: untrusted,
        change: () => ({ chain: ([root = new Uint8Array(), a = root, ...rest]) => [a, root, ...rest] }),
    },
];

/** The rows of reference/tee.md 7.2 "Nitro" that a document under a root of the tests' own can show, and their neighbours. */
export const NITRO_CASES: NitroCase[] = [
    ...SHAPES,
    ...ENVELOPES,
    ...CHANGED,
    ...PAYLOADS,
    ...MACHINES,
    ...AGES,
    ...ROOTS,
    ...CERTIFICATE_CASES,
];
