import { ALLOWABLE_STATUSES, type Hex, toHex } from "@assay/protocol";
import { z } from "zod";
import { count, hash32 } from "../values.ts";
import type { OptionSpec } from "../verb.ts";
import { registerFaults } from "./registers.ts";

/** What `assay tee verify` takes beside the file. */
export const TEE_OPTIONS: readonly OptionSpec[] = [
    { flags: "--kind <kind>", about: "nitro, tdx, sgx or snp" },
    {
        flags: "--collateral <file>",
        about: "tdx, sgx: JSON of Intel's service; snp: VCEK alone or with ASK and ARK (JSON, PEM, DER); may be repeated",
        repeat: true,
    },
    { flags: "--at <unix>", about: "time to judge at, unix seconds (default: now)" },
    { flags: "--expect-pcr <n=hex>", about: "nitro: value of a PCR; may be repeated", repeat: true },
    { flags: "--expect <name=hex>", about: "value of a register by its name; may be repeated", repeat: true },
    { flags: "--expect-measurement <id>", about: "measurementId that registrations name" },
    { flags: "--expect-user-data <hex>", about: "nitro: what the enclave attested" },
    { flags: "--expect-public-key <hex>", about: "nitro: the key that the enclave attested" },
    { flags: "--expect-nonce <hex>", about: "nitro: the challenge that the enclave was given" },
    {
        flags: "--expect-report-data <hex>",
        about: "tdx, sgx, snp: what the enclave attested; zeros at its end may be left out",
    },
    { flags: "--max-age <seconds>", about: "nitro: how old the document may be" },
    {
        flags: "--allow-status <name>",
        about: "tdx, sgx: a status of the platform beside UpToDate; may be repeated",
        repeat: true,
    },
    {
        flags: "--allow-advisory <id>",
        about: "tdx, sgx: an advisory of such a platform, or any; may be repeated",
        repeat: true,
    },
    {
        flags: "--minimum-tcb <part=n>",
        about: "snp: least patch level of fmc, bootloader, tee, snp or microcode",
        repeat: true,
    },
    { flags: "--vmpl <n>", about: "snp: the privilege level that asked for the report (0)" },
    { flags: "--vcek-only", about: "snp: refuse keys that AMD lent to a cloud provider (VLEK)" },
    { flags: "--allow-simulated", about: "accept stand-ins of the development root, which prove nothing" },
];

const KINDS = ["nitro", "tdx", "sgx", "snp"] as const;
const DCAP = ["tdx", "sgx"] as const;
const TCB_PARTS = ["fmc", "bootloader", "tee", "snp", "microcode"] as const;

const hex = z
    .string()
    .regex(/^(0x)?([0-9a-fA-F]{2})*$/, "not bytes in hex")
    .transform((text): Hex => toHex(`0x${text.replace(/^0x/, "")}`));

/** Twelve digits reach far; thirteen are milliseconds. */
const moment = z
    .string()
    .regex(/^\d{1,12}$/, "not a time in unix seconds")
    .transform(Number);

/** What is said of an option that is missing, or has a value that it does not take: both name it, and what it takes. */
function says(flag: string, takes: string): { error: (issue: { input?: unknown }) => string } {
    return {
        error: ({ input }) => (input === undefined ? `${flag} is missing: ${takes}` : `${flag} ${input}: not ${takes}`),
    };
}

const digits48 = /^(3[01]|[12]?\d)=(?:0x)?([0-9a-fA-F]{96})$/;
const pcr = z
    .string()
    .regex(digits48, says("--expect-pcr", "N=HEX with N from 0 to 31 and 48 bytes"))
    .transform(pairOf);
const register = z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]*=(0x)?([0-9a-fA-F]{2})+$/, says("--expect", "NAME=HEX"))
    .transform(pairOf);
