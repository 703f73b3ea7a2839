import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentHash, dtypeOf, encodeIoSpec, keccak256, modelIdOf, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import { inputFault, openModelStore, readArtifact } from "../../../offchain/executor/shell/models/store.ts";
import { inputOf } from "../../../offchain/executor/shell/steps/_input.ts";
import { account, someWanted, word } from "./_builders.ts";
import { faultOf } from "./_faults.ts";
import { INPUTS, MAX_PIXEL, type WrittenModel, writeForgedModel } from "./_model.ts";

const OWNER = account(0x0e);
const INPUT = new Uint8Array(INPUTS).fill(3);

describe("executor: model store", () => {
    let root: string;
    let model: WrittenModel;
    before(async () => {
        root = await mkdtemp(join(tmpdir(), "assay-models-"));
        model = await writeForgedModel({ dir: join(root, "model"), seed: 6 });
    });
    after(() => rm(root, { recursive: true }));

    it("finds a model by what its owner registered", async () => {
        const store = await openModelStore({ dirs: [model.dir] });
        const modelId = model.modelIdFor(OWNER);

        const found = store.find({ modelId, registration: { owner: OWNER, derivedFrom: ZERO_BYTES32 } });

        expect(found?.name).to.equal("forged-6");
        expect(store.has(model.spec)).to.equal(true);
        expect(store.has({ ...model.spec, vkHash: word(1) })).to.equal(false);
    });

    it("finds a version that was registered as made from another one", async () => {
        const store = await openModelStore({ dirs: [model.dir] });
        const derivedFrom = word(0xf);
        const modelId = modelIdOf({ owner: OWNER, contentHash: contentHash({ ...model.spec, derivedFrom }) });

        expect(store.find({ modelId, registration: { owner: OWNER, derivedFrom } })?.dir).to.equal(model.dir);
    });

    it("does not take the same files of another owner for this version", async () => {
        const store = await openModelStore({ dirs: [model.dir] });
        const registration = { owner: account(0xbad), derivedFrom: ZERO_BYTES32 };

        expect(store.find({ modelId: model.modelIdFor(OWNER), registration })).to.equal(undefined);
    });

    it("holds an artifact against its digest whenever it reads it", async () => {
        const dir = join(root, "changed");
        const { modelIdFor } = await writeForgedModel({ dir, seed: 7 });
        const store = await openModelStore({ dirs: [dir] });
        const found = store.find({
            modelId: modelIdFor(OWNER),
            registration: { owner: OWNER, derivedFrom: ZERO_BYTES32 },
        });
        if (found === undefined) throw new Error("The model was just written.");

        await writeFile(join(dir, "model.onnx"), "changed");
        const fault = await faultOf(readArtifact(found));

        expect(fault.code).to.equal("EXECUTOR_ARTIFACT_CORRUPT");
        expect(fault.message).to.include(found.artifact.sha256);
    });

    it("does not open a directory whose key is not the manifest's", async () => {
        const dir = join(root, "forgery");
        await writeForgedModel({ dir, seed: 8 });
        await writeFile(join(dir, "verifying.key"), model.key);

        expect((await faultOf(openModelStore({ dirs: [dir] }))).code).to.equal("COMPILED_MODEL_INVALID");
    });

    const inputs = [
        { it: "an input of the right length and range", input: INPUT, fault: undefined },
        { it: "the ends of the range", input: new Uint8Array(INPUTS).fill(MAX_PIXEL), fault: undefined },
        { it: "an element above the range", input: new Uint8Array(INPUTS).fill(MAX_PIXEL + 1), fault: "INPUT_RANGE" },
        { it: "an input that is too long", input: new Uint8Array(INPUTS + 1), fault: "INPUT_SHAPE" },
        { it: "no input", input: new Uint8Array(), fault: "INPUT_SHAPE" },
    ];
    for (const { it: title, input, fault } of inputs) {
        it(`judges ${title}`, async () => {
            const store = await openModelStore({ dirs: [model.dir] });
            const registration = { owner: OWNER, derivedFrom: ZERO_BYTES32 };
            const found = store.find({ modelId: model.modelIdFor(OWNER), registration });

            expect(found && inputFault({ model: found, input })).to.equal(fault);
        });
    }

    it("holds each input tensor against a range of its own", async () => {
        const store = await openModelStore({ dirs: [model.dir] });
        const found = store.find({
            modelId: model.modelIdFor(OWNER),
            registration: { owner: OWNER, derivedFrom: ZERO_BYTES32 },
        });
        if (found === undefined) throw new Error("the model is not found");
        const ranges = [
            { count: 1, min: 0n, max: 5n },
            { count: INPUTS - 1, min: 0n, max: 3n },
        ];
        const judge = (first: number, second: number) => {
            const input = new Uint8Array(INPUTS).with(0, first).with(1, second);
            return inputFault({ model: { ...found, ranges }, input });
        };

        expect(judge(5, 3)).to.equal(undefined);
        expect(judge(6, 0)).to.equal("INPUT_RANGE");
        expect(judge(0, 4)).to.equal("INPUT_RANGE");
    });
});

