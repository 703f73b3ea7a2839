import { createHash } from "node:crypto";
import { bytesToHex, type Hex } from "@assay/protocol";
import type { AttestationProvider, AttestationQuestion, GivenDocument } from "../../core/provider.ts";
import { ask } from "./_ask.ts";
import { type HttpAnswer, request } from "./_request.ts";

/** nitriding takes nonces of exactly this length. */
const NONCE_BYTES = 20;
/** Where its two digests begin: 12 20 ‖ sha256(TLS certificate) ‖ 12 20 ‖ application hash. */
const TLS_DIGEST_HEAD = "1220";

/** Where nitriding listens. */
export type NitridingOptions = {
    /** Of `-intport`: reachable inside the enclave only. */
    internalUrl: string;
    /** Of `-extpubport`: where documents are asked for. Its certificate is nitriding's own. */
    externalUrl: string;
    timeoutMs?: number | undefined;
};

/**
 * AWS Nitro documents by nitriding, which speaks to the hypervisor. The binding is posted as the application's hash, then
 * a document is asked for: one at a time, since there is one place for the hash. Until nitriding was told that this
 * program is ready, it may let nobody in.
 */
export function createNitridingProvider({
    internalUrl,
    externalUrl,
    timeoutMs,
}: NitridingOptions): AttestationProvider {
    const attest = async ({ userData, nonce, signal }: AttestationQuestion): Promise<GivenDocument> => {
        await expectOk(postHash({ internalUrl, userData, signal }), "POST /enclave/hash");
        const url = new URL("/enclave/attestation", externalUrl);
        url.searchParams.set("nonce", Buffer.from(nonce).toString("hex"));
        const { body, certificate } = await expectOk(request({ url, signal }), "GET /enclave/attestation");
        const document = Buffer.from(Buffer.from(body).toString("latin1").trim(), "base64");
        if (document.length === 0) throw new Error("the document is empty");
        if (url.protocol === "https:") expectSameEnd({ document, certificate });
        return { document: new Uint8Array(document), collateral: new Uint8Array() };
    };
    return {
        name: "nitriding",
        form: "nitro",
        nonceBytes: NONCE_BYTES,
        bindsKey: false,
        simulated: false,
        attest: (question) =>
            ask({
                name: "nitriding",
                signal: question.signal,
                timeoutMs,
                work: (signal) => attest({ ...question, signal }),
            }),
        ready: ({ signal }) =>
            ask({
                name: "nitriding",
                signal,
                timeoutMs,
                work: (bounded) => tellReady({ internalUrl, signal: bounded }),
            }),
    };
}

function postHash({
    internalUrl,
    userData,
    signal,
}: {
    internalUrl: string;
    userData: Uint8Array;
    signal: AbortSignal;
}) {
    const url = new URL("/enclave/hash", internalUrl);
    return request({ url, method: "POST", body: Buffer.from(userData).toString("base64"), signal });
}

/** 404: it was not started to wait. 410: it was told before, by an earlier start of this program. */
async function tellReady({ internalUrl, signal }: { internalUrl: string; signal: AbortSignal }): Promise<void> {
    const { status } = await request({ url: new URL("/enclave/ready", internalUrl), signal });
    if (![200, 404, 410].includes(status)) throw new Error(`GET /enclave/ready answered ${status}`);
}

/** Whoever answered must be the one whose certificate the document names: nobody stands in between. */
function expectSameEnd({ document, certificate }: { document: Uint8Array; certificate: Uint8Array | undefined }): void {
    if (certificate === undefined) throw new Error("the connection shows no certificate");
    const digest: Hex = bytesToHex(createHash("sha256").update(certificate).digest());
    if (bytesToHex(document).includes(`${TLS_DIGEST_HEAD}${digest.slice(2)}`)) return;
    throw new Error("the document does not name the certificate of the connection");
}

async function expectOk(answer: Promise<HttpAnswer>, what: string): Promise<HttpAnswer> {
    const { status, ...rest } = await answer;
    if (status === 200) return { status, ...rest };
    throw new Error(`${what} answered ${status}`);
}
