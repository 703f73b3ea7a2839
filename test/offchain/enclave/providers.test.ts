import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
    bytesToHex,
    concat,
    type EnclaveBinding,
    enclaveBindingHash,
    hexToBytes,
    keccak256,
    ProtocolError,
} from "@assay/protocol";
import { expect } from "chai";
import { checkDocument } from "../../../offchain/enclave/core/checkDocument.ts";
import type { AttestationProvider } from "../../../offchain/enclave/core/provider.ts";
import { createDstackProvider } from "../../../offchain/enclave/shell/providers/dstack.ts";
import { createNitridingProvider } from "../../../offchain/enclave/shell/providers/nitriding.ts";
import { createTsmProvider, type TsmFiles } from "../../../offchain/enclave/shell/providers/tsm.ts";
import { makeSimulatedNitroDocument } from "../../../offchain/enclave/simulated/nitro.ts";
import { makeSimulatedTdxQuote } from "../../../offchain/enclave/simulated/tdx.ts";
import { itWithVectors, vectorBytes } from "../../support/attestation/teeVectors.ts";
import { TLS } from "./_certificate.ts";
import { rejection } from "./_rejection.ts";
import { type Scripted, type Seen, startScripted } from "./_scripted.ts";
import { anAttestation, CHAIN_ID, NOW, OPERATOR, REGISTRY, startEnclave } from "./_world.ts";

const TIMEOUT_MS = 150;
const CODE = keccak256(Uint8Array.of(1));
const CERTIFICATE_DIGEST = createHash("sha256").update(new X509Certificate(TLS.cert).raw).digest();
const BINDING: EnclaveBinding = {
    chainId: CHAIN_ID,
    registry: REGISTRY,
    operator: OPERATOR,
    signer: `0x${"09".repeat(20)}`,
    keyEpoch: 1n,
    challenge: keccak256(Uint8Array.of(2)),
    deadline: BigInt(NOW),
    claims: {
        claimClass: 1,
        upstreamHash: keccak256(Uint8Array.of(3)),
        configHash: keccak256(Uint8Array.of(4)),
        binaryDigest: keccak256(Uint8Array.of(5)),
    },
};
const USER_DATA = hexToBytes(enclaveBindingHash(BINDING));
const { signal } = new AbortController();
const KEY = new Uint8Array(65).fill(4);

/** Asks a provider as the enclave does, and checks what it gives, as if the development root were the vendor's. */
async function attested(provider: AttestationProvider) {
    const nonce = new Uint8Array(provider.nonceBytes).fill(7);
    const given = await provider.attest({ userData: USER_DATA, publicKey: KEY, nonce, signal });
    const believed = { ...provider, simulated: true };
    return checkDocument({ provider: believed, given, binding: BINDING, publicKey: KEY, nonce, at: NOW });
}

