import { bytesToHex, concat } from "@assay/protocol";
import {
    CBOR_NULL,
    cborArray,
    cborBytes,
    cborHead,
    cborMap,
    cborText,
    cborUint,
} from "../../../offchain/enclave/simulated/cborWriter.ts";
import { nitroEntries, nitroPayload, type PayloadEntry } from "../../../offchain/enclave/simulated/nitroDocument.ts";
import { hex } from "./certificateParts.ts";

/** Name, the payload, and what a reader says of it. */
type Case = readonly [name: string, payload: Uint8Array, code: string];

const REGISTER = new Uint8Array(48).fill(0x11);
const ONE = cborUint(1);
const registers = (indices: readonly number[]) =>
    indices.map((index) => [cborUint(index), cborBytes(REGISTER)] as const);
const bytesFieldOf = (length: number) => cborBytes(new Uint8Array(length).fill(0x22));
const textOf = (length: number) => cborText("x".repeat(length));
const indices = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Every field there, as AWS orders them; certificates of one byte, which nobody reads here. */
const GOOD = nitroEntries({
    moduleId: "i-0123456789abcdef0-enc0123456789abcdef",
    timestamp: 1770918962724,
    pcrs: [0, 1, 2, 8].map((index) => [index, REGISTER]),
    certificate: hex("30"),
    cabundle: [hex("30"), hex("31")],
    userData: hex("aabb"),
});

/** The good payload with some fields' values replaced. */
function withValues(values: Record<string, Uint8Array>): Uint8Array {
    return nitroPayload(GOOD.map(([name, value]): PayloadEntry => [name, values[name] ?? value]));
}

/** The good payload with entries behind it, in a map of indefinite length. */
function withEntries(...more: (readonly [key: Uint8Array, value: Uint8Array])[]): Uint8Array {
    return cborMap([...GOOD.map(([name, value]) => [cborText(name), value] as const), ...more], { indefinite: true });
}

const unknown = (value: Uint8Array) => withEntries([cborText("later"), value]);
const without = (name: string) => nitroPayload(GOOD.filter(([other]) => other !== name));
const nested = (depth: number): Uint8Array => (depth === 0 ? CBOR_NULL : cborArray([nested(depth - 1)]));
const entriesOf = (count: number) => indices(count).map((index) => [cborText(`later ${index}`), ONE] as const);
const GOOD_BYTES = nitroPayload(GOOD);

const ACCEPTED: Case[] = (
    [
        ["a map of indefinite length", GOOD_BYTES],
        ["a map of definite length", nitroPayload(GOOD, { indefinite: false })],
        ["fields in another order", nitroPayload([...GOOD].reverse())],
        ["no field that is optional", nitroPayload(GOOD.slice(0, 6))],
        ["optional fields of no bytes", withValues({ public_key: cborBytes(hex("")), nonce: cborBytes(hex("")) })],
        [
            "optional fields of 1024 bytes",
            withValues({ public_key: bytesFieldOf(1024), user_data: bytesFieldOf(1024) }),
        ],
        ["a module_id of 128 bytes", withValues({ module_id: textOf(128) })],
        ["certificates of 1024 bytes", withValues({ certificate: bytesFieldOf(1024) })],
        ["8 certificates", withValues({ cabundle: cborArray(indices(8).map(() => cborBytes(hex("30")))) })],
        ["32 registers", withValues({ pcrs: cborMap(registers(indices(32))) })],
        ["registers in another order", withValues({ pcrs: cborMap(registers([31, 2, 1, 0])) })],
        ["the last time there is", withValues({ timestamp: cborUint(2 ** 53 - 1) })],
        ["an unknown number", unknown(hex("1bffffffffffffffff"))],
        ["unknown bytes", unknown(bytesFieldOf(300))],
        ["an unknown text that is not UTF-8", unknown(hex("61ff"))],
        ["an unknown null", unknown(CBOR_NULL)],
        ["an unknown array of 40 items", unknown(cborArray(indices(40).map(cborUint)))],
        [
            "an unknown map of texts and numbers",
            unknown(
                cborMap([
                    [ONE, ONE],
                    [cborText("1"), nested(1)],
                ]),
            ),
        ],
        ["nesting of 3", unknown(nested(2))],
        ["a key of no bytes", withEntries([cborText(""), ONE])],
        ["32 entries", withEntries(...entriesOf(23))],
    ] as const
).map(([name, payload]) => [name, payload, "ACCEPTED"]);

