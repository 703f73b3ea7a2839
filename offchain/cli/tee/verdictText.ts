import { type AttestationVerdict, explainAttestation } from "@assay/protocol";
import { facts } from "../io/text.ts";

/** What --json prints: always the same members, null where there is nothing; what was refused stands under `said` only. */
export function verdictValue(verdict: AttestationVerdict) {
    const { accepted, code, kind, tier, attestation, warnings } = verdict;
    const shown = accepted ? attestation : undefined;
    return {
        accepted,
        code,
        reason: accepted ? "" : verdict.reason,
        fix: accepted ? "" : explainAttestation(verdict.code).fix,
        kind,
        tier,
        measurement: shown?.measurementId ?? null,
        registers: shown?.registers ?? null,
        userData: shown?.userData ?? null,
        publicKey: shown?.publicKey ?? null,
        nonce: shown?.nonce ?? null,
        issuedAt: shown?.issuedAt ?? null,
        issuedAtMs: shown?.issuedAtMs ?? null,
        notAfter: shown?.notAfter ?? null,
        tcbStatus: shown?.tcbStatus ?? null,
        advisories: shown?.advisories ?? null,
        rootId: shown?.rootId ?? null,
        traits: shown?.traits ?? null,
        warnings,
        said: accepted ? null : (attestation ?? null),
    };
}

/** The same for a reader. */
export function verdictText(verdict: AttestationVerdict): string {
    const { code, kind, tier, warnings } = verdict;
    const isSimulated = tier === "simulated" || warnings.some((warning) => warning.code === "SIMULATED");
    const head = verdict.accepted
        ? facts([
              ["accepted", tier === "simulated" ? `${kind}, SIMULATED` : `${kind}, hardware`],
              ...attestationRows(verdict),
          ])
        : facts([
              ["REFUSED", code],
              ["kind", kind],
              ["reason", verdict.reason],
              ["fix", explainAttestation(verdict.code).fix],
          ]);
    const notes = warnings.map((warning) => `! ${warning.code}: ${warning.text}`);
    return [...(isSimulated ? [BANNER] : []), head, ...notes].join("\n");
}

const BANNER = "*** SIMULATED: a development stand-in whose key everybody has. It proves nothing. ***";

type Accepted = Extract<AttestationVerdict, { accepted: true }>;

function attestationRows({ kind, attestation }: Accepted): [string, string][] {
    const { measurementId, registers, userData, publicKey, nonce, notAfter, tcbStatus, advisories } = attestation;
    const rows: [string, string | undefined][] = [
        ["measurementId", measurementId],
        ...Object.entries(registers).filter(([, value]) => !/^0x0*$/.test(value)),
        [kind === "nitro" ? "user data" : "report data", userData === "0x" ? undefined : userData],
        ["public key", publicKey],
        ["nonce", nonce],
        ["made at", madeAt(attestation)],
        ["valid until", momentText(notAfter)],
        ["TCB status", tcbStatus],
        ["advisories", advisories?.join(", ") || undefined],
    ];
    return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]]));
}

function madeAt({ issuedAt, issuedAtMs = issuedAt * 1000 }: Accepted["attestation"]): string {
    if (issuedAt === 0) return "unknown: this kind carries no time";
    return `${new Date(issuedAtMs).toISOString()} (${issuedAt})`;
}

function momentText(unixSeconds: number): string {
    return `${new Date(unixSeconds * 1000).toISOString().replace(".000Z", "Z")} (${unixSeconds})`;
}
