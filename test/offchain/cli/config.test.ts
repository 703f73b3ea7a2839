import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { configHashOf } from "@assay/protocol";
import { contractsOf, recordedRequest } from "@assay/sdk";
import { expect } from "chai";
import { Wallet } from "ethers";
import { aHome, assay, type Ran } from "./_assay.ts";
import { DEV_KEYS, startChain, type TestChain } from "./_chain.ts";

const NAME = "support/answers";
const FIRST = { systemPrompt: "Answer in one sentence.", sampling: { temperature: 0.2, stop: ["a", "b"] } };
const SECOND = { systemPrompt: "Answer in two sentences.", sampling: { stop: ["a", "c"], seed: 7 } };
const OWNER = new Wallet(DEV_KEYS.requester).address;

describe("assay config", () => {
    let chain: TestChain;
    let home: string;
    let removeHome: () => Promise<void>;

    before(async () => {
        chain = await startChain();
        ({ home, remove: removeHome } = await aHome());
    });
    after(async () => {
        await chain.close();
        await removeHome();
    });

    const run = (argv: string[], key: string = DEV_KEYS.requester): Promise<Ran> =>
        assay(argv, { cwd: chain.cwd, env: { ASSAY_HOME: home, ASSAY_RPC_URL: chain.rpcUrl, ASSAY_KEY: key } });
    const as = (argv: string[], key?: string) => run([...argv, "--json"], key);

    async function aFile(name: string, content: unknown): Promise<string> {
        const file = path.join(chain.cwd, name);
        await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
        return file;
    }

    /** Two versions of a name: the first on chain, the second in a file. */
    async function twoVersions(name: string) {
        const file = await aFile("second.json", SECOND);
        await as(["config", "publish", name, await aFile("first.json", FIRST), "--inline"]);
        await as(["config", "publish", name, file, "--uri", pathToFileURL(file).href]);
    }

    describe("publish", () => {
        it("adds versions, which count from 1, and log lists since when each was in force", async () => {
            const first = await as(["config", "publish", NAME, await aFile("first.json", FIRST), "--inline"]);
            const second = await as(["config", "publish", NAME, await aFile("second.json", SECOND)]);

            const { exitCode, json } = await as(["config", "log", OWNER, NAME]);

            expect([first.json.version, second.json.version, exitCode]).to.deep.equal([1, 2, 0]);
            const [one, two] = json.versions;
            expect(one).to.include({ version: 1, configHash: configHashOf(FIRST), author: OWNER.toLowerCase() });
            expect(one.uri).to.match(/^data:application\/json,%7B/);
            expect(two).to.include({ version: 2, configHash: configHashOf(SECOND), uri: "", until: null });
            expect(one.until).to.equal(two.inForceFrom);
            expect(one.inForceFrom).to.be.a("number");
        });

        it("refuses what is no configuration, before anything is sent", async () => {
            const file = await aFile("wrong.json", { ...FIRST, sytemPrompt: "a slip" });

            const { exitCode, json } = await as(["config", "publish", "slips", file]);

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("CONFIG_INVALID");
            expect(json.error.message).to.include("sytemPrompt");
            expect((await as(["config", "log", OWNER, "slips"])).json.versions).to.deep.equal([]);
        });

        it("refuses what the registry refuses, with its reasons", async () => {
            const file = await aFile("first.json", FIRST);
            await as(["config", "publish", "same", file]);

            const same = await as(["config", "publish", "same", file]);
            const foreign = await as(["config", "publish", "same", file, "--owner", OWNER], DEV_KEYS.executor);

            expect(same.json.error).to.deep.include({ code: "ConfigUnchanged" });
            expect(same.json.error.arguments).to.deep.equal({ version: "1", configHash: configHashOf(FIRST) });
            expect(foreign.json.error.code).to.equal("NotAnEditor");
        });

        it("publishes for an owner who named the caller an editor", async () => {
            const { deployment, requester } = chain.world;
            const { configs } = contractsOf({ deployment, runner: requester });
            await configs.setEditor("shared", new Wallet(DEV_KEYS.executor).address, true);

            const file = await aFile("first.json", FIRST);
            const { json } = await as(["config", "publish", "shared", file, "--owner", OWNER], DEV_KEYS.executor);

            expect(json).to.include({ version: 1, owner: OWNER.toLowerCase() });
        });

        it("takes --uri or --inline, not both", async () => {
            const { exitCode } = await as([
                "config",
                "publish",
                "both",
                "x.json",
                "--inline",
                "--uri",
                "https://a.example",
            ]);

            expect(exitCode).to.equal(2);
        });
    });

    describe("diff", () => {
        it("shows what changed from the version before to the newest, by path", async () => {
            await twoVersions("diffed");

            const { exitCode, json } = await as(["config", "diff", OWNER, "diffed"]);
            const { stdout } = await run(["config", "diff", OWNER, "diffed"]);

            expect(exitCode).to.equal(0);
            expect([json.from.version, json.to.version]).to.deep.equal([1, 2]);
            expect(json.differences).to.deep.equal([
                { path: "$.sampling.seed", change: "added", after: 7 },
                { path: "$.sampling.stop[1]", change: "changed", before: "b", after: "c" },
                { path: "$.sampling.temperature", change: "removed", before: 0.2 },
                {
                    path: "$.systemPrompt",
                    change: "changed",
                    before: "Answer in one sentence.",
                    after: "Answer in two sentences.",
                },
            ]);
            expect(stdout).to.match(/^--- version 1, in force from 2/);
            expect(stdout).to.include('- $.sampling.stop[1] = "b"\n+ $.sampling.stop[1] = "c"\n');
        });

        it("compares any two versions, and the first with none", async () => {
            await twoVersions("any");

            const back = await as(["config", "diff", OWNER, "any", "2", "1"]);
            const whole = await as(["config", "diff", OWNER, "any", "0", "1"]);
            const itself = await run(["config", "diff", OWNER, "any", "2", "2"]);

            expect(back.json.differences[0]).to.deep.equal({ path: "$.sampling.seed", change: "removed", before: 7 });
            expect(whole.json.from).to.equal(null);
            expect(whole.json.differences.map(({ path: at }: { path: string }) => at)).to.deep.equal([
                "$.sampling",
                "$.systemPrompt",
            ]);
            expect(itself.stdout).to.include("no difference");
        });

        it("refuses content whose hash is not the version's", async () => {
            const file = await aFile("moved.json", FIRST);
            await as(["config", "publish", "moved", file, "--uri", pathToFileURL(file).href]);
            await writeFile(file, JSON.stringify(SECOND));

            const { exitCode, json } = await as(["config", "diff", OWNER, "moved", "0", "1"]);

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal("CONFIG_HASH_MISMATCH");
            expect(json.error.message).to.include(configHashOf(FIRST)).and.include(configHashOf(SECOND));
        });

        it("takes private content from a file, and says when there is none", async () => {
            const file = await aFile("private.json", FIRST);
            await as(["config", "publish", "private", file]);
            const other = await aFile("other.json", SECOND);

            const without = await as(["config", "diff", OWNER, "private", "0", "1", "--file", other]);
            const withIt = await as(["config", "diff", OWNER, "private", "0", "1", "--file", other, "--file", file]);

            expect(without.json.error.code).to.equal("CONFIG_UNREADABLE");
            expect(withIt.json.differences).to.have.length(2);
        });

        for (const [what, uri] of Object.entries({
            "a scheme that is not read": "ipfs://bafy",
            "no URI at all": "nowhere",
            "an endless device": "file:///dev/zero",
            "text that is not JSON": "data:text/plain,hello",
            "a host that is not encrypted": "http://127.0.0.1:9/config.json",
        })) {
            it(`refuses ${what}`, async () => {
                const name = `bad ${what}`;
                await as(["config", "publish", name, await aFile("first.json", FIRST), "--uri", uri]);

                const { json } = await as(["config", "diff", OWNER, name, "0", "1"]);

                expect(json.error.code).to.equal("CONFIG_UNREADABLE");
            });
        }

        it("refuses a version or a name that is not there", async () => {
            await twoVersions("short");

            const version = await as(["config", "diff", OWNER, "short", "2", "3"]);
            const name = await as(["config", "diff", OWNER, "nothing"]);
            const half = await as(["config", "diff", OWNER, "short", "2"]);

            expect([version.json.error.code, name.json.error.code]).to.deep.equal(["VersionUnknown", "ConfigUnknown"]);
            expect(half.exitCode).to.equal(2);
        });
    });

    describe("of a request", () => {
        const wish = (...more: string[]) => [
            ...["--model", chain.world.modelId, "--policy", "SIGNED", "--executor", chain.world.executor.address],
            ...more,
        ];

        it("is the newest version of a name, another one, or a hash", async () => {
            await twoVersions("pinned");
            const pinned = async (...choice: string[]) => {
                const { json } = await as(["request", ...wish("--input-hex", "0x01", ...choice)]);
                return (await recordedRequest(chain.world, json.requestId)).terms.configHash;
            };

            expect(await pinned("--config", `${OWNER}/pinned`)).to.equal(configHashOf(SECOND));
            expect(await pinned("--config", `${OWNER}/pinned@1`)).to.equal(configHashOf(FIRST));
            expect(await pinned("--config", configHashOf(FIRST))).to.equal(configHashOf(FIRST));
            expect(await pinned("--config-hash", configHashOf(SECOND))).to.equal(configHashOf(SECOND));
        });

        it("is told with the quote", async () => {
            await twoVersions("quoted");

            const { json } = await as(["quote", ...wish("--config", `${OWNER}/quoted`)]);

            expect(json.pinned).to.deep.equal({ owner: OWNER.toLowerCase(), name: "quoted", version: 2 });
            expect(json.configHash).to.equal(configHashOf(SECOND));
        });

        it("is refused when nobody published it, or when it is said twice or in no known form", async () => {
            const unknown = await as(["quote", ...wish("--config", `${OWNER}/nobody`)]);
            const hash = configHashOf(FIRST);
            const twice = await as(["quote", ...wish("--config", hash, "--config-hash", hash)]);
            const noOwner = await as(["quote", ...wish("--config", "support/answers")]);

            expect(unknown.json.error.code).to.equal("ConfigUnknown");
            expect([twice.exitCode, noOwner.exitCode]).to.deep.equal([2, 2]);
            expect(noOwner.stderr).to.include("OWNER/NAME@VERSION");
        });
    });
});
