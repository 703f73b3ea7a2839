import {
    type AttestationVerdict,
    type AttestationWarning,
    expectContent,
    type Hex,
    SIMULATED_NITRO,
    SIMULATED_TDX,
    verifyDcap,
    verifyNitro,
    verifySnp,
} from "@assay/protocol";
import { UsageError } from "../_usage.ts";
import type { TeeInput } from "./options.ts";

/** What was read for a verification. */
export type Given = {
    input: TeeInput;
    document: Uint8Array;
    /** Whole files, in the order of the command line. */
    collateral: readonly Uint8Array[];
    /** Unix seconds. */
    at: number;
};

/**
 * Judges a document under the vendor's root. What is not of it is judged under the development root too: such a stand-in is
 * accepted only if that was asked for, and named in any case.
 */
export async function judgeDocument(given: Given): Promise<AttestationVerdict> {
    const genuine = held(given, await verify(given, "hardware"));
    if (genuine.accepted || !isPerhapsSimulated(given.input.kind, genuine.code)) return genuine;
    const simulated = held(given, await verify(given, "simulated"));
    if (given.input.allowSimulated === true && simulated.code !== "NotSimulated") return simulated;
    return simulated.accepted ? { ...genuine, reason: SIMULATED_REASON, warnings: simulated.warnings } : genuine;
}

const SIMULATED_REASON =
    "SIMULATED: signed under a development root whose key everybody has; --allow-simulated accepts such stand-ins.";

/** The mark in every certificate of a stand-in may be met before its root. */
function isPerhapsSimulated(kind: TeeInput["kind"], code: AttestationVerdict["code"]): boolean {
    return (kind === "nitro" || kind === "tdx") && (code === "UntrustedRoot" || code === "UnknownCriticalExtension");
}

type Tier = "hardware" | "simulated";

async function verify({ input, document, collateral, at }: Given, tier: Tier): Promise<AttestationVerdict> {
    const { kind } = input;
    switch (kind) {
        case "nitro":
            return verifyNitro({
                document,
                at,
                maxAgeSeconds: input.maxAge ?? "any",
                expect: pcrsOf(input),
                ...(tier === "simulated" ? { profile: SIMULATED_NITRO } : {}),
            });
        case "tdx":
        case "sgx":
            return verifyDcap({
                kind,
                quote: document,
                collateral: jsonOf(collateral[0]),
                at,
                allow: allowanceOf(input),
                expect: Object.fromEntries(input.expect ?? []),
                ...(tier === "simulated" ? { profile: SIMULATED_TDX } : {}),
            });
        case "snp":
            return verifySnp({
                report: document,
                collateral,
                at,
                minimumTcb: Object.fromEntries(input.minimumTcb ?? []),
                expect: Object.fromEntries(input.expect ?? []),
                vmpl: input.vmpl ?? 0,
                signingKeys: input.vcekOnly === true ? ["VCEK"] : ["VCEK", "VLEK"],
            });
        default:
            return never(kind);
    }
}

/** The verdict held to the data that was expected, with what the reader must know of a question that was not asked. */
function held({ input }: Given, verdict: AttestationVerdict): AttestationVerdict {
    const { expectMeasurement: measurementId, expectPublicKey: publicKey, expectNonce: nonce } = input;
    const userData = input.expectUserData ?? input.expectReportData;
    const checked = expectContent({ verdict, expect: { measurementId, userData, publicKey, nonce } });
    if (!checked.accepted) return checked;
    const isMeasured = measurementId !== undefined || [...(input.expectPcr ?? []), ...(input.expect ?? [])].length > 0;
    // A key may be in many documents, and zeros are what is in one that nobody challenged: neither shows that it is fresh.
    const isChallenged = [userData, nonce].some((value) => value !== undefined && /[1-9a-f]/.test(value.slice(2)));
    const asked = checked.warnings.filter(({ code }) => code !== "AGE_NOT_CHECKED" || !isChallenged);
    const isFresh = isChallenged || input.kind === "nitro"; // verifyNitro itself says when no age was asked for
    return {
        ...checked,
        warnings: [...asked, ...(isFresh ? [] : [NO_TIME]), ...(isMeasured ? [] : [ANY_CODE])],
    };
}

const NO_TIME: AttestationWarning = {
    code: "FRESHNESS_UNKNOWN",
    text: "This kind of document carries no time, and no report data was expected: it may be a replay.",
};
const ANY_CODE: AttestationWarning = {
    code: "MEASUREMENT_NOT_EXPECTED",
    text: "No register was expected: any code in a genuine enclave would be accepted.",
};

function pcrsOf({ expectPcr = [], expect = [] }: TeeInput): Record<number, Hex> {
    const named = expect.map(([name, value]): [string, Hex] => [name.replace(/^pcr/, ""), value]);
    return Object.fromEntries([...expectPcr, ...named]);
}

function allowanceOf({ allowStatus = [], allowAdvisory = [] }: TeeInput) {
    const advisories: readonly string[] | "any" = allowAdvisory.includes("any") ? "any" : allowAdvisory;
    return { statuses: allowStatus, advisories };
}

function jsonOf(file: Uint8Array | undefined): unknown {
    if (file === undefined) return undefined;
    try {
        return JSON.parse(Buffer.from(file).toString("utf8"));
    } catch {
        throw new UsageError({
            message: "the collateral is not JSON",
            hint: "give the JSON of Intel's provisioning service",
        });
    }
}

function never(kind: never): never {
    throw new TypeError(`kind ${String(kind)}`);
}
