import { z } from "zod";
import { PART_STATUSES, PLATFORM_STATUSES } from "./_statuses.ts";

const SVN_COUNT = 16;
const svn = z.int().min(0).max(255);
const wideSvn = z.int().min(0).max(65_535);
/** They are shown to people, so that nothing may be in them that a terminal obeys. */
const advisoryIDs = z.array(z.string().regex(/^[ -~]{1,64}$/)).default([]);

/** ISO time in UTC and whole seconds, read into unix seconds. */
export const isoSeconds = z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    .transform((text) => Date.parse(text) / 1000)
    .pipe(z.int().min(0));

/** Hex digits of exactly so many bytes, in lower case. */
export function digits(bytes: number) {
    return z
        .string()
        .regex(new RegExp(`^[0-9a-fA-F]{${2 * bytes}}$`))
        .toLowerCase();
}

/** When an Intel document was made and when the next is due. */
export const documentDates = { issueDate: isoSeconds, nextUpdate: isoSeconds };

/** Patch levels of a quoting enclave or TDX module, the highest first. */
export const partLevels = z.array(
    z.object({ tcb: z.object({ isvsvn: wideSvn }), tcbStatus: z.enum(PART_STATUSES), advisoryIDs }),
);

const components = z
    .array(z.object({ svn }))
    .length(SVN_COUNT)
    .transform((list) => list.map((component) => component.svn));

/** Version 2 names the 16 components one by one. */
const numberedNames = Array.from({ length: SVN_COUNT }, (_, i) => `sgxtcbcomp${String(i + 1).padStart(2, "0")}svn`);
const numberedComponents = z.object(Object.fromEntries(numberedNames.map((name) => [name, svn])));

const tcbVersion3 = z
    .object({ sgxtcbcomponents: components, tdxtcbcomponents: components.optional(), pcesvn: wideSvn })
    .transform((tcb) => ({ sgx: tcb.sgxtcbcomponents, tdx: tcb.tdxtcbcomponents, pceSvn: tcb.pcesvn }));

const tcbVersion2 = z
    .object({ pcesvn: wideSvn })
    .and(numberedComponents)
    .transform((tcb) => ({ sgx: numberedNames.map((name) => Number(tcb[name])), tdx: undefined, pceSvn: tcb.pcesvn }));

function levels<T extends z.ZodType>(tcb: T) {
    return z.array(z.object({ tcb, tcbStatus: z.enum(PLATFORM_STATUSES), advisoryIDs })).min(1);
}

const moduleSigner = { mrsigner: digits(48), attributes: digits(8), attributesMask: digits(8) };

const common = {
    ...documentDates,
    fmspc: digits(6),
    pceId: digits(2),
    tcbType: z.literal(0),
    tcbEvaluationDataNumber: z.int().min(0),
};

const version3 = z.object({
    ...common,
    id: z.enum(["SGX", "TDX"]),
    version: z.literal(3),
    tdxModule: z.object(moduleSigner).optional(),
    tdxModuleIdentities: z
        .array(z.object({ ...moduleSigner, id: z.string().toUpperCase(), tcbLevels: partLevels }))
        .default([]),
    tcbLevels: levels(tcbVersion3),
});

const version2 = z
    .object({ ...common, version: z.literal(2), tcbLevels: levels(tcbVersion2) })
    .transform((info) => ({ ...info, id: "SGX" as const, tdxModule: undefined, tdxModuleIdentities: [] }));

/** Intel's TCB info of one platform model, versions 2 (SGX only) and 3. */
export const tcbInfoJson = z.union([version3, version2]);

export type TcbInfo = z.infer<typeof tcbInfoJson>;
export type TcbLevel = TcbInfo["tcbLevels"][number];
export type PartLevels = z.infer<typeof partLevels>;

/** Intel's identity of its quoting enclave: QE for SGX, TD_QE for TDX. */
export const qeIdentityJson = z.object({
    ...documentDates,
    id: z.enum(["QE", "TD_QE", "QVE"]),
    version: z.union([z.literal(2), z.literal(3)]),
    tcbEvaluationDataNumber: z.int().min(0),
    miscselect: digits(4),
    miscselectMask: digits(4),
    attributes: digits(16),
    attributesMask: digits(16),
    mrsigner: digits(32),
    isvprodid: wideSvn,
    tcbLevels: partLevels,
});

export type QeIdentity = z.infer<typeof qeIdentityJson>;
