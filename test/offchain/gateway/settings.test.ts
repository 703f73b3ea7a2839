import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseSettings } from "@assay/gateway";
import { type Hex, toHex } from "@assay/protocol";
import { expect } from "chai";
import { verifyMessage, Wallet } from "ethers";
import { keptReceiptKey, separateKeys } from "../../../offchain/gateway/shell/keys.ts";
import { rejection } from "../enclave/_rejection.ts";

const aKey = (): Hex => toHex(Wallet.createRandom().privateKey, 32);
const addressOf = (key: Hex): Hex => toHex(new Wallet(key).address, 20);
const GIVEN = {
    rpcUrl: "http://127.0.0.1:8545",
    payTo: `0x${"22".repeat(20)}`,
    relayerKey: aKey(),
    home: "/h",
} as const;

describe("gateway's settings", () => {
    it("have a default for all but chain, payee, relayer and home", () => {
        const settings = parseSettings(GIVEN);

        expect(settings).to.deep.include({ host: "127.0.0.1", port: 0, isFree: false, registers: false, models: [] });
        expect(settings.batch).to.deep.equal({ mostReceipts: 10_000, ageMs: 60_000, idleMs: 2_000 });
        expect(settings.limits).to.include({ bodyBytes: 4 << 20, headerBytes: 32_768, queue: 512 });
    });

    for (const [what, change] of [
        ["an unknown member", { colour: "red" }],
        ["no payee", { payTo: undefined }],
        ["a port that is none", { port: 65_536 }],
        ["another protocol", { rpcUrl: "ftp://127.0.0.1" }],
        ["an upstream without TLS", { upstream: { url: "http://api.example.com/v1" } }],
        ["an upstream with a user", { upstream: { url: "https://me:secret@api.example.com/v1" } }],
        ["a facilitator without TLS", { facilitator: "http://facilitator.example" }],
        ["a public address with a slash", { publicUrl: "https://gateway.example/" }],
        ["no place in a batch", { batch: { mostReceipts: 0 } }],
        ["no place for an inference", { limits: { queue: 0 } }],
    ] as const) {
        it(`refuse ${what}`, () => {
            expect(() => parseSettings({ ...GIVEN, ...change }))
                .to.throw()
                .with.property("code", "GATEWAY_SETTINGS_INVALID");
        });
    }

    it("never repeat a key that is none", () => {
        const relayerKey = `0x${"5e".repeat(31)}`;

        expect(() => parseSettings({ ...GIVEN, relayerKey }))
            .to.throw()
            .with.property("message")
            .that.does.not.include("5e5e");
    });
});

describe("gateway's keys", () => {
    let folder: string;
    beforeEach(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "assay-keys-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const [relayerKey, receiptKey, other] = [aKey(), aKey(), aKey()];

    for (const [what, keys] of [
        ["relayer and receipt key", { relayerKey, receiptKey: relayerKey, payTo: addressOf(other) }],
        ["relayer and payee", { relayerKey, receiptKey, payTo: addressOf(relayerKey) }],
        ["receipt key and payee", { relayerKey, receiptKey, payTo: addressOf(receiptKey) }],
    ] as const) {
        it(`are refused when ${what} are one`, () => {
            expect(() => separateKeys(keys))
                .to.throw()
                .with.property("code", "GATEWAY_KEYS_NOT_SEPARATE");
        });
    }

    it("are refused when they are no keys, without being repeated", () => {
        const zero: Hex = `0x${"00".repeat(32)}`;

        expect(() => separateKeys({ relayerKey: zero, receiptKey, payTo: addressOf(other) }))
            .to.throw()
            .with.property("code", "GATEWAY_SETTINGS_INVALID");
    });

    it("sign texts as wallets do", async () => {
        const { receipts } = separateKeys({ relayerKey, receiptKey, payTo: addressOf(other) });

        const { signature, address } = await receipts.signText("model:00:11");

        expect(toHex(verifyMessage("model:00:11", signature))).to.equal(address);
        expect(address).to.equal(addressOf(receiptKey));
    });

    it("for receipts are made once, for this account's eyes alone", async () => {
        const inside = path.join(folder, "chain");

        const [first, second] = await Promise.all([
            keptReceiptKey({ folder: inside }),
            keptReceiptKey({ folder: inside }),
        ]);
        const later = await keptReceiptKey({ folder: inside });

        expect(second).to.equal(first);
        expect(later).to.equal(first);
        expect((await stat(path.join(inside, "receipt.key"))).mode & 0o777).to.equal(0o600);
        expect(await readdir(inside)).to.deep.equal(["receipt.key"]);
    });

    it("for receipts are never replaced when they cannot be read", async () => {
        const file = path.join(folder, "receipt.key");
        await writeFile(file, "oops\n");

        const refused = await rejection(keptReceiptKey({ folder }));

        expect(refused).to.have.property("code", "GATEWAY_SETTINGS_INVALID");
        expect(await readFile(file, "utf8")).to.equal("oops\n");
    });
});
