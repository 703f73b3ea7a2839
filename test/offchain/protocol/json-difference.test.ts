import { canonicalJson, type Json, jsonDifferences } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";

const json = fc.jsonValue({ maxDepth: 3 }).map((value): Json => JSON.parse(JSON.stringify(value)));

describe("differences of JSON", () => {
    it("are none exactly where the canonical JSON is the same", () => {
        fc.assert(
            fc.property(json, json, (one, other) => {
                const isSame = canonicalJson(one) === canonicalJson(other);
                expect(jsonDifferences(one, other).length === 0).to.equal(isSame);
                expect(jsonDifferences(one, one)).to.deep.equal([]);
            }),
        );
    });

    it("name the place, whatever the members are called", () => {
        const before = JSON.parse('{"a":{"b c":[1,2]},"__proto__":1}');
        const after = JSON.parse('{"a":{"b c":[1,3,4]},"toString":null}');

        expect(jsonDifferences(before, after)).to.deep.equal([
            { path: "$.__proto__", change: "removed", before: 1 },
            { path: '$.a["b c"][1]', change: "changed", before: 2, after: 3 },
            { path: '$.a["b c"][2]', change: "added", after: 4 },
            { path: "$.toString", change: "added", after: null },
        ]);
    });

    for (const [what, before, after] of [
        ["an object and a list", {}, []],
        ["nothing and an object", null, {}],
        ["a number and its text", 1, "1"],
    ] as const) {
        it(`show a change of kind: ${what}`, () => {
            expect(jsonDifferences(before, after)).to.deep.equal([{ path: "$", change: "changed", before, after }]);
        });
    }
});