describe("executor: inputs of raw float32 numbers", () => {
    const side = { bits: 32, committed: false };
    const ioSpec = encodeIoSpec({
        input: { ...side, dtype: dtypeOf("float32").onnx, count: 2 },
        output: { ...side, dtype: dtypeOf("int32").onnx, count: 1 },
    });
    const digest = word(1);
    const spec = {
        artifactDigest: digest,
        ioSpec,
        schemaHash: digest,
        semantics: 1,
        vkHash: digest,
        derivedFrom: digest,
    };
    const ranges = [{ count: 2, min: 0n, max: 0xff80_0000n }];
    const artifact = { file: "model.onnx", sha256: digest };
    const model = { dir: "", name: "trees", spec, key: new Uint8Array(), artifact, ranges };

    for (const { it: title, values, fault } of [
        { it: "accept infinities and -0", values: [Number.NEGATIVE_INFINITY, -0], fault: undefined },
        { it: "refuse a NaN", values: [1, Number.NaN], fault: "INPUT_RANGE" },
    ]) {
        it(title, () => {
            const view = new DataView(new ArrayBuffer(4 * values.length));
            for (const [index, value] of values.entries()) view.setFloat32(4 * index, value);

            expect(inputFault({ model, input: new Uint8Array(view.buffer) })).to.equal(fault);
        });
    }
});

describe("executor: inputs by URI", () => {
    const URI = "https://inputs.example/one";
    type Answer = () => Promise<Response>;

    /** The input of a request that gives only a URI, from a server that answers so. */
    async function fetched({
        uri = URI,
        hash = keccak256(INPUT),
        answer,
    }: {
        uri?: string;
        hash?: `0x${string}`;
        answer: Answer;
    }) {
        const { spec } = await writeForgedModel({ dir: await mkdtemp(join(tmpdir(), "assay-model-")), seed: 9 });
        const asked: { url: string; redirect: string | undefined }[] = [];
        const wanted = { ...someWanted({ inputHash: hash }), inputUri: uri };
        const input = inputOf({
            context: {
                inputHosts: ["inputs.example"],
                fetch: async (url, options) => {
                    asked.push({ url: String(url), redirect: options?.redirect });
                    return answer();
                },
            },
            request: { wanted, input: new Uint8Array() },
            model: { spec },
            signal: new AbortController().signal,
        });
        return { input, asked };
    }
    const body =
        (bytes: Uint8Array): Answer =>
        async () =>
            new Response(Buffer.from(bytes));

    it("are taken from a host that the operator chose, without following redirects", async () => {
        const { input, asked } = await fetched({ answer: body(INPUT) });

        expect(await input).to.deep.equal(INPUT);
        expect(asked).to.deep.equal([{ url: URI, redirect: "error" }]);
    });

    const refused: Record<string, Partial<Parameters<typeof fetched>[0]>> = {
        "of another host are not fetched": { uri: "https://169.254.169.254/latest/meta-data" },
        "of another port are not fetched": { uri: "https://inputs.example:8443/one" },
        "without encryption are not fetched": { uri: "http://inputs.example/one" },
        "of files are not fetched": { uri: "file:///etc/passwd" },
        "that are no URIs are not fetched": { uri: "nowhere" },
    };
    for (const [title, wish] of Object.entries(refused)) {
        it(title, async () => {
            const { input, asked } = await fetched({ answer: body(INPUT), ...wish });

            expect(await input).to.equal(undefined);
            expect(asked).to.deep.equal([]);
        });
    }

    it("with another hash count as unavailable", async () => {
        expect(await (await fetched({ answer: body(INPUT), hash: word(1) })).input).to.equal(undefined);
    });

    it("longer than any input of the model are not read to their end", async () => {
        let chunks = 0;
        const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
            pull: (controller) => {
                chunks += 1;
                controller.enqueue(new Uint8Array(1_000));
            },
        });

        expect(await (await fetched({ answer: async () => new Response(endless) })).input).to.equal(undefined);
        expect(chunks).to.be.lessThan(5);
    });

    it("of a server that fails are asked for again later", async () => {
        const failing: Answer = async () => new Response("busy", { status: 503 });

        const fault = await faultOf((await fetched({ answer: failing })).input);

        expect(fault.code).to.equal("EXECUTOR_INPUT_UNAVAILABLE");
        expect(fault.retryable).to.equal(true);
    });
});
