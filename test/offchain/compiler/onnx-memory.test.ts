import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect } from "chai";
import { aNodeMessage, rawOnnx, rawOnnxOfTensor } from "./_rawOnnx.ts";

/** JavaScript heap of the reading thread; the file itself, at most 64 MiB, and one copy of its tensors come on top. */
const HEAP_MB = 192;

/** The tightest packing of each kind of message that the reader still decodes, and the next larger one. */
const BOMBS = [
    { it: "empty nodes", file: (count: number) => rawOnnx({ graph: { node: empty(count) } }), most: 155_000 },
    { it: "attributes", file: (count: number) => withAttributes(named(count)), most: 70_000 },
    { it: "empty tensors", file: (count: number) => rawOnnx({ graph: { initializer: named(count) } }), most: 100_000 },
    {
        it: "integers of an attribute",
        file: (count: number) => withAttributes([{ name: "a", type: 7, ints: zeros(count) }]),
        most: 1_040_000,
    },
    {
        it: "integers of a tensor",
        file: (count: number) => rawOnnxOfTensor({ dataType: 7, rawData: undefined, int64Data: zeros(count) }),
        most: 1_040_000,
    },
    { it: "dimensions", file: (count: number) => rawOnnxOfTensor({ dims: zeros(count) }), most: 1_040_000 },
    {
        it: "names",
        file: (count: number) => rawOnnx({ graph: { node: [aNodeMessage({ input: Array(count).fill("") })] } }),
        most: 600_000,
    },
];

function empty(count: number): object[] {
    return Array.from({ length: count }, () => ({}));
}

function named(count: number): object[] {
    return Array.from({ length: count }, (_, index) => ({ name: String(index) }));
}

function zeros(count: number): Uint8Array {
    return new Uint8Array(count);
}

function withAttributes(attribute: object[]): Uint8Array {
    return rawOnnx({ graph: { node: [aNodeMessage({ attribute })] } });
}

/** What a thread with a small heap answers; a thread that runs out of memory rejects. */
async function readInSmallHeap(file: Uint8Array): Promise<unknown> {
    const worker = new Worker(new URL("./_readWorker.ts", import.meta.url), {
        workerData: file,
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 32 },
    });
    const [answer] = await once(worker, "message");
    await worker.terminate();
    return answer;
}

describe("the memory of the ONNX reader", () => {
    for (const { it: name, file, most } of BOMBS) {
        it(`is bounded for ${name}`, async () => {
            expect(await readInSmallHeap(file(most))).to.not.equal("ONNX_TOO_LARGE");
            expect(await readInSmallHeap(file(2 * most))).to.equal("ONNX_TOO_LARGE");
        }).timeout(30_000); // two threads start and load the reader
    }
});
