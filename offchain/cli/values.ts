import { FAMILIES, isProtocolError, policyFromText, toHex, ZERO_ADDRESS } from "@assay/protocol";
import { isAddress } from "ethers";
import { z } from "zod";

/** 32 bytes in hex: an id, a hash. */
export const hash32 = z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, "not 32 bytes in hex")
    .transform((text) => toHex(text));

/** Code that may attest a model version: FAMILY=ID. */
export const measurement = z
    .string()
    .regex(/^TEE_(NITRO|SGX|TDX)=0x[0-9a-fA-F]{64}$/, "not FAMILY=ID, such as TEE_NITRO=0x… of 32 bytes")
    .transform((text) => {
        const [name, id = ""] = text.split("=");
        const family = z.enum(["TEE_NITRO", "TEE_SGX", "TEE_TDX"]).parse(name);
        return { family: FAMILIES[family], measurementId: toHex(id, 32) };
    });

/** An address; mixed case must carry the right checksum. */
export const address = z
    .string()
    .refine((text) => isAddress(text), "not an address, or its checksum is wrong")
    .transform((text) => toHex(text));

/** A token: an address, or the zero address for the native token when left out. */
export const token = address.optional().transform((given) => given ?? ZERO_ADDRESS);

/** Bytes in hex. */
export const hexBytes = z
    .string()
    .regex(/^0x([0-9a-fA-F]{2})*$/, "not bytes in hex")
    .transform((text) => toHex(text));

/** A whole number of at least 0, as on-chain integers are. */
export const unsigned = z
    .string()
    .regex(/^\d{1,78}$/, "not a whole number")
    .transform(BigInt);

/** A whole number of at least 0 that counts something off chain. */
export const count = z
    .string()
    .regex(/^\d{1,9}$/, "not a whole number below 10^9")
    .transform(Number);

/** A percentage, with or without its sign. */
export const percent = z
    .string()
    .regex(/^\d{1,3}(\.\d{1,6})?%?$/, "not a percentage")
    .transform((text) => Number(text.replace("%", "")));

/** A policy: a preset's name or its word in hex. */
export const policy = z.string().transform((text, context) => {
    try {
        return policyFromText(text);
    } catch (fault) {
        if (!isProtocolError(fault)) throw fault;
        context.addIssue({ code: "custom", message: fault.message });
        return z.NEVER;
    }
});
