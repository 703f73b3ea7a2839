import { readdirSync, readFileSync } from "node:fs";
import * as protocol from "@assay/protocol";
import { expect } from "chai";

interface Example {
    file: string;
    lines: string[];
}

const FOLDER = "offchain/protocol";

/** Every `@example` block of the package. */
function examples(): Example[] {
    const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .filter((name) => !name.includes("node_modules"));
    return files.flatMap((file) => {
        const blocks = readFileSync(`${FOLDER}/${file}`, "utf8").matchAll(/ \* @example\n((?: \* .*\n)+)/g);
        return [...blocks].map(([, block = ""]) => ({
            file,
            lines: block
                .trimEnd()
                .split("\n")
                .map((line) => line.slice(3)),
        }));
    });
}

/** `value; // expected` becomes a comparison, everything else stays as it is. */
function asTest(line: string): string {
    const [, value, expected] = /^(.*); \/\/ (.+)$/.exec(line) ?? [];
    return value === undefined ? line : `expect(${value}).to.deep.equal(${expected});`;
}

describe("examples of the protocol package", () => {
    it("exist", () => {
        expect(examples().length).to.be.greaterThan(15);
    });

    for (const { file, lines } of examples()) {
        it(`run: ${file}, ${lines[0]}`, async () => {
            const names = Object.keys(protocol);
            const body = lines.map(asTest).join("\n");
            const run = new Function(...names, "expect", `return (async () => {${body}\n})();`);
            await run(...Object.values(protocol), expect);
            expect(body).to.contain("expect(");
        });
    }
});
