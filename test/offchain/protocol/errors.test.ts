import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { explainContractError, explainError, isProtocolError, ProtocolError } from "@assay/protocol";
import { expect } from "chai";
import table from "../../../offchain/protocol/errors/table.json" with { type: "json" };

/** Source files below a folder, other people's packages left out. */
function filesBelow(folder: string, ending: string): string[] {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(ending) && !name.includes("node_modules"))
        .map((name) => join(folder, name));
}

/** Names of the errors that contracts declare; mocks stand for other people's contracts. */
function contractErrors(): string[] {
    const sources = filesBelow("contracts", ".sol").filter((name) => !name.startsWith(join("contracts", "mocks")));
    const names = sources.flatMap((name) =>
        [...readFileSync(name, "utf8").matchAll(/^\s*error\s+(\w+)\s*\(/gm)].map(([, error]) => error ?? ""),
    );
    return [...new Set(names)].sort();
}

describe("error table", () => {
    it("has every error that a contract declares, and no other", () => {
        const own = contractErrors().filter((name) => name in table.contracts || !(name in table.attestation));
        expect(Object.keys(table.contracts).sort()).to.deep.equal(own);
    });

    it("has every code that a package throws", () => {
        const known = new Set(Object.keys(table.codes));
        const sources = ["offchain", "scripts"].flatMap((folder) => filesBelow(folder, ".ts"));
        const thrown = sources.flatMap((name) =>
            [...readFileSync(name, "utf8").matchAll(/\bcode: "([A-Z][A-Z0-9_]+)"(?! \|)/g)].map(
                ([, code]) => code ?? "",
            ),
        );

        expect([...new Set(thrown)].filter((code) => code !== "ACCEPTED" && !known.has(code))).to.deep.equal([]);
    });

    it("explains each in whole sentences, and says how to solve it", () => {
        const { codes, attestation, contracts } = table;
        const rows = [codes, attestation, contracts].flatMap((part) => Object.entries(part));
        for (const [name, { meaning, fix }] of rows) {
            expect(meaning, name).to.match(/^\S.*[.!?]$/s);
            expect(fix, name).to.match(/^\S.*[.!?]$/s);
        }
        for (const code of Object.keys(codes)) expect(code).to.match(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    });

    it("gives errors their message, fix, retryability and cause", () => {
        const cause = new Error("why");
        const error = new ProtocolError({ code: "HEX_INVALID", message: "This is no hash.", cause });

        expect(error.message).to.equal("This is no hash. Give 0x and two hex digits per byte.");
        expect(error).to.include({ code: "HEX_INVALID", retryable: false, cause, name: "ProtocolError" });
        expect(new ProtocolError({ code: "HEX_INVALID" }).message).to.contain(explainError("HEX_INVALID").meaning);
        expect(isProtocolError(error)).to.equal(true);
        expect(isProtocolError(error, "DTYPE_UNKNOWN")).to.equal(false);
        expect(isProtocolError(cause)).to.equal(false);
    });

    it("explains contract errors by name", () => {
        expect(explainContractError("PolicyNotMet")?.fix).to.contain("evidence");
        expect(explainContractError("constructor")).to.equal(undefined);
    });
});

describe("generated files", () => {
    it("are what their tables say", () => {
        expect(execFileSync(process.execPath, ["scripts/generate.ts", "--check"], { encoding: "utf8" })).to.equal("");
    });
});
