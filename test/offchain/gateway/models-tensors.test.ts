import { readFile } from "node:fs/promises";
import { decodeTensor, type JsonObject, keccak256 } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import type { Models } from "../../../offchain/gateway/core/model.ts";
import { createWorld, type World } from "../sdk/_world.ts";
import { codeOf, codeOfError, MODELS, modelFile, modelNamed, openModels, SALT } from "./_models.ts";

const samples = z.object({ samples: z.array(z.object({ input: z.array(z.number()), label: z.number() })) });
const signal = new AbortController().signal;

describe("gateway models of tensors", () => {
    let world: World;
    let models: Models;

    before(async () => {
        world = await createWorld();
        models = await openModels(world, { sources: [modelFile("digits.onnx"), modelFile("wine.onnx")] });
    });
    after(async () => models.close());

    const digits = () => modelNamed(models, "digits");
    const read = (body: JsonObject, config?: JsonObject) => digits().read(body, { salt: SALT, config });

    it("answer held back images as their labels say", async () => {
        const file = samples.parse(JSON.parse(await readFile(modelFile("digits.samples.json"), "utf8")));

        const answers: number[] = [];
        for (const { input } of file.samples) {
            const { input: bytes } = read({ model: "digits", inputs: { input } });
            const { output } = await digits().run({ input: bytes, signal });
            answers.push(Number(decodeTensor({ dtype: "int64", bytes: output })[0]));
        }

        const right = file.samples.filter(({ label }, at) => answers[at] === label);
        expect(right.length).to.be.greaterThan(file.samples.length - 2);
    });

    it("are registered as floating point, signed only, and found by name and modelId", () => {
        const model = digits();

        expect(model.facts.semantics).to.equal("FLOAT");
        expect(model.families).to.deep.equal([0]);
        expect(models.find(model.modelId)).to.equal(model);
    });

    it("are found in the registry the second time, not registered again", async () => {
        const before = await world.provider.getBlockNumber();

        const again = await openModels(world, { sources: [modelFile("digits.onnx")], registersMissing: false });
        await again.close();

        expect(await world.provider.getBlockNumber()).to.equal(before);
        expect(again.find("digits")?.modelId).to.equal(digits().modelId);
    });

    it("are left out when they are not registered and may not be", async () => {
        const sources = [modelFile("digits.onnx"), modelFile("lenet5.onnx")];

        const some = await openModels(world, { sources, registersMissing: false });
        await some.close();

        expect(some.all().map(({ name }) => name)).to.deep.equal(["digits"]);
    });

    it("take one tensor nested, flat, described or alone, as the same bytes", () => {
        const flat = Array.from({ length: 64 }, (_, at) => at % 17);
        const forms = [{ input: flat }, { input: [flat] }, { input: { data: flat, shape: [1, 64] } }, flat, [flat]];

        const bytes = forms.map((inputs) => keccak256(read({ model: "digits", inputs }).input));

        expect(new Set(bytes).size).to.equal(1);
    });

    it("present outputs with dtype, shape and elements", async () => {
        const { input } = read({ model: "digits", inputs: Array(64).fill(0) });

        const { output } = await digits().run({ input, signal });

        const { outputs } = z
            .object({ outputs: z.record(z.string(), z.json()) })
            .parse(digits().present({ input, output }));
        const [value] = decodeTensor({ dtype: "int64", bytes: output });
        expect(outputs).to.deep.equal({ class: { dtype: "int64", shape: [1], data: [Number(value)] } });
    });

    it("apply a configuration's preprocessing to the input that is signed", () => {
        const inputs = Array(64).fill(2);
        const config = { preprocessing: { inputs: { input: { multiply: 3, add: 1 } } } };

        const { input, effective } = read({ model: "digits", inputs }, config);

        expect(keccak256(input)).to.equal(keccak256(read({ model: "digits", inputs: Array(64).fill(7) }).input));
        expect(effective).to.deep.equal(config);
    });

    const wrong: [string, JsonObject][] = [
        ["nothing", { model: "digits" }],
        ["null", { model: "digits", inputs: null }],
        ["another input", { model: "digits", inputs: { other: [] } }],
        ["one input too many", { model: "digits", inputs: { input: Array(64).fill(0), other: [] } }],
        ["too few elements", { model: "digits", inputs: Array(63).fill(0) }],
        ["another shape", { model: "digits", inputs: { input: { data: Array(64).fill(0), shape: [8, 8] } } }],
        ["another member", { model: "digits", inputs: { input: { data: Array(64).fill(0), shape: [1, 64], x: 1 } } }],
        ["text", { model: "digits", inputs: Array(64).fill("1") }],
        ["an element beyond float32", { model: "digits", inputs: [1e39, ...Array(63).fill(0)] }],
        ["deep nesting", { model: "digits", inputs: nested(10_000) }],
    ];
    for (const [name, body] of wrong) {
        it(`refuse ${name} as GATEWAY_BODY_INVALID`, () => {
            expect(codeOf(() => read(body))).to.equal("GATEWAY_BODY_INVALID");
        });
    }

    it("refuse parameters that they do not know", () => {
        const body = { model: "digits", inputs: Array(64).fill(0), stream: true };

        expect(codeOf(() => read(body))).to.equal("GATEWAY_PARAMETER_UNSUPPORTED");
    });

    it("refuse a folder without models and two of one name", async () => {
        const empty = await openModels(world, { sources: [`${MODELS}/../docs`] }).catch(codeOfError);
        const sources = [modelFile("digits.onnx"), modelFile("digits.onnx")];
        const twice = await openModels(world, { sources }).catch(codeOfError);

        expect([empty, twice]).to.deep.equal(["GATEWAY_SETTINGS_INVALID", "GATEWAY_SETTINGS_INVALID"]);
    });
});

function nested(depth: number): JsonObject[string] {
    let value: JsonObject[string] = [];
    for (let level = 0; level < depth; level++) value = [value];
    return value;
}
