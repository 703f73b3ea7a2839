import { randomBytes } from "node:crypto";
import {
    type EnclaveBinding,
    type EnclaveClaims,
    enclaveBindingHash,
    enclaveIdOf,
    FAMILIES,
    type Hex,
    hexToBytes,
    isDevelopmentChain,
    ProtocolError,
    possessionDigest,
} from "@assay/protocol";
import { checkDocument } from "../core/checkDocument.ts";
import type { AttestationProvider, Form, GivenDocument } from "../core/provider.ts";
import { createBindings } from "./bindings.ts";
import type { Keyring } from "./keyring.ts";

/** Policy family that a form of documents stands for. */
export const FAMILY_OF: Record<Form, "TEE_NITRO" | "TEE_TDX"> = { nitro: "TEE_NITRO", tdx: "TEE_TDX" };

/** What a registration binds beside the key and the claims. */
export type AttestationRequest = Omit<EnclaveBinding, "signer" | "claims">;

/** Everything that a registration takes. */
export type AttestationAnswer = GivenDocument & {
    /** A FAMILIES number. */
    family: number;
    binding: EnclaveBinding;
    bindingHash: Hex;
    measurementId: Hex;
    enclaveId: Hex;
    possession: Hex;
};

/** Gets documents that bind the key, and knows for whom. */
export type Attester = ReturnType<typeof createAttester>;

/**
 * Binds the key to registrations. The first operator whose registration is attested is the only one served from then on
 * (unless one was named at the start): a key is registered once, and a stranger could be faster.
 */
export function createAttester({
    provider,
    keyring,
    claims,
    operator: named,
    now,
}: {
    provider: AttestationProvider;
    keyring: Keyring;
    claims: EnclaveClaims;
    operator: Hex | undefined;
    /** Unix seconds. */
    now: () => number;
}) {
    const bindings = createBindings();
    let operator = named;
    let last: Promise<unknown> = Promise.resolve();

    const attest = async (request: AttestationRequest, signal: AbortSignal): Promise<AttestationAnswer> => {
        requireServed({ provider, operator, request });
        const key = keyring.next();
        const binding: EnclaveBinding = { ...request, signer: key.signer, claims };
        const bindingHash = enclaveBindingHash(binding);
        const nonce = new Uint8Array(randomBytes(provider.nonceBytes));
        const { publicKey } = key;
        const given = await provider.attest({ userData: hexToBytes(bindingHash), publicKey, nonce, signal });
        const { measurementId } = checkDocument({ provider, given, binding, publicKey, nonce, at: now() });
        const family = FAMILIES[FAMILY_OF[provider.form]];
        const enclaveId = enclaveIdOf({ ...binding, family, measurementId });
        operator = request.operator;
        const { chainId, registry } = request;
        bindings.add({ chainId: BigInt(chainId), registry, operator, enclaveId, key, measurementId });
        const possession = key.sign(possessionDigest({ chainId, registry, bindingHash }));
        return { ...given, family, binding, bindingHash, measurementId, enclaveId, possession };
    };

    return {
        /** What the newest checked document bound; undefined before the first one. */
        newest: bindings.newest,
        /** Bindings of the key that signs statements. */
        current: () => bindings.ofKey(keyring.current()),
        /** What an enclave of this id was attested for; throws ENCLAVE_ID_UNKNOWN. */
        bindingOf: bindings.of,
        /** One at a time: a provider has one place for what it is to attest. */
        attest: (request: AttestationRequest, { signal }: { signal: AbortSignal }): Promise<AttestationAnswer> => {
            const turn = last.then(() => attest(request, signal));
            last = turn.catch(() => undefined);
            return turn;
        },
    };
}

function requireServed({
    provider,
    operator,
    request,
}: {
    provider: AttestationProvider;
    operator: Hex | undefined;
    request: AttestationRequest;
}): void {
    if (provider.simulated && !isDevelopmentChain(request.chainId)) {
        throw new ProtocolError({
            code: "ENCLAVE_SIMULATED_CHAIN",
            message: `Chain ${request.chainId} is a real one.`,
        });
    }
    if (operator !== undefined && operator !== request.operator) {
        throw new ProtocolError({ code: "ENCLAVE_OPERATOR_OTHER", message: `This enclave serves ${operator}.` });
    }
}