const FORM: Case[] = [
    ["an empty map", hex("a0"), "FieldMissing"],
    ["an array", hex("80"), "CborInvalid"],
    ["null", hex("f6"), "CborInvalid"],
    ["its last byte missing", GOOD_BYTES.subarray(0, -1), "CborTruncated"],
    ["a byte behind it", concat(GOOD_BYTES, hex("00")), "CborTrailing"],
    ["a second break", concat(GOOD_BYTES, hex("ff")), "CborTrailing"],
    ["a break in a map of definite length", concat(hex("aa"), nitroPayload(GOOD).subarray(1)), "CborInvalid"],
    [
        "one entry less than its head says",
        concat(hex("aa"), nitroPayload(GOOD, { indefinite: false }).subarray(1)),
        "CborTruncated",
    ],
    [
        "the head of the map longer than needed",
        concat(hex("b809"), nitroPayload(GOOD, { indefinite: false }).subarray(1)),
        "CborNotMinimal",
    ],
    ["33 entries by its head", concat(hex("b821"), GOOD_BYTES.subarray(1)), "CborInvalid"],
    ["33 entries", withEntries(...entriesOf(24)), "CborInvalid"],
    ["a key twice", withEntries([cborText("digest"), cborText("SHA384")]), "CborDuplicateKey"],
    ["pcrs twice", withEntries([cborText("pcrs"), cborMap(registers([0, 1, 2]))]), "CborDuplicateKey"],
    ["an unknown key twice", withEntries([cborText("later"), ONE], [cborText("later"), ONE]), "CborDuplicateKey"],
    ["a number as key", withEntries([ONE, ONE]), "CborInvalid"],
    ["bytes as key", withEntries([cborBytes(hex("61")), ONE]), "CborInvalid"],
    ["null as key", withEntries([CBOR_NULL, ONE]), "CborInvalid"],
    ["a text of indefinite length as key", withEntries([hex("7f6161ff"), ONE]), "CborInvalid"],
    ["a key longer than the payload", concat(GOOD_BYTES.subarray(0, -1), hex("7bffffffffffffffff")), "CborTruncated"],
    ["a key whose length is not minimal", withEntries([hex("780161"), ONE]), "CborNotMinimal"],
    [
        "a document of a machine with NitroTPM",
        withEntries([cborText("nitrotpm_pcrs"), cborMap(registers([0]))]),
        "NotAnEnclave",
    ],
    [
        "the registers of NitroTPM instead",
        nitroPayload(GOOD.map(([name, value]) => [name === "pcrs" ? "nitrotpm_pcrs" : name, value])),
        "NotAnEnclave",
    ],
];

const ITEMS: Case[] = [
    ["a negative number", unknown(hex("20")), "CborInvalid"],
    ["a tag", unknown(hex("c000")), "CborInvalid"],
    ["false", unknown(hex("f4")), "CborInvalid"],
    ["undefined", unknown(hex("f7")), "CborInvalid"],
    ["a float", unknown(hex("f93c00")), "CborInvalid"],
    ["null of two bytes", unknown(hex("f816")), "CborInvalid"],
    ["a reserved length", unknown(hex("1c")), "CborInvalid"],
    ["bytes of indefinite length", unknown(hex("5f4161ff")), "CborInvalid"],
    ["an array of indefinite length", unknown(hex("9fff")), "CborInvalid"],
    ["a map of indefinite length inside", unknown(hex("bfff")), "CborInvalid"],
    ["a break as value", unknown(hex("ff")), "CborInvalid"],
    ["nesting of 4", unknown(nested(3)), "CborInvalid"],
    ["nesting of 200", unknown(nested(200)), "CborInvalid"],
    ["33 entries in an unknown map", unknown(cborMap(entriesOf(33))), "CborInvalid"],
    ["bytes as key of an unknown map", unknown(cborMap([[cborBytes(hex("61")), ONE]])), "CborInvalid"],
    [
        "a key twice in an unknown map",
        unknown(
            cborMap([
                [ONE, ONE],
                [ONE, nested(1)],
            ]),
        ),
        "CborDuplicateKey",
    ],
    [
        "a key twice in a map inside",
        unknown(
            cborArray([
                cborMap([
                    [cborText("a"), ONE],
                    [cborText("a"), ONE],
                ]),
            ]),
        ),
        "CborDuplicateKey",
    ],
    ["23 in two bytes", unknown(cborHead(0, 23, 1)), "CborNotMinimal"],
    ["255 in three bytes", unknown(cborHead(0, 255, 2)), "CborNotMinimal"],
    ["65535 in five bytes", unknown(cborHead(0, 65535, 4)), "CborNotMinimal"],
    ["2^32 - 1 in nine bytes", unknown(cborHead(0, 2 ** 32 - 1, 8)), "CborNotMinimal"],
    ["an array of 2^64 - 1 items", unknown(hex("9bffffffffffffffff")), "CborInvalid"],
];

