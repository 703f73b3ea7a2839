import { type Hex, hexToBytes, measurementIdOf } from "@assay/protocol";
import { z } from "zod";
import { facts } from "../io/text.ts";
import { defineVerb } from "../verb.ts";

/** PCRs that name the code, in their order; all but the last are in every document. */
const MEASURED_PCRS = [0, 1, 2, 8] as const;
const PCR_BYTES = 48;
const pcr = z
    .string()
    .regex(/^[0128]=(0x)?[0-9a-fA-F]{96}$/, "not N=HEX with N of 0, 1, 2, 8 and 48 bytes")
    .transform((text): [number, Hex] => [Number(text[0]), `0x${text.slice(2).replace(/^0x/, "")}`]);

/** `assay tee measurement`: from what a build prints to what a model's owner names. */
export const teeMeasurement = defineVerb({
    name: "measurement",
    about: "The measurementId of an image, from the PCRs that its build prints",
    options: [
        { flags: "--kind <kind>", about: "nitro" },
        {
            flags: "--pcr <n=hex>",
            about: "PCR 0, 1 and 2, and 8 of an image that is signed; repeat for each",
            repeat: true,
        },
    ],
    input: z
        .object({ kind: z.literal("nitro", { error: "not nitro" }), pcr: z.array(pcr) })
        .superRefine(({ pcr: given }, context) => {
            const numbers = given.map(([n]) => n);
            const missing = [0, 1, 2].filter((n) => !numbers.includes(n));
            if (missing.length === 0 && new Set(numbers).size === numbers.length) return;
            const message = missing.length > 0 ? `PCR ${missing.join(", ")} is missing` : "a PCR is given twice";
            context.addIssue({ code: "custom", path: ["pcr"], message });
        }),
    run: async (_, { kind, pcr: given }) => {
        const values = new Map(given);
        const registers = MEASURED_PCRS.map((n) => {
            const value = values.get(n);
            return value === undefined ? new Uint8Array(PCR_BYTES) : hexToBytes(value);
        });
        const measurementId = measurementIdOf({ kind, registers });
        return { ok: true, value: { kind, measurementId }, text: facts([["measurementId", measurementId]]) };
    },
});
