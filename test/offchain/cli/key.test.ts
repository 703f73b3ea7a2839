import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import { aHome, assay } from "./_assay.ts";

/** The first account of every development chain. */
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const PASSWORD = "correct horse";

describe("assay key", () => {
    let home: string;
    let remove: () => Promise<void>;

    beforeEach(async () => {
        ({ home, remove } = await aHome());
    });
    afterEach(() => remove());

    const secrets = () => ({ ASSAY_HOME: home, ASSAY_PASSWORD: PASSWORD });

    it("makes a key that only its password opens, readable by its owner only", async () => {
        const made = await assay(["key", "new", "main", "--json"], { env: secrets() });

        const file = path.join(home, "keys", "main.json");
        const json = await readFile(file, "utf8");
        const opened = await Wallet.fromEncryptedJson(json, PASSWORD);
        expect(made.exitCode).to.equal(0);
        expect(made.json).to.deep.equal({ name: "main", address: opened.address, file });
        expect((await stat(file)).mode & 0o777).to.equal(0o600);
        expect((await stat(path.dirname(file))).mode & 0o777).to.equal(0o700);
        expect(json).not.to.contain(opened.privateKey.slice(2));
    });

    it("imports a key from a file, and lists it without its secret", async () => {
        const keyFile = path.join(home, "secret");
        await writeFile(keyFile, `${KEY}\n`);

        const imported = await assay(["key", "import", "dev", "--key-file", keyFile, "--json"], { env: secrets() });
        const listed = await assay(["key", "list", "--json"], { env: secrets() });

        expect(imported.json.address).to.equal(ADDRESS);
        expect(listed.json.map(({ name, address }: { name: string; address: string }) => ({ name, address })))
            .to.deep //
            .equal([{ name: "dev", address: ADDRESS }]);
        expect(listed.stdout + imported.stdout).not.to.contain(KEY.slice(2));
    });

    it("asks for a new password twice", async () => {
        const env = { ASSAY_HOME: home, ASSAY_KEY: KEY };

        const differing = await assay(["key", "import", "dev"], { env, answers: ["one", "two"] });
        const same = await assay(["key", "import", "dev"], { env, answers: ["one", "one"] });

        expect(differing.exitCode).to.equal(1);
        expect(differing.stderr).to.contain("PASSWORD_MISMATCH: The two passwords differ.");
        expect(same.exitCode).to.equal(0);
    });

    for (const [code, { argv, env }] of Object.entries({
        SECRET_MISSING: { argv: ["key", "new", "a"], env: {} },
        PASSWORD_EMPTY: { argv: ["key", "new", "a"], env: { ASSAY_PASSWORD: "" } },
        KEYSTORE_NAME_INVALID: { argv: ["key", "new", "../a"], env: { ASSAY_PASSWORD: PASSWORD } },
        ACCOUNT_KEY_INVALID: { argv: ["key", "import", "a"], env: { ASSAY_KEY: "0x12", ASSAY_PASSWORD: PASSWORD } },
        FILE_UNREADABLE: { argv: ["key", "import", "a", "--key-file", "nowhere"], env: { ASSAY_PASSWORD: PASSWORD } },
    })) {
        it(`refuses with ${code} and keeps nothing`, async () => {
            const { exitCode, json } = await assay([...argv, "--json"], { env: { ASSAY_HOME: home, ...env } });
            const listed = await assay(["key", "list", "--json"], { env: { ASSAY_HOME: home } });

            expect(exitCode).to.equal(1);
            expect(json.error.code).to.equal(code);
            expect(JSON.stringify(json)).not.to.contain("0x12");
            expect(listed.json).to.deep.equal([]);
        });
    }

    it("never overwrites a key", async () => {
        await assay(["key", "new", "main"], { env: secrets() });
        const before = await readFile(path.join(home, "keys", "main.json"), "utf8");

        const { exitCode, json } = await assay(["key", "new", "main", "--json"], { env: secrets() });

        expect(exitCode).to.equal(1);
        expect(json.error.code).to.equal("KEYSTORE_KEY_EXISTS");
        expect(await readFile(path.join(home, "keys", "main.json"), "utf8")).to.equal(before);
    });

    it("says which file of the keystore is not one", async () => {
        await assay(["key", "new", "main"], { env: secrets() });
        await writeFile(path.join(home, "keys", "broken.json"), "{");

        const { exitCode, json } = await assay(["key", "list", "--json"], { env: secrets() });

        expect(exitCode).to.equal(1);
        expect(json.error.code).to.equal("KEYSTORE_FILE_INVALID");
        expect(json.error.message).to.contain("broken.json");
    });
});