/** A fault of one field's value, FieldInvalid unless told. */
const field = (name: string, what: string, value: Uint8Array, code = "FieldInvalid"): Case => [
    `${name}: ${what}`,
    withValues({ [name]: value }),
    code,
];

const FIELDS: Case[] = [
    field("module_id", "empty", textOf(0)),
    field("module_id", "129 bytes", textOf(129)),
    field("module_id", "a byte string", cborBytes(hex("69"))),
    field("module_id", "a length that is not minimal", cborHead(3, 5, 1), "CborNotMinimal"),
    field("module_id", "a map of 33 entries", cborMap(entriesOf(33)), "CborInvalid"),
    field("digest", "another hash", cborText("SHA256")),
    field("digest", "a letter more", cborText("SHA3840")),
    field("digest", "empty", cborText("")),
    field("digest", "a byte string", cborBytes(new TextEncoder().encode("SHA384"))),
    field("timestamp", "0", cborUint(0)),
    field("timestamp", "2^53", cborUint(2 ** 53)),
    field("timestamp", "2^64 - 1", hex("1bffffffffffffffff")),
    field("timestamp", "a text", cborText("1")),
    field("timestamp", "a negative number", hex("20"), "CborInvalid"),
    field("certificate", "empty", cborBytes(hex(""))),
    field("certificate", "1025 bytes", bytesFieldOf(1025)),
    field("certificate", "a text", textOf(1)),
    field("certificate", "longer than the payload", cborHead(2, 2 ** 40), "CborTruncated"),
    field("cabundle", "empty", cborArray([])),
    field("cabundle", "9 certificates", cborArray(indices(9).map(() => cborBytes(hex("30"))))),
    field("cabundle", "an empty certificate", cborArray([cborBytes(hex(""))])),
    field("cabundle", "a certificate of 1025 bytes", cborArray([bytesFieldOf(1025)])),
    field("cabundle", "a text", cborArray([textOf(1)])),
    field("cabundle", "null in it", cborArray([CBOR_NULL])),
    field("cabundle", "a byte string", bytesFieldOf(1)),
    field("public_key", "1025 bytes", bytesFieldOf(1025)),
    field("user_data", "1025 bytes", bytesFieldOf(1025)),
    field("user_data", "a text", textOf(32)),
    field("nonce", "a number", cborUint(7)),
    field("nonce", "an array", cborArray([])),
];

const PCRS: Case[] = [
    field("pcrs", "none", cborMap([])),
    field("pcrs", "an array", cborArray([cborBytes(REGISTER)])),
    field("pcrs", "not 2", cborMap(registers([0, 1]))),
    field("pcrs", "not 0", cborMap(registers([1, 2, 3]))),
    field("pcrs", "index 32", cborMap(registers([0, 1, 2, 32]))),
    field("pcrs", "a text as index", cborMap([[cborText("0"), cborBytes(REGISTER)]])),
    field("pcrs", "47 bytes", cborMap([[cborUint(0), bytesFieldOf(47)]])),
    field("pcrs", "49 bytes", cborMap([[cborUint(0), bytesFieldOf(49)]])),
    field("pcrs", "null as register", cborMap([[cborUint(0), CBOR_NULL]])),
    field("pcrs", "an index twice", cborMap(registers([0, 1, 2, 1])), "CborDuplicateKey"),
    field("pcrs", "33 registers", cborMap(registers(indices(33))), "CborInvalid"),
    field("pcrs", "indefinite length", hex("bfff"), "CborInvalid"),
    field("pcrs", "an index of two bytes", cborMap([[hex("1800"), cborBytes(REGISTER)]]), "CborNotMinimal"),
    field("pcrs", "a register beyond the end", cborMap([[cborUint(0), cborHead(2, 2 ** 20)]]), "CborTruncated"),
];

const MANDATORY = ["module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"];
const MISSING: Case[] = [
    ...MANDATORY.map((name): Case => [`no ${name}`, without(name), "FieldMissing"]),
    ...MANDATORY.map((name): Case => field(name, "null", CBOR_NULL)),
];

/** Payloads of Nitro documents and what a reader of the payload alone says of each. */
export function payloadVectors() {
    const cases = [...ACCEPTED, ...FORM, ...ITEMS, ...FIELDS, ...PCRS, ...MISSING];
    return cases.map(([name, payload, code]) => ({ name, payload: bytesToHex(payload), code }));
}
