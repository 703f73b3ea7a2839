import { readAtMost } from "@assay/executor/parts";
import { type Hex, heartbeatDigest, isHex, ProtocolError, recoverSigner, toHex } from "@assay/protocol";
import { z } from "zod";

const ANSWER_TIMEOUT_MS = 10_000;
const MOST_ANSWER_BYTES = 1 << 16;
/** No block has this number, so that nobody can take the signature to a registry as a heartbeat. */
const NO_BLOCK = 2n ** 64n - 1n;

const answer = z.object({ signature: z.custom<Hex>((value) => isHex(value, 65), "not 65 bytes of hex") });

/** Shows that an attested key is alive: its signature over a nonce that was just made. */
export type Pulse = { blockHash: Hex; blockNumber: string; signature: Hex };

/**
 * Has an enclave sign a nonce in the place of a block's hash, and checks whose signature came. Its document cannot be made
 * anew for a nonce: each document binds another key. Throws GATEWAY_ATTESTATION_FAILED.
 */
export async function takePulse({
    url,
    fetch,
    nonce,
    enclave,
}: {
    url: string;
    fetch: typeof globalThis.fetch;
    nonce: Hex;
    enclave: { chainId: number; registry: Hex; enclaveId: Hex; signer: Hex };
}): Promise<Pulse> {
    const { signer, ...domain } = enclave;
    const beat = { enclaveId: domain.enclaveId, blockHash: nonce, blockNumber: String(NO_BLOCK) };
    const signature = await ask({ url, fetch, beat });
    const digest = heartbeatDigest({ ...domain, blockHash: nonce, blockNumber: NO_BLOCK });
    if (recoverSigner({ digest, signature }) !== signer) {
        const message = `The enclave signed with another key than the registered ${signer}.`;
        throw new ProtocolError({ code: "GATEWAY_ATTESTATION_FAILED", message });
    }
    return { blockHash: nonce, blockNumber: beat.blockNumber, signature };
}

async function ask({ url, fetch, beat }: { url: string; fetch: typeof globalThis.fetch; beat: object }): Promise<Hex> {
    try {
        const response = await fetch(new URL("/v1/heartbeat", url), {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(beat),
            redirect: "error",
            signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        });
        const bytes =
            response.body === null ? undefined : await readAtMost({ body: response.body, limit: MOST_ANSWER_BYTES });
        return toHex(answer.parse(JSON.parse(new TextDecoder().decode(bytes))).signature, 65);
    } catch (cause) {
        throw new ProtocolError({ code: "GATEWAY_ATTESTATION_FAILED", message: "The enclave signed nothing.", cause });
    }
}
