import { DCAP_REGISTERS } from "./dcap/verifyDcap.ts";
import { NITRO_REGISTERS } from "./nitro/verifyNitro.ts";
import { SNP_REGISTERS } from "./snp/verifySnp.ts";
import type { AttestationKind } from "./verdict.ts";

/** Every register that a document of a kind may have, by its name, and its length in bytes. */
export const REGISTER_BYTES: Readonly<Record<AttestationKind, Readonly<Record<string, number>>>> = {
    nitro: NITRO_REGISTERS,
    ...DCAP_REGISTERS,
    snp: SNP_REGISTERS,
};
