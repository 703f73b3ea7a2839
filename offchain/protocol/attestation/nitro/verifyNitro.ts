import { measurementIdOf, platformTraitOf } from "../../enclave.ts";
import { bytesToHex, type Hex, toHex } from "../../hex.ts";
import { asciiOf, isZero, quoted } from "../_bytes.ts";
import { isSignedBy } from "../_curve.ts";
import { refused, requireThat, withAttestation } from "../_fault.ts";
import { requireSeconds, secondsText } from "../_time.ts";
import type { Attestation, AttestationVerdict, AttestationWarning } from "../verdict.ts";
import { type NitroChain, verifyChain } from "./_chain.ts";
import { readEnvelope } from "./_envelope.ts";
import { type NitroPayload, PCR_BYTES, readPayload } from "./_payload.ts";
import { AWS_NITRO, type NitroProfile } from "./profile.ts";

export { NITRO_REGISTERS } from "./_payload.ts";

/** The most that contracts/verifiers/tee/NitroVerification.sol allows. */
const DEFAULT_MAX_AGE_SECONDS = 300;
const DEFAULT_MAX_SKEW_SECONDS = 60;

const MODULE_ID = { hardware: /^i-[0-9a-f]+-enc[0-9a-f]+$/, simulated: /^sim-[0-9a-f]+-enc[0-9a-f]+$/ };
/** What follows the instance in a module_id. */
const ENCLAVE_MARK = "-enc";

/** What to verify, and what to expect of it. */
export interface NitroVerification {
    /** The COSE_Sign1 document as the enclave gave it, tagged or not. */
    document: Uint8Array;
    /** The time to judge it at, unix seconds. */
    at: number;
    /** How old it may be (300 s unless told); "any" = as old as its certificates let it be, which shows no freshness. */
    maxAgeSeconds?: number | "any";
    /** How far its clock may be ahead (60 s unless told). */
    maxSkewSeconds?: number;
    /** Values of PCRs (48 bytes each) by index: MeasurementNotAllowed when one differs or is absent. */
    expect?: Readonly<Record<number, Hex>>;
    /** Whose root counts: that of AWS unless told. */
    profile?: NitroProfile;
}

/**
 * Verifies an AWS Nitro attestation document: envelope, payload, certificates from the root down, signature, age, kind of
 * machine, debug mode, expected registers. The first fault decides, as in contracts/verifiers/tee/NitroVerification.sol.
 * What governance revoked is not judged here: compare the attestation's `traits` with IAttestationPolicy.
 * Throws VALUE_OUT_OF_RANGE for times, and HEX_INVALID for expected values, that are none.
 *
 * @example
 * verifyNitro({ document: new Uint8Array(10), at: 1770919022 }).code; // "BadLength"
 */
export function verifyNitro(verification: NitroVerification): AttestationVerdict {
    const {
        document,
        at,
        maxAgeSeconds = DEFAULT_MAX_AGE_SECONDS,
        maxSkewSeconds = DEFAULT_MAX_SKEW_SECONDS,
        expect = {},
        profile = AWS_NITRO,
    } = verification;
    requireSeconds({ name: "at", value: at });
    requireSeconds({ name: "maxSkewSeconds", value: maxSkewSeconds });
    if (maxAgeSeconds !== "any") requireSeconds({ name: "maxAgeSeconds", value: maxAgeSeconds });
    const expected = Object.entries(expect).map(([index, value]) => [`pcr${index}`, toHex(value, PCR_BYTES)] as const);
    try {
        const attestation = judge({ document, at, maxAgeSeconds, maxSkewSeconds, expected, profile });
        const warnings = warningsOf({ profile, maxAgeSeconds });
        return { accepted: true, code: "ACCEPTED", kind: "nitro", tier: profile.tier, attestation, warnings };
    } catch (error) {
        return refused({ kind: "nitro", error });
    }
}

/** A verification with nothing left to default. */
interface Judged {
    document: Uint8Array;
    at: number;
    maxAgeSeconds: number | "any";
    maxSkewSeconds: number;
    /** Name and value of registers. */
    expected: (readonly [string, Hex])[];
    profile: NitroProfile;
}

