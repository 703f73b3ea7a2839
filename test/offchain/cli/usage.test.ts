import { expect } from "chai";
import { assay, assayProcess } from "./_assay.ts";

const VERBS = [
    "demo",
    "compile",
    "prove",
    "verify",
    "register",
    "quote",
    "request",
    "cancel",
    "refund",
    "withdraw",
    "receipt",
    "tee",
    "executor",
    "key",
    "doctor",
];
const MODEL = `0x${"00".repeat(32)}`;

describe("assay usage", () => {
    it("lists every verb", async () => {
        const { exitCode, stdout, stderr } = await assay(["--help"]);

        expect(exitCode).to.equal(0);
        expect(stderr).to.equal("");
        for (const verb of VERBS) expect(stdout).to.match(new RegExp(`^  ${verb}\\b`, "m"));
    });

    for (const verb of VERBS) {
        it(`explains ${verb}`, async () => {
            const { exitCode, stdout } = await assay([verb, "--help"]);

            expect(exitCode).to.equal(0);
            expect(stdout).to.contain(`Usage: assay ${verb}`);
        });
    }

    for (const [what, argv] of Object.entries({
        "no verb": [],
        "an unknown verb": ["frobnicate"],
        "a group without its verb": ["key"],
        "an unknown option": ["key", "list", "--frob"],
        "a missing argument": ["cancel"],
        "too many arguments": ["key", "list", "a"],
        "a missing option": ["quote", "--model", MODEL],
        "an option that does not parse": ["quote", "--model", "0x12", "--policy", "ZK"],
        "a policy nobody knows": ["quote", "--model", MODEL, "--policy", "SURE"],
        "an address with a wrong checksum": [
            ...["quote", "--model", MODEL, "--policy", "ZK"],
            ...["--executor", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"],
        ],
    })) {
        it(`ends with 2 for ${what}`, async () => {
            const { exitCode, stdout, stderr } = await assay(argv);

            expect(exitCode).to.equal(2);
            expect(stdout).to.equal("");
            expect(stderr).to.match(/WRONG_USAGE: .+\n {2}fix: assay .*--help\n$/s);
        });
    }

    for (const [argv, hint] of [
        [["frobnicate"], "assay --help"],
        [["key", "list", "--frob"], "assay key list --help"],
        [["key", "frob"], "assay key --help"],
        [["cancel"], "assay cancel --help"],
        [["compile", "a.onnx", "b.onnx"], "assay compile --help"],
    ] as const) {
        it(`points ${argv.join(" ")} to ${hint}`, async () => {
            const { exitCode, json } = await assay([...argv, "--json"]);

            expect(exitCode).to.equal(2);
            expect(json.error.fix).to.equal(hint);
        });
    }

    for (const argv of [
        ["prove", "--dir", "model"],
        ["request", "--model", MODEL, "--policy", "ZK", "--input", "numbers.json"],
    ]) {
        it(`misses the input of ${argv.join(" ")}`, async () => {
            const { exitCode, json } = await assay([...argv, "--json"]);

            expect(exitCode).to.equal(2);
            expect(json.error.message).to.contain("an input is missing: --input with --dir");
        });
    }

    it("prints a fault as JSON on stdout with --json, and as text on stderr", async () => {
        const { exitCode, json, stderr } = await assay(["quote", "--json"]);

        expect(exitCode).to.equal(2);
        expect(json).to.deep.equal({
            error: { code: "WRONG_USAGE", message: "model is missing; policy is missing", fix: "assay quote --help" },
        });
        expect(stderr).to.contain("WRONG_USAGE");
    });

    it("ends with 1 when no node answers, without a stack trace", async () => {
        const { exitCode, stdout, stderr } = await assay(["refund", MODEL, "--rpc", "http://127.0.0.1:9"]);

        expect(exitCode).to.equal(1);
        expect(stdout).to.equal("");
        expect(stderr).to.match(/^RPC_UNREACHABLE: No node answers at http:\/\/127\.0\.0\.1:9\.\n {2}fix: .+\n$/);
    });

    it("shows where a fault came from with --verbose", async () => {
        const { stderr } = await assay(["refund", MODEL, "--rpc", "http://127.0.0.1:9", "--verbose"]);

        expect(stderr).to.match(/^ {4}at /m);
    });

    it("does not print the secret part of a node's URL", async () => {
        const { stderr } = await assay(["refund", MODEL, "--rpc", "http://user:word@127.0.0.1:9/v3/secret?key=secret"]);

        expect(stderr).to.contain("http://127.0.0.1:9.");
        expect(stderr).not.to.match(/secret|word/);
    });

    describe("as a process", () => {
        it("hands results to stdout and the exit code to the caller", async () => {
            const { exitCode, stdout, stderr } = await assayProcess(["--version"]);

            expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: "" });
            expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
        });

        it("ends with 2 for wrong usage", async () => {
            const { exitCode, stderr } = await assayProcess(["frobnicate"]);

            expect(exitCode).to.equal(2);
            expect(stderr).to.contain("WRONG_USAGE: unknown command 'frobnicate'");
        });

        it("runs again under the Node of the packages when started by an older one", async () => {
            const older = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})";
            const nodeOptions = ["--import", `data:text/javascript,${older}`];

            const { exitCode, stdout } = await assayProcess(["key", "--frob"], { nodeOptions });
            const fine = await assayProcess(["--version"], { nodeOptions });

            expect({ exitCode, stdout }).to.deep.equal({ exitCode: 2, stdout: "" });
            expect(fine.stdout).to.match(/^\d+\.\d+\.\d+\n$/);
        });
    });
});
