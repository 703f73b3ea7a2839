import { link, mkdir, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { ProtocolError } from "@assay/protocol";
import { decryptKeystoreJson, encryptKeystoreJson, getAddress, isError, Wallet } from "ethers";
import { z } from "zod";

/** Names are file names: nothing that could leave the folder. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** scrypt at 128 MB and about 0.5 s per guess: the strength of geth's "standard" keystore. */
const SCRYPT = { N: 131_072, r: 8, p: 1 } as const;

const keyFile = z.object({ version: z.literal(3), address: z.string().transform((text) => getAddress(text)) });

/** One stored key, without its secret. */
export type StoredKey = { name: string; address: string; file: string };

/** Encrypted key files (JSON v3) of one folder. */
export type Keystore = {
    list: () => Promise<StoredKey[]>;
    save: (args: { name: string; privateKey: string; password: string }) => Promise<StoredKey>;
    open: (args: { name: string; password: string }) => Promise<Wallet>;
};

/** Opens the keystore `<home>/keys`; the folder appears with the first key. */
export function createKeystore({ home }: { home: string }): Keystore {
    const folder = path.join(home, "keys");
    const fileOf = (name: string) => path.join(folder, `${checked(name)}.json`);

    async function list(): Promise<StoredKey[]> {
        const files = await readdir(folder).catch(() => []);
        const names = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
        return Promise.all(names.sort().map(async (name) => describe({ name, file: fileOf(name) })));
    }

    async function save({ name, privateKey, password }: { name: string; privateKey: string; password: string }) {
        const file = fileOf(name);
        const { address } = new Wallet(privateKey);
        const json = await encryptKeystoreJson({ address, privateKey }, password, { scrypt: SCRYPT });
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeNew({ file, json, name });
        return { name, address, file };
    }

    async function openKey({ name, password }: { name: string; password: string }): Promise<Wallet> {
        const json = await readKey({ name, file: fileOf(name) });
        try {
            return new Wallet((await decryptKeystoreJson(json, password)).privateKey);
        } catch (cause) {
            if (!isError(cause, "INVALID_ARGUMENT")) throw cause;
            throw new ProtocolError({
                code: "KEYSTORE_PASSWORD_WRONG",
                message: `The password does not open key ${name}.`,
            });
        }
    }

    return { list, save, open: openKey };
}

function checked(name: string): string {
    if (NAME.test(name)) return name;
    throw new ProtocolError({ code: "KEYSTORE_NAME_INVALID", message: `"${name}" cannot name a key.` });
}

async function readKey({ name, file }: { name: string; file: string }): Promise<string> {
    try {
        return await readFile(file, "utf8");
    } catch (cause) {
        throw new ProtocolError({ code: "KEYSTORE_KEY_UNKNOWN", message: `There is no key ${name} (${file}).`, cause });
    }
}

async function describe({ name, file }: { name: string; file: string }): Promise<StoredKey> {
    const parsed = keyFile.safeParse(parseJson(await readKey({ name, file })));
    if (parsed.success) return { name, address: parsed.data.address, file };
    throw new ProtocolError({ code: "KEYSTORE_FILE_INVALID", message: `${file} is not a version 3 keystore file.` });
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** Writes a key file for its owner only: whole or not at all, and never over another key. */
async function writeNew({ file, json, name }: { file: string; json: string; name: string }): Promise<void> {
    const draft = `${file}.${process.pid}.draft`;
    await writeFile(draft, json, { mode: 0o600, flush: true });
    try {
        // A link fails when the name is taken; a rename would replace the other key.
        await link(draft, file);
    } catch (cause) {
        if (!hasCode(cause, "EEXIST")) throw cause;
        throw new ProtocolError({
            code: "KEYSTORE_KEY_EXISTS",
            message: `A key named ${name} exists already (${file}).`,
            cause,
        });
    } finally {
        await unlink(draft);
    }
}

function hasCode(cause: unknown, code: string): boolean {
    return cause instanceof Error && "code" in cause && cause.code === code;
}