function judge({ document, at, maxAgeSeconds, maxSkewSeconds, expected, profile }: Judged): Attestation {
    const { payload, signed, signature } = readEnvelope(document);
    const said = readPayload(payload);
    const chain = verifyChain({ cabundle: said.cabundle, leaf: said.certificate, profile, at });
    const attestation = attestationOf({ said, chain });
    withAttestation(attestation, () => {
        const isSigned = isSignedBy({ curve: "P-384", key: chain.leafKey, message: signed, signature });
        requireThat(isSigned, "BadSignature", "The document is not signed by the key of its certificate.");
        requireAge({ issuedAt: attestation.issuedAt, at, maxAgeSeconds, maxSkewSeconds });
        requireEnclave({ said, profile });
        requireExpected({ registers: attestation.registers, expected });
    });
    return attestation;
}

function requireAge(age: Pick<Judged, "at" | "maxAgeSeconds" | "maxSkewSeconds"> & { issuedAt: number }): void {
    const { issuedAt, at, maxAgeSeconds, maxSkewSeconds } = age;
    const text = `The document says that it was made at ${secondsText(issuedAt)}, and it is ${secondsText(at)}.`;
    requireThat(issuedAt <= at + maxSkewSeconds, "EvidenceFromFuture", text);
    requireThat(maxAgeSeconds === "any" || issuedAt + maxAgeSeconds >= at, "EvidenceTooOld", text);
}

function requireEnclave({ said, profile: { tier } }: { said: NitroPayload; profile: NitroProfile }): void {
    requireThat(
        MODULE_ID[tier].test(asciiOf(said.moduleId)),
        tier === "simulated" ? "NotSimulated" : "NotAnEnclave",
        `module_id ${quoted(said.moduleId)} is not that of ${tier === "simulated" ? "a stand-in" : "an enclave"}.`,
    );
    for (const index of [0, 1, 2]) {
        const isDebug = isZero(said.pcrs.get(index) ?? new Uint8Array());
        requireThat(!isDebug, "DebugEnclave", `PCR ${index} is zero: the enclave runs in debug mode.`);
    }
}

function requireExpected({ registers, expected }: Pick<Attestation, "registers"> & Pick<Judged, "expected">): void {
    for (const [name, value] of expected) {
        const found = registers[name];
        requireThat(found === value, "MeasurementNotAllowed", `${name} is ${found ?? "absent"}, not ${value}.`);
    }
}

function attestationOf({ said, chain }: { said: NitroPayload; chain: NitroChain }): Attestation {
    const { moduleId, pcrs, publicKey, nonce } = said;
    const measured = [0, 1, 2, 8].map((index) => pcrs.get(index) ?? new Uint8Array(PCR_BYTES));
    const instance = moduleId.subarray(0, asciiOf(moduleId).indexOf(ENCLAVE_MARK));
    return {
        rootId: chain.rootId,
        measurementId: measurementIdOf({ kind: "nitro", registers: measured }),
        registers: Object.fromEntries([...pcrs].map(([index, value]) => [`pcr${index}`, bytesToHex(value)])),
        userData: bytesToHex(said.userData ?? new Uint8Array()),
        ...(publicKey === undefined ? {} : { publicKey: bytesToHex(publicKey) }),
        ...(nonce === undefined ? {} : { nonce: bytesToHex(nonce) }),
        issuedAt: Math.floor(said.timestamp / 1000),
        issuedAtMs: said.timestamp,
        notAfter: chain.notAfter,
        traits: [...chain.traits, platformTraitOf(moduleId), platformTraitOf(instance)],
    };
}

function warningsOf({ profile, maxAgeSeconds }: Pick<Judged, "profile" | "maxAgeSeconds">): AttestationWarning[] {
    const warnings: AttestationWarning[] = [];
    if (profile.tier === "simulated") {
        warnings.push({
            code: "SIMULATED",
            text: "Signed under a development root whose key everybody has: it proves nothing.",
        });
    }
    if (maxAgeSeconds === "any") {
        warnings.push({
            code: "AGE_NOT_CHECKED",
            text: "No age was asked for: an old document counts as much as a fresh one.",
        });
    }
    return warnings;
}
