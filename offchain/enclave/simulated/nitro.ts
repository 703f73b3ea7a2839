import { concat, type Hex, hexToBytes } from "@assay/protocol";
import { sha384 } from "@noble/hashes/sha2.js";
import type { SimulatedEvidence } from "./evidence.ts";
import { makeNitroChain, planNitroChain } from "./nitroChain.ts";
import { type NitroFields, nitroEntries, nitroPayload, signNitroPayload } from "./nitroDocument.ts";

/** What a simulated enclave is asked to attest. */
export interface SimulatedNitroOptions {
    /** 32 bytes that stand for the code: they decide PCR 0, 1, 2 and 8. */
    codeHash: Hex;
    /** Unix seconds: the time of the document, and one at which its certificates are valid. */
    at: number;
    /** At most 1024 bytes each; absent ones are null in the document, as in genuine ones. */
    userData?: Uint8Array;
    publicKey?: Uint8Array;
    nonce?: Uint8Array;
    /** Hex digits of the machine and of the enclave; by default from the code hash. */
    instance?: string;
    enclave?: string;
}

const REGISTER_COUNT = 16;
const CODE_REGISTERS = [0, 1, 2, 8];
const ZERO_REGISTER = new Uint8Array(48);
const INSTANCE_REGISTER = 4;

/**
 * Makes a document of the shape of AWS Nitro's under the development root, whose key everybody has: it shows nothing about
 * any machine. The same options always give the same bytes. It needs no collateral.
 */
export function makeSimulatedNitroDocument(options: SimulatedNitroOptions): SimulatedEvidence {
    const { codeHash, at } = options;
    const { instance = codeHash.slice(2, 19), enclave = codeHash.slice(19, 35) } = options;
    const plan = planNitroChain({ instance, enclave, at });
    const { cabundle, leaf } = makeNitroChain(plan);
    const fields: NitroFields = {
        moduleId: `sim-${instance}-enc${enclave}`,
        timestamp: at * 1000,
        pcrs: simulatedPcrs({ codeHash, instance }),
        certificate: leaf,
        cabundle,
        publicKey: options.publicKey,
        userData: options.userData,
        nonce: options.nonce,
    };
    const document = signNitroPayload({ payload: nitroPayload(nitroEntries(fields)), key: plan.leafKey });
    return { document, collateral: new Uint8Array() };
}

/** PCR of a simulated enclave: SHA384("assay-simulated-pcr" ‖ index ‖ codeHash), so that no real image has the same. */
export function simulatedPcr({ index, codeHash }: { index: number; codeHash: Hex }): Uint8Array {
    return sha384(concat(new TextEncoder().encode("assay-simulated-pcr"), Uint8Array.of(index), hexToBytes(codeHash)));
}

/** All sixteen registers: those of the code, that of the instance (by AWS's rule), and zeros. */
export function simulatedPcrs({ codeHash, instance }: { codeHash: Hex; instance: string }): [number, Uint8Array][] {
    const registerOf = (index: number) => {
        if (CODE_REGISTERS.includes(index)) return simulatedPcr({ index, codeHash });
        const name = new TextEncoder().encode(`sim-${instance}`);
        return index === INSTANCE_REGISTER ? sha384(concat(ZERO_REGISTER, name)) : ZERO_REGISTER;
    };
    return Array.from({ length: REGISTER_COUNT }, (_, index) => [index, registerOf(index)]);
}
