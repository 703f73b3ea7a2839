import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import { eraseReceipt } from "@assay/protocol";
import { expect } from "chai";
import { aGatewayReceipt, settled } from "../sdk/_gatewayReceipt.ts";
import { assay } from "./_assay.ts";
import { startChain, type TestChain } from "./_chain.ts";

const FALSE_HASH = `0x${"ba".repeat(32)}`;

describe("assay receipt verify, of a gateway's receipt", () => {
    let chain: TestChain;
    let liar: Liar;
    before(async () => {
        chain = await startChain();
        liar = await startLiar(chain.rpcUrl);
        const receipt = await settled(chain.world, [await aGatewayReceipt(chain.world)]);
        await keep("receipt.json", receipt);
        await keep("erased.json", eraseReceipt(receipt));
        await keep("answer.json", { id: "rcpt_0", status: "settled", isErased: false, receipt });
        await keep("waiting.json", { id: "rcpt_0", status: "running", isErased: false, receipt: null });
        await writeFile(path.join(chain.cwd, "cut.json"), JSON.stringify(receipt).slice(0, 500));
        await keep("changed.json", { ...receipt, context: { ...receipt.context, sequence: 7 } });
    });
    after(async () => {
        await liar?.close();
        await chain?.close();
    });

    const keep = (file: string, value: unknown) => writeFile(path.join(chain.cwd, file), JSON.stringify(value));
    const verify = (...args: string[]) => assay(["receipt", "verify", ...args, "--json"], { cwd: chain.cwd });

    it("works from the file alone, and lists as claimed what only a node can say", async () => {
        const { exitCode, json } = await verify("receipt.json");

        expect(exitCode).to.equal(0);
        const claimed = json.claimed.map(({ subject }: { subject: string }) => subject);
        expect(claimed).to.include.members(["context.payment", "context.config", "settlement.root"]);
    });

    it("proves the rest by a node, and by several that agree", async () => {
        const one = await verify("receipt.json", "--rpc", chain.rpcUrl);
        const two = await verify("receipt.json", "--rpc", chain.rpcUrl, "--rpc", chain.rpcUrl);

        for (const { exitCode, json } of [one, two]) {
            expect(exitCode).to.equal(0);
            expect(json.claimed.map(({ subject }: { subject: string }) => subject)).to.deep.equal([
                "statement.issuedAt",
            ]);
        }
    });

    it("refuses to choose between nodes, and names the one that says otherwise", async () => {
        const { exitCode, json } = await verify("receipt.json", "--rpc", chain.rpcUrl, "--rpc", liar.rpcUrl);

        expect(exitCode).to.equal(1);
        expect(json.error.code).to.equal("RECEIPT_NODES_DISAGREE");
        expect(json.error.message).to.contain(`${liar.rpcUrl} (node 2)`).and.contain("block.hash");
    });

    it("refuses the receipt where the only node lies", async () => {
        const { exitCode, json } = await verify("receipt.json", "--rpc", liar.rpcUrl);

        expect(exitCode).to.equal(1);
        expect(json).to.deep.include({ accepted: false, code: "RECEIPT_BLOCK_MISMATCH" });
    });

    it("does without no node that was named", async () => {
        const { exitCode, json } = await verify("receipt.json", "--rpc", chain.rpcUrl, "--rpc", "http://127.0.0.1:9");

        expect(exitCode).to.equal(1);
        expect(json.error.code).to.equal("RPC_UNREACHABLE");
    });

    it("names what was changed", async () => {
        const { exitCode, json } = await verify("changed.json");

        expect(exitCode).to.equal(1);
        expect(json).to.deep.include({ accepted: false, code: "RECEIPT_CONTEXT_MISMATCH" });
    });

    it("finds the receipt in what a gateway answers, and says when there is none", async () => {
        const { exitCode, json } = await verify("answer.json", "--rpc", chain.rpcUrl);
        const waiting = await verify("waiting.json");

        expect({ exitCode, accepted: json.accepted }).to.deep.equal({ exitCode: 0, accepted: true });
        expect(waiting.exitCode).to.equal(1);
        expect(waiting.json.error).to.deep.include({ code: "RECEIPT_NOT_IN_FILE" });
        expect(waiting.json.error.message).to.contain('"running"');
    });

    it("says of a file that was cut short that it may not be whole", async () => {
        const { exitCode, json } = await verify("cut.json");

        expect({ exitCode, code: json.error.code }).to.deep.equal({ exitCode: 1, code: "JSON_FILE_INVALID" });
        expect(json.error.message).to.contain("or not all of it");
        expect(json.error.fix).to.contain("fetch the file again");
    });

    describe("in a folder without a deployment", () => {
        const elsewhere = (home: string) =>
            assay(["receipt", "verify", path.join(chain.cwd, "receipt.json"), "--rpc", chain.rpcUrl, "--json"], {
                cwd: path.join(chain.cwd, "deployments"),
                env: { ASSAY_HOME: home },
            });

        it("takes the one that a gateway keeps in its home", async () => {
            const { exitCode, json } = await elsewhere(chain.cwd);

            expect({ exitCode, accepted: json.accepted }).to.deep.equal({ exitCode: 0, accepted: true });
        });

        it("asks for the contracts that are trusted when there is none", async () => {
            const { exitCode, json } = await elsewhere(path.join(chain.cwd, "no-home"));

            expect({ exitCode, code: json.error.code }).to.deep.equal({
                exitCode: 1,
                code: "RECEIPT_DEPLOYMENT_MISSING",
            });
            expect(json.error.fix).to.contain("--deployment");
        });

        it("passes over no file that is there but wrong", async () => {
            const home = path.join(chain.cwd, "wrong-home");
            await mkdir(path.join(home, "deployments"), { recursive: true });
            await writeFile(path.join(home, "deployments", "31337.json"), "{");

            const { exitCode, json } = await elsewhere(home);

            expect({ exitCode, code: json.error.code }).to.deep.equal({ exitCode: 1, code: "DEPLOYMENT_INVALID" });
        });
    });

    it("finds an erased receipt in its batch all the same", async () => {
        const { exitCode, json } = await verify("erased.json", "--rpc", chain.rpcUrl);

        expect(exitCode).to.equal(0);
        expect(json.warnings.map(({ code }: { code: string }) => code)).to.deep.equal(["RECEIPT_ERASED"]);
    });

    it("says for people what it cost, what shaped it and where it was recorded", async () => {
        const { stdout } = await assay(["receipt", "show", "receipt.json"], { cwd: chain.cwd });

        expect(stdout).to.match(/paid +1000 units of 0x[0-9a-f]{40} by 0x/);
        expect(stdout).to.match(/configuration +support\/answers of 0x[0-9a-f]{40}, version 1, in force from \d+/);
        expect(stdout).to.match(/settled +sequence 0, root 0x/);
    });

    it("says for people the same of many members on one line, and of a refusal what to do", async () => {
        const accepted = await assay(["receipt", "verify", "receipt.json", "--rpc", chain.rpcUrl], { cwd: chain.cwd });
        const refused = await assay(["receipt", "verify", "changed.json"], { cwd: chain.cwd });

        expect(accepted.stdout.match(/The chain says exactly this\./g)).to.have.length(1);
        expect(accepted.stdout).to.match(/^proven by chain +[\w.]+, .*: The chain says exactly this\.$/m);
        expect(refused.stdout).to.match(/^verdict +REFUSED RECEIPT_CONTEXT_MISMATCH: .+\nfix +\S.+/m);
    });
});

type Liar = { rpcUrl: string; close: () => Promise<void> };

/** A node that says everything that another one says, but for the hashes of blocks. */
async function startLiar(rpcUrl: string): Promise<Liar> {
    const server: Server = createServer(async (request, response) => {
        const body = await text(request);
        const answer = await fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
        const said: unknown = await answer.json();
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(Array.isArray(said) ? said.map(falsified) : falsified(said)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    return {
        rpcUrl: `http://127.0.0.1:${port}`,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a node answers
function falsified(said: any): unknown {
    const isBlock = said?.result?.transactionsRoot !== undefined;
    return isBlock ? { ...said, result: { ...said.result, hash: FALSE_HASH } } : said;
}
