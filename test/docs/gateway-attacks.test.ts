import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";

const ROWS = 25;

describe("docs: attacks on a gateway", () => {
    const text = readFileSync("docs/security-model.md", "utf8");
    const rows = [...text.matchAll(/^\| (S\d+) \|.*\| ([^|]*) \|$/gm)].map(([, name = "", tests = ""]) => {
        return { name, files: [...tests.matchAll(/`([^`]+)`/g)].map(([, file]) => `test/${file}.test.ts`) };
    });

    it("name every one, in order", () => {
        const names = Array.from({ length: ROWS }, (_, i) => `S${i + 1}`);

        expect(rows.map(({ name }) => name)).to.deep.equal(names);
    });

    it("name tests that are there", () => {
        for (const { name, files } of rows) {
            expect(files, name).to.not.be.empty;
            for (const file of files) expect(existsSync(file), file).to.equal(true);
        }
    });
});
