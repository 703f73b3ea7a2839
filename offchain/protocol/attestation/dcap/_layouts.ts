import { bytesToHex, type Hex } from "../../hex.ts";

/** One field of a report: where it starts and how many bytes it has. */
type Field = readonly [offset: number, bytes: number];

/** Where the fields of a report stand that are shown, named as Intel names them. */
export interface BodyLayout {
    kind: "sgx" | "tdx";
    /** Of the whole report. */
    bytes: number;
    fields: Readonly<Record<string, Field>>;
    /** Fields of which the measurement id is made, in this order (contracts/libraries/EnclaveIds.sol). */
    measurement: readonly string[];
    reportData: Field;
}

/** Report of an SGX enclave; a quoting enclave's own report has this form too. */
export const SGX_BODY: BodyLayout = {
    kind: "sgx",
    bytes: 384,
    fields: {
        cpuSvn: [0, 16],
        miscSelect: [16, 4],
        isvExtProdId: [32, 16],
        attributes: [48, 16],
        mrEnclave: [64, 32],
        mrSigner: [128, 32],
        configId: [192, 64],
        isvProdId: [256, 2],
        isvSvn: [258, 2],
        configSvn: [260, 2],
        isvFamilyId: [304, 16],
    },
    measurement: ["mrEnclave", "mrSigner", "isvProdId", "isvSvn"],
    reportData: [320, 64],
};

/** Report of a trusted domain, TDX 1.0. */
export const TD10_BODY: BodyLayout = {
    kind: "tdx",
    bytes: 584,
    fields: {
        teeTcbSvn: [0, 16],
        mrSeam: [16, 48],
        mrSignerSeam: [64, 48],
        seamAttributes: [112, 8],
        tdAttributes: [120, 8],
        xfam: [128, 8],
        mrTd: [136, 48],
        mrConfigId: [184, 48],
        mrOwner: [232, 48],
        mrOwnerConfig: [280, 48],
        rtmr0: [328, 48],
        rtmr1: [376, 48],
        rtmr2: [424, 48],
        rtmr3: [472, 48],
    },
    measurement: [
        "mrTd",
        "rtmr0",
        "rtmr1",
        "rtmr2",
        "rtmr3",
        "mrConfigId",
        "mrOwner",
        "mrOwnerConfig",
        "xfam",
        "tdAttributes",
    ],
    reportData: [520, 64],
};

/** Report of a trusted domain, TDX 1.5: what 1.0 says, then the module it runs under now and its service domain. */
export const TD15_BODY: BodyLayout = {
    ...TD10_BODY,
    bytes: 648,
    fields: { ...TD10_BODY.fields, teeTcbSvn2: [584, 16], mrServiceTd: [600, 48] },
};

/** Registers of quotes and how many bytes each has; those that only TDX 1.5 has are among them. */
export const DCAP_REGISTERS: Readonly<Record<BodyLayout["kind"], Readonly<Record<string, number>>>> = {
    sgx: lengthsOf(SGX_BODY),
    tdx: lengthsOf(TD15_BODY),
};

/** The bytes of a report, of its layout's length. */
export interface Report {
    layout: BodyLayout;
    body: Uint8Array;
}

/** Bytes of one field of a report; a field that the layout does not have is empty. */
export function fieldOf({ layout, body }: Report, name: string): Uint8Array {
    const [offset, bytes] = layout.fields[name] ?? [0, 0];
    return body.subarray(offset, offset + bytes);
}

/** The report's 64 bytes of the enclave's own choice. */
export function reportDataOf({ layout, body }: Report): Uint8Array {
    const [offset, bytes] = layout.reportData;
    return body.subarray(offset, offset + bytes);
}

function lengthsOf({ fields }: BodyLayout): Record<string, number> {
    return Object.fromEntries(Object.entries(fields).map(([name, [, bytes]]) => [name, bytes]));
}

/** Every field of a report by its name. */
export function registersOf(report: Report): Record<string, Hex> {
    const names = Object.keys(report.layout.fields);
    return Object.fromEntries(names.map((name) => [name, bytesToHex(fieldOf(report, name))]));
}
