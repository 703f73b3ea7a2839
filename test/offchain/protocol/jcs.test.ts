import { canonicalJson, configHashOf, hashJson, schemaHashOf, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import { id } from "ethers";
import fc from "fast-check";
import { expectError } from "./_expect.ts";

describe("canonical JSON", () => {
    it("sorts members by UTF-16 code units and drops white space, as RFC 8785 shows", () => {
        const value = JSON.parse(
            '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew","1":"One","\\ud83d\\ude00":"Emoji","\\u0080":"Control","\\u00f6":"Latin"}',
        );

        expect(canonicalJson(value)).to.equal(
            '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji","\ufb33":"Hebrew"}',
        );
    });

    it("writes numbers as RFC 8785 shows", () => {
        const numbers = [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0];

        expect(canonicalJson(numbers)).to.equal("[333333333.3333333,1e+30,4.5,0.002,1e-27,0]");
    });

    it("does not depend on the order of members", () => {
        fc.assert(
            fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.integer()), (value) => {
                const reversed = Object.fromEntries(Object.entries(value).reverse());
                expect(hashJson(reversed)).to.equal(hashJson(value));
            }),
        );
    });

    it("reads back as the same value", () => {
        fc.assert(
            fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
                const text = canonicalJson(value);
                expect(canonicalJson(JSON.parse(text))).to.equal(text);
            }),
        );
    });

    it("refuses what JSON would drop or rewrite", () => {
        const refused = [
            undefined,
            { a: undefined },
            [undefined],
            Number.NaN,
            Infinity,
            1n,
            () => 0,
            new Date(0),
            "\ud800",
        ];
        for (const value of refused) expectError(() => canonicalJson(value), "JSON_INVALID");
        expectError(() => canonicalJson(new Array(2)), "JSON_INVALID");
        expectError(() => canonicalJson({ toJSON: () => 1 }), "JSON_INVALID");
    });

    it("names the member at fault", () => {
        const error = expectError(() => canonicalJson({ a: [1, { b: undefined }] }), "JSON_INVALID");

        expect(error.message).to.contain("$.a[1].b");
    });

    it("gives configurations and schemas their hash; no configuration is zero", () => {
        expect(configHashOf(undefined)).to.equal(ZERO_BYTES32);
        expect(configHashOf({ temperature: 0, system: "Be brief." })).to.equal(
            id('{"system":"Be brief.","temperature":0}'),
        );
        expect(schemaHashOf({ outputs: [], inputs: [] })).to.equal(id('{"inputs":[],"outputs":[]}'));
    });
});
