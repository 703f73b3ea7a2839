import type { AttestationCode } from "../errors/ProtocolError.ts";
import type { Attestation, AttestationKind, AttestationVerdict } from "./verdict.ts";

/** What ends a verification; never leaves this folder. */
export class AttestationFault extends Error {
    readonly code: AttestationCode;
    /** What was read before the fault, when all of it could be. */
    readonly attestation: Attestation | undefined;

    constructor({ code, reason, attestation }: { code: AttestationCode; reason: string; attestation?: Attestation }) {
        super(reason);
        this.code = code;
        this.attestation = attestation;
    }
}

/** Ends the verification with this code unless `holds`. */
export function requireThat(holds: boolean, code: AttestationCode, reason: string): asserts holds {
    if (!holds) throw new AttestationFault({ code, reason });
}

/** Runs checks that come after everything was read, so that their faults say what was read. */
export function withAttestation<T>(attestation: Attestation, check: () => T): T {
    try {
        return check();
    } catch (error) {
        if (!(error instanceof AttestationFault)) throw error;
        throw new AttestationFault({ code: error.code, reason: error.message, attestation });
    }
}

/** The verdict of a verification that ended with a fault; anything else is thrown on. */
export function refused({ kind, error }: { kind: AttestationKind; error: unknown }): AttestationVerdict {
    if (!(error instanceof AttestationFault)) throw error;
    const { code, message: reason, attestation } = error;
    return {
        accepted: false,
        code,
        reason,
        kind,
        tier: "none",
        ...(attestation === undefined ? {} : { attestation }),
        warnings: [],
    };
}
