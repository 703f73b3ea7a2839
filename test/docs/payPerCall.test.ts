import { access, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { aHome, type Running, startProcess } from "../offchain/cli/_assay.ts";
import { startChain, type TestChain } from "../offchain/cli/_chain.ts";
import { shellBlocks } from "./_shellBlocks.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = path.join(ROOT, "docs/tutorials/pay-per-call.md");
/** Six commands, each a process of its own, one of which proves, on a busy machine. */
const TUTORIAL_TIMEOUT_MS = 300_000;
/** Where the page says that the gateway listens. */
const PORT = "8402";

/** `npx` without its search in a registry; a program that stays takes the shell's place, so that it can be stopped. */
const NPX = 'npx() { local bin="$BIN/$1"; shift; "$bin" "$@"; }';
const NPX_THAT_STAYS = 'npx() { local bin="$BIN/$1"; shift; exec "$bin" "$@"; }';

describe("docs/tutorials/pay-per-call.md", () => {
    let chain: TestChain;
    let home: string;
    let removeHome: () => Promise<void>;
    let gateway: Running | undefined;

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
        await gateway?.stop();
        await chain?.close();
        await removeHome?.();
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

    it("leads to a verified answer when its commands are typed one after the other", async function () {
        this.timeout(TUTORIAL_TIMEOUT_MS);
        const port = await freePort();
        const blocks = shellBlocks((await readFile(PAGE, "utf8")).replaceAll(PORT, port));
        const said: string[] = [];

        for (const { terminal, code } of blocks) {
            if (terminal === "gateway") {
                gateway = type(code, NPX_THAT_STAYS);
                await gateway.says("listening on");
            }
            if (terminal !== "") continue;
            const ended = await type(`${code}\nexport -p > "$ASSAY_HOME/env.sh"`).ended;
            expect(ended.exitCode, `${code}\n${ended.stderr}`).to.equal(0);
            said.push(ended.stdout);
        }

        const terminals = blocks.flatMap(({ terminal }) => (terminal === "" ? [] : [terminal]));
        expect(terminals).to.deep.equal(["node", "deploy", "gateway"]);
        expect(said.join("\n")).to.match(/class \d+n paid 11000n verified ACCEPTED/);
        expect(said.join("\n").match(/verdict +ACCEPTED/g)).to.have.length(2);
    });

    it("speaks of files that exist", async () => {
        const text = await readFile(PAGE, "utf8");

        const links = [...text.matchAll(/\]\((\.[^)#]+)\)/g)].map(([, link = ""]) =>
            path.join(path.dirname(PAGE), link),
        );

        expect(links).not.to.be.empty;
        for (const link of links) await access(link); // throws, naming it
    });
});

/** A port that nobody listens on now. */
async function freePort(): Promise<string> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    await new Promise((resolve) => server.close(resolve));
    if (bound === null || typeof bound === "string") throw new Error("The server has no port.");
    return String(bound.port);
}
