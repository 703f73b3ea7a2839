/** Bodies that say one thing to whoever hashes them and another to whoever runs them. */
import { bytesToHex, hashJson } from "@assay/protocol";
import { expect } from "chai";
import { jsonBody } from "../../offchain/gateway/core/jsonBody.ts";
import { readTensors } from "../../offchain/gateway/core/readTensors.ts";
import { faultOf } from "../offchain/executor/_faults.ts";

const FLOAT = { name: "x", dtype: "float32", shape: [1], count: 1, bytes: 4 };

function read(text: string): ReturnType<typeof jsonBody> {
    return jsonBody(new TextEncoder().encode(text));
}

describe("attack: bodies of two meanings", () => {
    const refused = {
        "a member twice, of which a proxy reads the first": '{"model":"cheap","model":"dear"}',
        "a member twice, deep inside": '{"tools":[{"type":"a","function":{"name":"x","name":"y"}}]}',
        "a member twice, once in escapes": '{"model":"cheap","\\u006dodel":"dear"}',
        "a member that objects lose, in what is passed on":
            '{"tools":[{"type":"function","__proto__":{"strict":true}}]}',
        "the same in escapes": '{"response_format":{"\\u005f_proto__":{"type":"json_object"}}}',
    };
    for (const [what, text] of Object.entries(refused)) {
        it(`refuses ${what}`, async () => {
            const fault = await faultOf(Promise.try(() => read(text)));

            expect(fault.code).to.equal("GATEWAY_BODY_INVALID");
        });
    }

    it("takes colons, braces and quotes in text for text", () => {
        const body = { text: 'a: {"b": [": \\" :"]}', list: [{ a: 1 }, { a: ":" }, []] };

        expect(read(JSON.stringify(body))).to.deep.equal(body);
    });

    it("runs one input for bodies of one hash, whatever their zeros", () => {
        const bodies = ['{"x":[0]}', '{"x":[-0]}', '{"x":[-0.0e5]}'].map((text) => read(text));

        const hashes = bodies.map(hashJson);
        const inputs = bodies.map((inputs) => bytesToHex(readTensors({ tensors: [FLOAT], inputs })));

        expect([new Set(hashes).size, new Set(inputs).size]).to.deep.equal([1, 1]);
    });

    it("hashes nothing that JSON of others cannot say", async () => {
        for (const text of ['{"a":1e400}', '{"a":"\\ud800"}', '{"\\udc00":1}']) {
            const fault = await faultOf(Promise.try(() => hashJson(read(text))));

            expect(fault.code).to.equal("JSON_INVALID");
        }
    });
});