describe("nitriding", () => {
    let server: Scripted;
    afterEach(() => server.close());

    type Lie = { nonce?: Uint8Array; hash?: Uint8Array; certificateDigest?: Uint8Array; answer?: string };

    /** Speaks nitriding's documented interface, on one port, and lies where it is told to. */
    async function nitriding(lie: Lie = {}, { ready = 200, hashed = 200 } = {}) {
        let hash = new Uint8Array(32);
        server = await startScripted({
            tls: TLS,
            script: ({ method, path: route, query, body }, response) => {
                switch (`${method} ${route}`) {
                    case "POST /enclave/hash":
                        hash = new Uint8Array(Buffer.from(body, "base64"));
                        return response.writeHead(hashed).end();
                    case "GET /enclave/ready":
                        return response.writeHead(ready).end();
                    case "GET /enclave/attestation": {
                        const nonce = lie.nonce ?? Buffer.from(query.get("nonce") ?? "", "hex");
                        const head = Uint8Array.of(0x12, 0x20);
                        const tls = lie.certificateDigest ?? CERTIFICATE_DIGEST;
                        const userData = concat(head, tls, head, lie.hash ?? hash);
                        const { document } = makeSimulatedNitroDocument({ codeHash: CODE, at: NOW, userData, nonce });
                        return response.end(`${lie.answer ?? Buffer.from(document).toString("base64")}\n`);
                    }
                    default:
                        return response.writeHead(404).end();
                }
            },
        });
        const { url } = server;
        return createNitridingProvider({ internalUrl: url, externalUrl: url, timeoutMs: TIMEOUT_MS * 20 });
    }

    it("is told that the program is ready, then the binding, and asked with a nonce", async () => {
        const provider = await nitriding();

        await provider.ready?.({ signal });
        await attested(provider);
        await attested(provider);

        const routes = server.seen.map(({ method, path: route }: Seen) => `${method} ${route}`);
        expect(routes).to.deep.equal([
            "GET /enclave/ready",
            "POST /enclave/hash",
            "GET /enclave/attestation",
            "POST /enclave/hash",
            "GET /enclave/attestation",
        ]);
        expect(server.seen[1]?.body).to.equal(Buffer.from(USER_DATA).toString("base64"));
        expect(server.seen[2]?.query.get("nonce")).to.equal("07".repeat(20));
    });

    for (const [what, ready] of [
        ["may not wait for the program", 404],
        ["may have been told of readiness before", 410],
    ] as const) {
        it(what, async () => {
            await (await nitriding({}, { ready })).ready?.({ signal });
        });
    }

    it("lets no enclave start that it cannot let anybody into", async () => {
        await nitriding({}, { ready: 500 });
        const { url } = server;
        const provider = { name: "nitriding", internalUrl: url, externalUrl: url } as const;

        const error = await rejection(startEnclave({ settings: { provider } }));

        expect(error).to.have.property("code", "ENCLAVE_PROVIDER_FAILED");
    });

    it("is not believed with another nonce", async () => {
        const error = await rejection(attested(await nitriding({ nonce: new Uint8Array(20) })));

        expect(error).to.have.property("code", "ENCLAVE_ATTESTATION_INVALID");
        expect(error)
            .to.have.property("message")
            .that.includes(`its nonce is 0x${"00".repeat(20)}`);
    });

    it("is not believed with another application's hash", async () => {
        const error = await rejection(attested(await nitriding({ hash: new Uint8Array(32) })));

        expect(error).to.have.property("code", "ENCLAVE_ATTESTATION_INVALID");
        expect(error).to.have.property("message").that.includes("not this registration");
    });

    for (const [what, lie, status] of [
        ["the certificate of another connection", { certificateDigest: new Uint8Array(32) }, {}],
        ["nothing", { answer: "" }, {}],
        ["a refusal of the hash", {}, { hashed: 500 }],
    ] as const) {
        it(`gives no document with ${what}`, async () => {
            const error = await rejection(attested(await nitriding(lie, status)));

            expect(error).to.have.property("code", "ENCLAVE_PROVIDER_FAILED");
        });
    }

    it("is not believed with garbage", async () => {
        const garbage = Buffer.concat([Buffer.from([0x12, 0x20]), CERTIFICATE_DIGEST, Buffer.from("garbage")]);
        const provider = await nitriding({ answer: garbage.toString("base64") });

        const error = await rejection(attested(provider));

        expect(error).to.have.property("code", "ENCLAVE_ATTESTATION_INVALID");
        expect(error).to.have.property("message").that.includes("BadLength");
    });

    it("gives no document when it stalls", async () => {
        server = await startScripted({ script: () => {} });
        const { url } = server;
        const provider = createNitridingProvider({ internalUrl: url, externalUrl: url, timeoutMs: TIMEOUT_MS });

        expect(await rejection(attested(provider))).to.have.property("code", "ENCLAVE_PROVIDER_FAILED");
    });

    it("makes an enclave that signs nothing, when its documents are not of AWS", async () => {
        await nitriding();
        const { url } = server;
        const provider = { name: "nitriding", internalUrl: url, externalUrl: url } as const;
        const world = await startEnclave({ settings: { provider } });

        const { status, body } = await world.post("/v1/attestation", anAttestation({ chainId: 8453 }));

        expect(status).to.equal(502);
        expect(body.error.code).to.equal("ENCLAVE_ATTESTATION_INVALID");
        expect(body.error.message).to.include("UntrustedRoot");
        expect((await world.get("/health")).body).to.deep.equal({ ok: true, attested: false });
        await world.close();
    });
});

describe("dstack", () => {
    let folder: string;
    let server: Scripted | undefined;
    beforeEach(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "assay-dstack-"));
    });
    afterEach(async () => {
        await server?.close();
        server = undefined;
        await rm(folder, { recursive: true, force: true });
    });

    /** Speaks GetQuote of the guest agent over a unix socket. */
    async function dstack(answer: (reportData: string) => string, status = 200) {
        const socketPath = path.join(folder, "dstack.sock");
        server = await startScripted({
            socketPath,
            script: ({ method, path: route, body }, response) => {
                const isAsked = method === "POST" && route === "/GetQuote";
                response.writeHead(isAsked ? status : 404);
                response.end(isAsked ? answer(JSON.parse(body).report_data) : "");
            },
        });
        return createDstackProvider({ socketPath, timeoutMs: TIMEOUT_MS * 20 });
    }
    const quoteOf = (reportData: string) =>
        bytesToHex(
            makeSimulatedTdxQuote({ codeHash: CODE, at: NOW, reportData: hexToBytes(`0x${reportData}`) }).document,
        ).slice(2);

    it("quotes the binding and zeros", async () => {
        const provider = await dstack((data) =>
            JSON.stringify({ quote: quoteOf(data), event_log: "[]", vm_config: "{}" }),
        );

        const { userData } = await attested(provider);

        expect(userData).to.equal(`${enclaveBindingHash(BINDING)}${"00".repeat(32)}`);
    });

    it("is not believed with other report data", async () => {
        const provider = await dstack(() => JSON.stringify({ quote: quoteOf("00".repeat(64)) }));

        expect(await rejection(attested(provider))).to.have.property("code", "ENCLAVE_ATTESTATION_INVALID");
    });

    it("is not believed with garbage", async () => {
        const provider = await dstack(() => JSON.stringify({ quote: "00ff" }));

        const error = await rejection(attested(provider));

        expect(error).to.have.property("code", "ENCLAVE_ATTESTATION_INVALID");
        expect(error).to.have.property("message").that.includes("QuoteInvalid");
    });

    for (const [what, answer, status] of [
        ["no JSON", "oops", 200],
        ["no quote", "{}", 200],
        ["no hex", '{"quote":"xyz"}', 200],
        ["an error", '{"error":"no TDX"}', 500],
    ] as const) {
        it(`gives no document with ${what}`, async () => {
            const provider = await dstack(() => answer, status);

            expect(await rejection(attested(provider))).to.have.property("code", "ENCLAVE_PROVIDER_FAILED");
        });
    }

    it("gives no document when nobody is there", async () => {
        const provider = createDstackProvider({ socketPath: path.join(folder, "nobody.sock") });

        expect(await rejection(attested(provider))).to.have.property("code", "ENCLAVE_PROVIDER_FAILED");
    });
});

