import { bytesToHex, concat } from "@assay/protocol";
import { basicConstraints, extension } from "../../../offchain/enclave/simulated/certificate.ts";
import { der, derBits, derOid, derSequence, derUnsigned } from "../../../offchain/enclave/simulated/derWriter.ts";
import {
    type CertificateParts,
    GOOD_PARTS,
    GOOD_POINT,
    hex,
    keyInfo,
    time,
    writeCertificate,
} from "./certificateParts.ts";

/** Name, the change that makes it, and what a reader says of it. */
type Case = readonly [name: string, change: Partial<CertificateParts> | Uint8Array, code?: string];

const GOOD = writeCertificate();
const P = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff";
const NO_BYTES = new Uint8Array();
const PRIVATE = derOid("1.3.6.1.4.1.99999.1");
const plain = extension({ oid: PRIVATE, value: hex("0500") });
const critical = extension({ oid: PRIVATE, critical: true, value: hex("0500") });
const constraints = (content: string) => [extension({ oid: derOid("2.5.29.19"), critical: true, value: hex(content) })];
const usage = (content: string) => [extension({ oid: derOid("2.5.29.15"), critical: true, value: hex(content) })];
const until = (tag: 0x17 | 0x18, text: string) => ({ validity: [time(0x17, "700101000000Z"), time(tag, text)] });
const numbered = (count: number) =>
    Array.from({ length: count }, (_, index) => extension({ oid: derOid(`2.5.29.${40 + index}`), value: NO_BYTES }));
const rawSerial = (digits: string) => ({ serial: der(0x02, hex(digits)) });
const rawNumber = (digits: string) => ({ numbers: [der(0x02, hex(digits)), derUnsigned(Uint8Array.of(1))] });

/** All of it accepted: what genuine certificates may look like. */
const ACCEPTED: Case[] = [
    ["an authority", {}],
    ["any number of authorities below", { extensions: [basicConstraints({ ca: true })] }],
    ["no authority, said with an empty list", { extensions: [basicConstraints({ ca: false })] }],
    ["neither basicConstraints nor keyUsage", { extensions: [plain] }],
    ["path length 127", { extensions: constraints("30060101ff02017f") }],
    ["keyUsage of two bytes", { extensions: usage("0303070080") }],
    ["16 extensions", { extensions: numbered(16) }],
    ["a serial number of 20 bytes", rawSerial(`7f${"00".repeat(19)}`)],
    ["a serial number of 20 bytes and its sign byte", rawSerial(`00ff${"00".repeat(19)}`)],
    ["empty names", { issuer: hex("3000"), subject: hex("3000") }],
    ["until the last second of 2049", until(0x17, "491231235959Z")],
    ["until a generalized time before 2050", until(0x18, "20300101000000Z")],
    ["until the last second of 9999", until(0x18, "99991231235959Z")],
    ["a leap day", until(0x17, "240229000000Z")],
    ["the leap day of 2000", until(0x18, "20000229000000Z")],
    ["from the first second of 1970", until(0x17, "700101000000Z")],
    ["r = 0, which no signature check accepts", rawNumber("00")],
    ["r of 48 bytes and its sign byte", rawNumber(`00${"ff".repeat(48)}`)],
];

const LENGTHS: Case[] = [
    ["nothing", NO_BYTES],
    ["one byte", hex("30")],
    ["a byte behind it", concat(GOOD, hex("00"))],
    ["its last byte missing", GOOD.subarray(0, -1)],
    ["indefinite length", concat(hex("3080"), GOOD.subarray(4), hex("0000"))],
    ["a length of three bytes", concat(hex("308300"), GOOD.subarray(2))],
    ["a length of two bytes where one is enough", { serial: hex("0282000101") }],
    ["a length of one byte where none is needed", { serial: hex("02810101") }],
    ["a length that ends with the bytes", hex("3082")],
    ["a set instead of a sequence", concat(hex("31"), GOOD.subarray(1))],
    ["an issuer that reaches beyond the signed part", { issuer: hex("3082ffff") }],
    ["a third element after the signature", { afterSignature: hex("0500") }],
];

