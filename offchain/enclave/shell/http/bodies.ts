import { gatewayContext, type Hex, hexToBytes, isHex, toHex } from "@assay/protocol";
import { z } from "zod";

const hexOf = (bytes: number) =>
    z.custom<Hex>((value) => isHex(value, bytes), `not ${bytes} bytes of hex`).transform((text) => toHex(text, bytes));
const bytes = z.custom<Hex>((value) => isHex(value), "not hex").transform(hexToBytes);
/** JSON numbers are exact below 2^53 only; what may be larger comes as decimal digits. */
const unsigned = (bits: number) =>
    z
        .union([z.int().nonnegative(), z.string().regex(/^\d{1,78}$/)])
        .transform(BigInt)
        .refine((value) => value >> BigInt(bits) === 0n, `above ${bits} bits`);

const registration = z.strictObject({
    owner: hexOf(20),
    derivedFrom: hexOf(32).default(`0x${"00".repeat(32)}`),
    schemaHash: hexOf(32).optional(),
    ioSpec: hexOf(32).transform(BigInt).optional(),
});

const statement = z.strictObject({
    requestId: hexOf(32),
    modelId: hexOf(32),
    configHash: hexOf(32),
    inputHash: hexOf(32),
    outputHash: hexOf(32),
    contextHash: hexOf(32),
    executor: hexOf(20),
    issuedAt: unsigned(64),
    round: unsigned(32),
    resultCode: unsigned(8),
});

/** Body of POST /v1/attestation: what a registration binds beside what the enclave says of itself. */
export const attestationBody = z.strictObject({
    chainId: unsigned(256),
    registry: hexOf(20),
    operator: hexOf(20),
    keyEpoch: unsigned(64),
    challenge: hexOf(32),
    deadline: unsigned(64),
});

/** Body of POST /v1/run: canonical input bytes, and how the version is registered where the enclave was not told. */
export const runBody = z
    .strictObject({ modelId: hexOf(32), input: bytes, registration: registration.optional() })
    .transform(({ registration: claimed, ...rest }) => ({ ...rest, registration: claimed }));

/** Body of POST /v1/sign: a statement, the domain it is signed in, and the bytes and the context it speaks of. */
export const signBody = z
    .strictObject({
        chainId: unsigned(256),
        gate: hexOf(20),
        statement,
        input: bytes,
        output: bytes,
        context: gatewayContext.optional(),
        registration: registration.optional(),
    })
    .transform(({ registration: claimed, context, ...rest }) => ({ ...rest, context, registration: claimed }));

/** Body of POST /v1/heartbeat: a block that the enclave saw, as the registry checks. */
export const heartbeatBody = z.strictObject({ enclaveId: hexOf(32), blockHash: hexOf(32), blockNumber: unsigned(64) });

/** Body of POST /v1/activate: the enclave whose key is to sign statements from now on. */
export const activationBody = z.strictObject({ enclaveId: hexOf(32) });