describe("tsm", () => {
    let root: string;
    beforeEach(async () => {
        root = await mkdtemp(path.join(tmpdir(), "assay-tsm-"));
    });
    afterEach(() => rm(root, { recursive: true, force: true }));

    type Kernel = {
        provider?: string;
        writesBetween?: number;
        reportData?: Uint8Array;
        quote?: Uint8Array;
        stalls?: true;
    };

    /** A folder that acts as configfs-tsm does: files appear with the folder, and a write changes what is read. */
    function kernel({ provider = "tdx_guest", writesBetween = 0, reportData, quote, stalls }: Kernel = {}): TsmFiles {
        const put = (folder: string, name: string, bytes: Uint8Array | string) =>
            writeFile(path.join(folder, name), bytes);
        const fileNames = ["provider", "generation", "inblob", "outblob"];
        return {
            make: async (folder) => {
                await (await import("node:fs/promises")).mkdir(folder);
                await put(folder, "provider", `${provider}\n`);
                await put(folder, "generation", "0\n");
                await put(folder, "inblob", "");
                await put(folder, "outblob", "");
            },
            write: async (file, bytes) => {
                const folder = path.dirname(file);
                const made = makeSimulatedTdxQuote({ codeHash: CODE, at: NOW, reportData: reportData ?? bytes });
                await put(folder, "inblob", bytes);
                await put(folder, "generation", `${1 + writesBetween}\n`);
                await put(folder, "outblob", quote ?? made.document);
            },
            read: async (file) => {
                if (stalls && file.endsWith("outblob")) return new Promise<never>(() => {});
                return new Uint8Array(await readFile(file));
            },
            remove: async (folder) => {
                for (const name of fileNames) await rm(path.join(folder, name));
                await rm(folder, { recursive: true });
            },
        };
    }
    const provider = (acts: Kernel = {}) =>
        createTsmProvider({ root, name: () => "report", files: kernel(acts), timeoutMs: TIMEOUT_MS * 10 });

    it("quotes the binding and zeros, and leaves no report behind", async () => {
        const { userData } = await attested(provider());

        expect(userData).to.equal(`${enclaveBindingHash(BINDING)}${"00".repeat(32)}`);
        expect(await rejection(readFile(path.join(root, "report", "provider")))).to.have.property("code", "ENOENT");
    });

    it("is not believed with other report data", async () => {
        const error = await rejection(attested(provider({ reportData: new Uint8Array(64) })));

        expect(error).to.have.property("code", "ENCLAVE_ATTESTATION_INVALID");
    });

    for (const [what, acts] of [
        ["another kind of machine", { provider: "sev_guest" }],
        ["somebody who wrote in between", { writesBetween: 1 }],
        ["an empty quote", { quote: new Uint8Array() }],
        ["a stall", { stalls: true }],
    ] as const) {
        it(`gives no document with ${what}`, async () => {
            expect(await rejection(attested(provider(acts)))).to.have.property("code", "ENCLAVE_PROVIDER_FAILED");
        });
    }

    it("gives no document when there is no such kernel", async () => {
        const nowhere = createTsmProvider({ root: path.join(root, "nowhere"), name: () => "report" });

        expect(await rejection(attested(nowhere))).to.have.property("code", "ENCLAVE_PROVIDER_FAILED");
    });
});

describe("documents of genuine machines", () => {
    const nothing = new Uint8Array();

    for (const [form, file, at] of [
        ["nitro", "01-nitro-prod-opengradient-20260212/attestation.cose", 1_770_919_022],
        ["tdx", "x7-tdx-v4-uptodate-qvl-2025/quote.bin", 1_751_624_191],
    ] as const) {
        itWithVectors([file], `are genuine in ${form} form, and refused since they were made for somebody else`, () => {
            const given = { document: vectorBytes(file), collateral: nothing };
            const parts = { given, binding: BINDING, publicKey: KEY, nonce: nothing, at };
            const judge = (simulated: boolean) => () =>
                checkDocument({ ...parts, provider: { name: "vector", form, simulated, bindsKey: false } });

            expect(judge(false)).to.throw(ProtocolError, "not this registration");
            expect(judge(true)).to.throw(ProtocolError, form === "nitro" ? "NotSimulated" : "is refused");
        });
    }
});
