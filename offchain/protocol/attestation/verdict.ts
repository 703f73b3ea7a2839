import type { AttestationCode } from "../errors/ProtocolError.ts";
import type { Hex } from "../hex.ts";

export type AttestationKind = "nitro" | "tdx" | "sgx" | "snp";

/** What one attestation document says. */
export interface Attestation {
    /** rootIdOf the vendor key that it chains to. */
    rootId: Hex;
    measurementId: Hex;
    /** What names the code, by the format's own names: pcr0 …, mrTd …, mrEnclave …, measurement …. */
    registers: Record<string, Hex>;
    /** Nitro user_data; report_data (64 bytes) elsewhere. */
    userData: Hex;
    /** Nitro: what the enclave put there; undefined when absent. */
    publicKey?: Hex;
    nonce?: Hex;
    /** Unix seconds; 0 = this kind of document carries no time. */
    issuedAt: number;
    /** Nitro: the same as the document has it, unix milliseconds. */
    issuedAtMs?: number;
    /** Unix seconds, inclusive: the earliest end of all certificates and collateral. */
    notAfter: number;
    /** Everything in it that can be revoked. */
    traits: Hex[];
    /** TDX and SGX: what Intel says of the platform's patches. */
    tcbStatus?: string;
    advisories?: string[];
}

/** Something the reader must know although nothing is refused. */
export interface AttestationWarning {
    code: string;
    text: string;
}

/** What an attestation document is worth. */
export type AttestationVerdict =
    | {
          accepted: true;
          code: "ACCEPTED";
          kind: AttestationKind;
          /** `simulated`: signed under a development root whose key everybody has. */
          tier: "hardware" | "simulated";
          attestation: Attestation;
          warnings: AttestationWarning[];
      }
    | {
          accepted: false;
          code: AttestationCode;
          /** What was found, with the values. */
          reason: string;
          kind: AttestationKind;
          tier: "none";
          /** What it says, as far as it could be read; nothing of it is shown to be true. */
          attestation?: Attestation;
          warnings: AttestationWarning[];
      };