const level = z
    .string()
    .regex(
        new RegExp(`^(${TCB_PARTS.join("|")})=(25[0-5]|2[0-4]\\d|1?\\d?\\d)$`),
        says("--minimum-tcb", `PART=N with N from 0 to 255 and one of ${TCB_PARTS.join(", ")}`),
    )
    .transform((text): [string, number] => [text.replace(/=.*/, ""), Number(text.replace(/.*=/, ""))]);

const status = z.enum(ALLOWABLE_STATUSES, says("--allow-status", `one of ${ALLOWABLE_STATUSES.join(", ")}`));

/** The only kinds that an option makes sense for; anything else would be asked for and not checked. */
const ONLY_FOR: Readonly<Record<string, readonly string[]>> = {
    collateral: ["tdx", "sgx", "snp"],
    expectPcr: ["nitro"],
    expectUserData: ["nitro"],
    expectPublicKey: ["nitro"],
    expectNonce: ["nitro"],
    expectReportData: ["tdx", "sgx", "snp"],
    maxAge: ["nitro"],
    allowStatus: DCAP,
    allowAdvisory: DCAP,
    minimumTcb: ["snp"],
    vmpl: ["snp"],
    vcekOnly: ["snp"],
    allowSimulated: ["nitro", "tdx"],
};

/** Everything that the command line says, parsed. */
export const teeInput = z
    .object({
        file: z.string(),
        kind: z.enum(KINDS, says("--kind", `one of ${KINDS.join(", ")}`)),
        collateral: z.array(z.string()).optional(),
        at: moment.optional(),
        expectPcr: z.array(pcr).optional(),
        expect: z.array(register).optional(),
        expectMeasurement: hash32.optional(),
        expectUserData: hex.optional(),
        expectPublicKey: hex.optional(),
        expectNonce: hex.optional(),
        expectReportData: hex.optional(),
        maxAge: count.optional(),
        allowStatus: z.array(status).optional(),
        allowAdvisory: z.array(z.string()).optional(),
        minimumTcb: z.array(level).optional(),
        vmpl: z
            .string()
            .regex(/^[0-3]$/, "not a level from 0 to 3")
            .transform(Number)
            .optional(),
        vcekOnly: z.boolean().optional(),
        allowSimulated: z.boolean().optional(),
    })
    .superRefine((input, context) => {
        for (const [name, kinds] of Object.entries(ONLY_FOR)) {
            const isGiven = new Map<string, unknown>(Object.entries(input)).get(name) !== undefined;
            if (!isGiven || kinds.includes(input.kind)) continue;
            context.addIssue({ code: "custom", path: [name], message: `only for --kind ${kinds.join(", ")}` });
        }
        for (const message of registerFaults(input)) context.addIssue({ code: "custom", message });
        for (const name of contradicted(input)) {
            context.addIssue({ code: "custom", message: `two values are asked of ${name}` });
        }
        const [, second] = input.collateral ?? [];
        if (second === undefined || input.kind === "snp") return;
        context.addIssue({ code: "custom", path: ["collateral"], message: "one file holds all of it" });
    });

export type TeeInput = z.output<typeof teeInput>;

type Asked = readonly (readonly [name: string | number, value: Hex | number])[] | undefined;

/** Registers and patch levels of which two values are asked: one of them would be asked for and not checked. */
function contradicted({
    expectPcr = [],
    expect = [],
    minimumTcb = [],
}: {
    expectPcr?: Asked;
    expect?: Asked;
    minimumTcb?: Asked;
}): string[] {
    const asked = [...expectPcr.map(([index, value]) => [`pcr${index}`, value] as const), ...expect, ...minimumTcb];
    const values = Map.groupBy(asked, ([name]) => String(name));
    return [...values].filter(([, pairs]) => new Set(pairs.map(([, value]) => value)).size > 1).map(([name]) => name);
}

function pairOf(text: string): [name: string, value: Hex] {
    const at = text.indexOf("=");
    return [text.slice(0, at), toHex(`0x${text.slice(at + 1).replace(/^0x/, "")}`)];
}
