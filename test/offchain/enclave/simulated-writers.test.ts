import { bytesToHex } from "@assay/protocol";
import { expect } from "chai";
import {
    CBOR_NULL,
    cborArray,
    cborBytes,
    cborHead,
    cborMap,
    cborOptionalBytes,
    cborText,
    cborUint,
} from "../../../offchain/enclave/simulated/cborWriter.ts";
import {
    der,
    derBits,
    derOctets,
    derOid,
    derSmall,
    derText,
    derTime,
    derUnsigned,
} from "../../../offchain/enclave/simulated/derWriter.ts";

const CBOR: Record<string, [Uint8Array, string]> = {
    // RFC 8949, appendix A
    "0": [cborUint(0), "0x00"],
    "23": [cborUint(23), "0x17"],
    "24": [cborUint(24), "0x1818"],
    "255": [cborUint(255), "0x18ff"],
    "1000": [cborUint(1000), "0x1903e8"],
    "1000000": [cborUint(1_000_000), "0x1a000f4240"],
    "1000000000000": [cborUint(1_000_000_000_000), "0x1b000000e8d4a51000"],
    "the bytes 01020304": [cborBytes(Uint8Array.of(1, 2, 3, 4)), "0x4401020304"],
    "the text IETF": [cborText("IETF"), "0x6449455446"],
    "[1, 2, 3]": [cborArray([1, 2, 3].map(cborUint)), "0x83010203"],
    "{1: 2, 3: 4}": [
        cborMap([
            [cborUint(1), cborUint(2)],
            [cborUint(3), cborUint(4)],
        ]),
        "0xa201020304",
    ],
    "{_ 1: 2}": [cborMap([[cborUint(1), cborUint(2)]], { indefinite: true }), "0xbf0102ff"],
    null: [CBOR_NULL, "0xf6"],
    "absent bytes": [cborOptionalBytes(undefined), "0xf6"],
    "a length that is longer than it must be": [cborHead(2, 5, 2), "0x590005"],
};

const DER: Record<string, [Uint8Array, string]> = {
    // ITU-T X.690 and RFC 5280's own examples
    "the OID 1.2.840.10045.4.3.3": [derOid("1.2.840.10045.4.3.3"), "0x06082a8648ce3d040303"],
    "the OID 2.999.3": [derOid("2.999.3"), "0x0603883703"],
    "the integer 0": [derUnsigned(new Uint8Array(3)), "0x020100"],
    "the integer 127": [derSmall(127), "0x02017f"],
    "the integer 128": [derSmall(128), "0x02020080"],
    "the integer 256": [derSmall(256), "0x02020100"],
    "an integer with leading zeros": [derUnsigned(Uint8Array.of(0, 0, 9)), "0x020109"],
    "a bit string": [derBits(Uint8Array.of(0xff)), "0x030200ff"],
    "an octet string": [derOctets(Uint8Array.of(1)), "0x040101"],
    "a text": [derText("hi"), "0x0c026869"],
    "a time": [derTime(1770919022), "0x170d3236303231323137353730325a"],
    "a length of one byte more": [der(0x30, new Uint8Array(128)).subarray(0, 3), "0x308180"],
    "a length of two bytes more": [der(0x30, new Uint8Array(256)).subarray(0, 4), "0x30820100"],
};

describe("Writers of simulated documents", () => {
    for (const [name, [written, expected]] of Object.entries(CBOR)) {
        it(`write ${name} in CBOR`, () => {
            expect(bytesToHex(written)).to.equal(expected);
        });
    }

    for (const [name, [written, expected]] of Object.entries(DER)) {
        it(`write ${name} in DER`, () => {
            expect(bytesToHex(written)).to.equal(expected);
        });
    }
});
