import { access, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { aHome, type Ran, type Running, startProcess } from "../offchain/cli/_assay.ts";
import { startChain, type TestChain } from "../offchain/cli/_chain.ts";
import { type ShellBlock, shellBlocks } from "./_shellBlocks.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** A dozen commands, each a process of its own that loads the compiler, on a busy machine. */
const TUTORIAL_TIMEOUT_MS = 300_000;

/** `npx` without its search in a registry; a program that stays takes the shell's place, so that it can be stopped. */
const NPX = 'npx() { local bin="$BIN/$1"; shift; "$bin" "$@"; }';
const NPX_THAT_STAYS = 'npx() { local bin="$BIN/$1"; shift; exec "$bin" "$@"; }';

describe("docs/tutorials/model-to-chain.md", () => {
    let chain: TestChain;
    let home: string;
    let removeHome: () => Promise<void>;
    const running: Running[] = [];

    before(async () => {
        chain = await startChain();
        ({ home, remove: removeHome } = await aHome());
        // what the page is typed in: a checkout, whose packages `npx` finds, with the deployment of this chain
        await Promise.all(
            ["node_modules", "models"].map((name) => symlink(path.join(ROOT, name), path.join(chain.cwd, name))),
        );
        await writeFile(path.join(home, "env.sh"), "");
    });
    after(async () => {
        await Promise.all(running.map((process) => process.stop()));
        await chain.close();
        await removeHome();
    });

    /** Types a block into a shell of its own that knows what the blocks before have exported. */
    function type(code: string, npx = NPX): Running {
        const script = ["set -euo pipefail", npx, 'source "$ASSAY_HOME/env.sh"', code].join("\n");
        const env = {
            ASSAY_HOME: home,
            ASSAY_RPC_URL: chain.rpcUrl,
            BIN: path.join(ROOT, "node_modules", ".bin"),
            PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
        };
        return startProcess({ file: "bash", argv: ["-c", script] }, { cwd: chain.cwd, env });
    }

    /** Runs a block to its end and keeps what it exported. */
    async function ran({ code }: ShellBlock): Promise<Ran> {
        const ended = await type(`${code}\nexport -p > "$ASSAY_HOME/env.sh"`).ended;
        expect(ended.exitCode, `${code}\n${ended.stderr}`).to.equal(0);
        return ended;
    }

    it("leads from the model to a verified receipt when its commands are typed one after the other", async function () {
        this.timeout(TUTORIAL_TIMEOUT_MS);
        const blocks = shellBlocks(await readFile(path.join(ROOT, "docs/tutorials/model-to-chain.md"), "utf8"));
        const said: string[] = [];

        for (const block of blocks) {
            if (block.terminal === "") said.push((await ran(block)).stdout);
            if (block.terminal !== "executor") continue;
            const executor = type(block.code, NPX_THAT_STAYS);
            running.push(executor);
            await executor.says("serves chain 31337");
        }

        // the chain of this test stands in for the node and what is deployed to it
        expect(blocks.flatMap(({ terminal }) => (terminal === "" ? [] : [terminal]))).to.deep.equal([
            "node",
            "deploy",
            "executor",
        ]);
        const all = said.join("\n");
        expect(all)
            .to.contain("ZK_GROTH16")
            .and.to.match(/accepted +yes/);
        expect(all).to.match(/report +\S+report\.html/);
    });

    it("speaks of files and folders that exist", async () => {
        const folder = path.join(ROOT, "docs/tutorials");
        const text = await readFile(path.join(folder, "model-to-chain.md"), "utf8");

        const links = [...text.matchAll(/\]\((\.[^)#]+)\)/g)].map(([, link = ""]) => path.join(folder, link));

        expect(links).not.to.be.empty;
        for (const link of links) await access(link); // throws, naming it
    });
});
