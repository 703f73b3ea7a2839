import { bytesToHex, hexToBytes, isHex, keccak256, toHex, uintToHex } from "@assay/protocol";
import { expect } from "chai";
import { keccak256 as ethersKeccak } from "ethers";
import fc from "fast-check";
import { expectError } from "./_expect.ts";

describe("hex", () => {
    it("writes bytes and reads them back", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
                expect(hexToBytes(bytesToHex(bytes))).to.deep.equal(bytes);
            }),
        );
    });

    it("has one form: lower case", () => {
        expect(toHex("0xABCDef")).to.equal("0xabcdef");
    });

    it("refuses what is not hex of whole bytes", () => {
        for (const text of ["", "0x0", "abcd", "0xgg", "0x 1", "0x00\n"]) {
            expect(isHex(text), text).to.equal(false);
            expectError(() => toHex(text), "HEX_INVALID");
        }
    });

    it("refuses another length than wanted", () => {
        expect(toHex("0x0102", 2)).to.equal("0x0102");
        expectError(() => toHex("0x0102", 32), "HEX_INVALID");
    });

    it("pads unsigned integers and refuses what does not fit", () => {
        expect(uintToHex(258n, 4)).to.equal("0x00000102");
        expectError(() => uintToHex(256n, 1), "VALUE_OUT_OF_RANGE");
        expectError(() => uintToHex(-1n), "VALUE_OUT_OF_RANGE");
    });

    it("hashes like Ethereum", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
                expect(keccak256(bytes)).to.equal(ethersKeccak(bytes));
            }),
        );
    });
});