const HEAD: Case[] = [
    ["version 1", { version: NO_BYTES }],
    ["version 2", { version: hex("a003020101") }],
    ["a serial number of 0", rawSerial("00")],
    ["a negative serial number", rawSerial("80")],
    ["an empty serial number", rawSerial("")],
    ["a serial number with a needless zero", rawSerial("0001")],
    ["a serial number of 21 bytes", rawSerial(`01${"00".repeat(20)}`)],
    ["a serial number of 21 bytes and its sign byte", rawSerial(`00ff${"00".repeat(20)}`)],
    ["ecdsa-with-SHA256", { algorithm: derSequence(derOid("1.2.840.10045.4.3.2")) }],
    ["an algorithm with NULL", { algorithm: derSequence(derOid("1.2.840.10045.4.3.3"), hex("0500")) }],
    ["a set as issuer", { issuer: hex("3100") }],
    ["one time", { validity: GOOD_PARTS.validity.slice(1) }],
    ["three times", { validity: [...GOOD_PARTS.validity, ...GOOD_PARTS.validity.slice(1)] }],
];

const TIMES: Case[] = [
    ["1950 as the year of a short time", until(0x17, "500101000000Z")],
    ["1969", until(0x18, "19691231235959Z")],
    ["the year 50", until(0x18, "00500101000000Z")],
    ["month 0", until(0x17, "260001000000Z")],
    ["month 13", until(0x17, "261301000000Z")],
    ["day 0", until(0x17, "260100000000Z")],
    ["April 31", until(0x17, "260431000000Z")],
    ["a leap day in 2026", until(0x17, "260229000000Z")],
    ["a leap day in 2100", until(0x18, "21000229000000Z")],
    ["hour 24", until(0x17, "260101240000Z")],
    ["minute 60", until(0x17, "260101006000Z")],
    ["second 60", until(0x17, "261231235960Z")],
    ["no Z", until(0x17, "2601010000000")],
    ["an offset", until(0x17, "260101000000+0000")],
    ["no seconds", until(0x17, "2601010000Z")],
    ["a fraction", until(0x18, "20260101000000.5Z")],
    ["a letter", until(0x17, "26010100000aZ")],
    ["a space", until(0x17, " 60101000000Z")],
    ["a short time under the tag of a long one", until(0x18, "260101000000Z")],
    ["a long time under the tag of a short one", until(0x17, "20260101000000Z")],
];

const KEYS: Case[] = [
    ["a compressed point", { key: hex(`3046301006072a8648ce3d020106052b8104002203320002${"11".repeat(48)}`) }],
    ["a key of P-256", { key: hex(`3059301306072a8648ce3d020106082a8648ce3d03010703420004${"11".repeat(64)}`) }],
    ["a key that is cut off", { key: keyInfo(GOOD_POINT.subarray(0, 90)), wrapped: NO_BYTES }],
    ["a point beside the curve", { key: keyInfo(concat(GOOD_POINT.subarray(0, 95), hex("00"))) }, "PublicKeyInvalid"],
    ["the point (0, 0)", { key: keyInfo(new Uint8Array(96)) }, "PublicKeyInvalid"],
    ["a coordinate of the prime", { key: keyInfo(concat(hex(P), GOOD_POINT.subarray(48))) }, "PublicKeyInvalid"],
    [
        "x and y exchanged",
        { key: keyInfo(concat(GOOD_POINT.subarray(48), GOOD_POINT.subarray(0, 48))) },
        "PublicKeyInvalid",
    ],
];

