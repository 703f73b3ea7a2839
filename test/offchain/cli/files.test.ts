import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { readJson } from "../../../offchain/cli/io/files.ts";
import { inputFile } from "../../../offchain/cli/model/inputFile.ts";
import { rejection } from "../compiler/_faults.ts";
import { inTempDir } from "../compiler/_tempDir.ts";

describe("an input file", () => {
    it("that is one flat list is refused in a few lines that say how it must look", async () => {
        await inTempDir(async (dir) => {
            const file = join(dir, "input.json");
            await writeFile(file, JSON.stringify({ input_data: new Array<number>(64).fill(1) }));

            const { code, message } = await rejection(readJson({ file, schema: inputFile }));

            expect(code).to.equal("JSON_FILE_INVALID");
            expect(message).to.contain("[[…]]").and.to.contain("and 61 more");
            expect(message.split("\n")).to.have.length.below(10);
        });
    });
});
