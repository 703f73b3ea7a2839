import { hexlify, randomBytes } from "ethers";
import { z } from "zod";
import { homeOf } from "../home.ts";
import { facts, table } from "../io/text.ts";
import { createKeystore, type StoredKey } from "../keys/keystore.ts";
import { readPassword } from "../keys/password.ts";
import { readSecret } from "../keys/secret.ts";
import { walletOf } from "../keys/signer.ts";
import { defineGroup, defineVerb } from "../verb.ts";

const nameArg = [{ term: "<name>", about: "what to call the key: letters, digits, - and _" }] as const;
const passwordOption = {
    flags: "--password-file <file>",
    about: "file whose first line is the password (else ASSAY_PASSWORD, else asked)",
} as const;

const keyNew = defineVerb({
    name: "new",
    about: "Make a key and keep it encrypted under ASSAY_HOME/keys",
    args: nameArg,
    options: [passwordOption],
    input: z.object({ name: z.string(), passwordFile: z.string().optional() }),
    run: async ({ shell }, { name, passwordFile }) => {
        const password = await readPassword(shell, { name, file: passwordFile, confirm: true });
        const keystore = createKeystore({ home: homeOf(shell) });
        return kept(await keystore.save({ name, privateKey: hexlify(randomBytes(32)), password }));
    },
});

const keyImport = defineVerb({
    name: "import",
    about: "Keep an existing key encrypted; its value comes from a file, ASSAY_KEY, or the terminal",
    args: nameArg,
    options: [{ flags: "--key-file <file>", about: "file whose first line is the key in hex" }, passwordOption],
    input: z.object({ name: z.string(), keyFile: z.string().optional(), passwordFile: z.string().optional() }),
    run: async ({ shell }, { name, keyFile, passwordFile }) => {
        const { value, source } = await readSecret(shell, {
            file: keyFile,
            variable: "ASSAY_KEY",
            what: "private key",
        });
        const { privateKey } = walletOf({ key: value, source });
        const password = await readPassword(shell, { name, file: passwordFile, confirm: true });
        return kept(await createKeystore({ home: homeOf(shell) }).save({ name, privateKey, password }));
    },
});

const keyList = defineVerb({
    name: "list",
    about: "Names and addresses of the keys under ASSAY_HOME/keys",
    input: z.object({}),
    run: async ({ shell }) => {
        const keys = await createKeystore({ home: homeOf(shell) }).list();
        const rows = keys.map(({ name, address }) => [name, address]);
        const text = keys.length === 0 ? "no keys" : table({ head: ["name", "address"], rows });
        return { ok: true, value: keys, text };
    },
});

/** `assay key new|import|list`: encrypted key files. */
export const key = defineGroup({
    name: "key",
    about: "Keys in encrypted files",
    verbs: [keyNew, keyImport, keyList],
});

function kept(stored: StoredKey) {
    return { ok: true, value: stored, text: facts(Object.entries(stored)) };
}