const EXTENSIONS: Case[] = [
    ["no extensions", { wrapped: NO_BYTES }],
    ["an empty list of extensions", { extensions: [] }],
    ["two lists of extensions", { wrapped: der(0xa3, derSequence(plain), derSequence(plain)) }],
    ["a unique id before the extensions", { beforeExtensions: hex("81020055") }],
    ["an element after the extensions", { afterExtensions: hex("0500") }],
    ["17 extensions", { extensions: numbered(17) }],
    ["an extension without a value", { extensions: [derSequence(PRIVATE)] }],
    ["an extension with two values", { extensions: [derSequence(PRIVATE, hex("04000400"))] }],
    ["an empty identifier", { extensions: [derSequence(hex("06000400"))] }],
    ["FALSE written out", { extensions: [derSequence(PRIVATE, hex("0101000400"))] }],
    ["another TRUE", { extensions: [derSequence(PRIVATE, hex("0101010400"))] }],
    ["the same unknown extension twice", { extensions: [plain, plain] }, "ExtensionDuplicate"],
    [
        "basicConstraints twice",
        { extensions: [...GOOD_PARTS.extensions, basicConstraints({ ca: false })] },
        "ExtensionDuplicate",
    ],
    ["the second time critical", { extensions: [plain, critical] }, "ExtensionDuplicate"],
    ["an unknown critical extension", { extensions: [...GOOD_PARTS.extensions, critical] }, "UnknownCriticalExtension"],
    ["basicConstraints without a list", { extensions: constraints("0101ff") }],
    ["a path length of no authority", { extensions: constraints("3003020101") }],
    ["FALSE written out in basicConstraints", { extensions: constraints("3003010100") }],
    ["path length 128", { extensions: constraints("30070101ff02020080") }],
    ["a negative path length", { extensions: constraints("30060101ff0201ff") }],
    ["a path length with a needless zero", { extensions: constraints("30070101ff02020001") }],
    ["something after the path length", { extensions: constraints("30080101ff0201000500") }],
    ["something after basicConstraints", { extensions: constraints("30030101ff0500") }],
    ["an empty keyUsage", { extensions: usage("0300") }],
    ["keyUsage without a bit", { extensions: usage("030100") }],
    ["8 unused bits of keyUsage", { extensions: usage("03020800") }],
    ["an unused bit of keyUsage set", { extensions: usage("03020187") }],
    ["keyUsage of three bytes", { extensions: usage("030400800000") }],
    ["something after keyUsage", { extensions: usage("030201860500") }],
];

const SIGNATURES: Case[] = [
    ["another algorithm outside", { outerAlgorithm: derSequence(derOid("1.2.840.10045.4.3.2")) }],
    ["an unused bit of the signature", { signature: der(0x03, hex("01"), derSequence(...GOOD_PARTS.numbers)) }],
    ["an empty signature", { signature: der(0x03) }],
    ["a signature in an OCTET STRING", { signature: der(0x04, derSequence(...GOOD_PARTS.numbers)) }],
    ["r alone", { numbers: GOOD_PARTS.numbers.slice(1) }],
    ["a third number", { numbers: [...GOOD_PARTS.numbers, derUnsigned(Uint8Array.of(1))] }],
    ["something after the numbers", { signature: derBits(concat(derSequence(...GOOD_PARTS.numbers), hex("0500"))) }],
    ["a negative r", rawNumber("80")],
    ["an empty r", rawNumber("")],
    ["r with a needless zero", rawNumber("0001")],
    ["r of 49 bytes", rawNumber(`01${"00".repeat(48)}`)],
];

/** Several faults: the first one in byte order is named. */
const ORDER: Case[] = [
    [
        "a bad key before a doubled extension",
        { key: keyInfo(new Uint8Array(96)), extensions: [plain, plain] },
        "PublicKeyInvalid",
    ],
    ["a bad date before a bad key", { ...until(0x17, "261301000000Z"), key: keyInfo(new Uint8Array(96)) }],
    [
        "a doubled extension before another algorithm",
        { extensions: [plain, plain], outerAlgorithm: hex("3000") },
        "ExtensionDuplicate",
    ],
    [
        "an unknown critical extension before a doubled one",
        { extensions: [critical, plain] },
        "UnknownCriticalExtension",
    ],
    ["a doubled extension before a malformed one", { extensions: [plain, plain, hex("3000")] }, "ExtensionDuplicate"],
    ["a malformed extension before it is doubled", { extensions: [plain, derSequence(PRIVATE)] }],
    [
        "an element after the extensions before a doubled one",
        { extensions: [plain, plain], afterExtensions: hex("0500") },
    ],
    [
        "a byte behind it before a doubled extension",
        concat(writeCertificate({ extensions: [plain, plain] }), hex("00")),
    ],
];

/** Certificates of the P-384 profile with no critical extension of its own, and what a reader says of each. */
export function certificateVectors() {
    const refused = [...LENGTHS, ...HEAD, ...TIMES, ...KEYS, ...EXTENSIONS, ...SIGNATURES, ...ORDER];
    return [
        ...ACCEPTED.map((entry) => vector(entry, "ACCEPTED")),
        ...refused.map((entry) => vector(entry, "DerInvalid")),
    ];
}

function vector([name, change, code]: Case, usual: string) {
    const certificate = change instanceof Uint8Array ? change : writeCertificate(change);
    return { name, certificate: bytesToHex(certificate), code: code ?? usual };
}
