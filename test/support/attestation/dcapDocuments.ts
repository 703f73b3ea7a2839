import { AT, DAY } from "./dcapPki.ts";

/** Patch levels of one part, as Intel's JSON has them. */
export interface PartLevelJson {
    tcb: { isvsvn: number };
    tcbDate: string;
    tcbStatus: string;
    advisoryIDs?: string[];
}

/** One level of a platform. */
export interface LevelJson {
    tcb: Record<string, unknown>;
    tcbDate: string;
    tcbStatus: string;
    advisoryIDs?: string[];
}

/** Who signs a TDX module. */
interface ModuleJson {
    mrsigner: string;
    attributes: string;
    attributesMask: string;
}

export interface TcbInfoJson {
    id?: string;
    version: number;
    issueDate: string;
    nextUpdate: string;
    fmspc: string;
    pceId: string;
    tcbType: number;
    tcbEvaluationDataNumber: number;
    tdxModule?: ModuleJson;
    tdxModuleIdentities?: (ModuleJson & { id: string; tcbLevels: PartLevelJson[] })[];
    tcbLevels: LevelJson[];
}

export interface QeIdentityJson {
    id: string;
    version: number;
    issueDate: string;
    nextUpdate: string;
    tcbEvaluationDataNumber: number;
    miscselect: string;
    miscselectMask: string;
    attributes: string;
    attributesMask: string;
    mrsigner: string;
    isvprodid: number;
    tcbLevels: PartLevelJson[];
}

const DATES = { issueDate: isoOf(AT - 2 * DAY), nextUpdate: isoOf(AT + 28 * DAY) };
const TCB_DATE = isoOf(AT - 100 * DAY);
const INTEL_MODULE = { mrsigner: "00".repeat(48), attributes: "0000000000000000", attributesMask: "FFFFFFFFFFFFFFFF" };

/** Model of the test platform, and what its certificate says of its parts. */
export const FMSPC = Uint8Array.of(0x00, 0xc0, 0x6f, 0, 0, 0xab);
export const COMPONENTS = [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0];
export const PCE_SVN = 11;
/** Security versions of the test domain's TDX module: module 1.x at 6. */
export const MODULE_SVNS = [6, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
export const QE_SVN = 6;
/** mrSigner of the test quoting enclave. */
export const QE_SIGNER = "DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5";

/** ISO time of unix seconds. */
export function isoOf(seconds: number): string {
    return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** A level that a platform reaches which has at least these security versions. */
export function aLevel({
    components = COMPONENTS,
    module,
    pceSvn = PCE_SVN,
    status,
    advisories,
}: {
    components?: number[];
    module?: number[];
    pceSvn?: number;
    status: string;
    advisories?: string[];
}): LevelJson {
    const parts = (svns: number[]) => svns.map((svn) => ({ svn }));
    return {
        tcb: {
            sgxtcbcomponents: parts(components),
            pcesvn: pceSvn,
            ...(module === undefined ? {} : { tdxtcbcomponents: parts(module) }),
        },
        tcbDate: TCB_DATE,
        tcbStatus: status,
        ...(advisories === undefined ? {} : { advisoryIDs: advisories }),
    };
}

/** Level of a quoting enclave or TDX module. */
export function aPartLevel(svn: number, status: string, advisories?: string[]): PartLevelJson {
    const level = { tcb: { isvsvn: svn }, tcbDate: TCB_DATE, tcbStatus: status };
    return advisories === undefined ? level : { ...level, advisoryIDs: advisories };
}

/** TCB info of the test platform, which it is up to date by; levels from the highest to one of zeros. */
export function aTcbInfo(kind: "sgx" | "tdx"): TcbInfoJson {
    const zeros = COMPONENTS.map(() => 0);
    const module = kind === "tdx";
    return {
        id: kind.toUpperCase(),
        version: 3,
        ...DATES,
        fmspc: Buffer.from(FMSPC).toString("hex").toUpperCase(),
        pceId: "0000",
        tcbType: 0,
        tcbEvaluationDataNumber: 17,
        ...(module
            ? { tdxModule: INTEL_MODULE, tdxModuleIdentities: [aModule("TDX_03", 3), aModule("TDX_01", 4)] }
            : {}),
        tcbLevels: [
            aLevel({ ...(module ? { module: [5, 0, 2, ...zeros.slice(3)] } : {}), status: "UpToDate" }),
            aLevel({
                components: zeros,
                pceSvn: 5,
                ...(module ? { module: zeros } : {}),
                status: "OutOfDate",
                advisories: ["INTEL-SA-00106"],
            }),
        ],
    };
}

/** Identity of a TDX module that is up to date from this security version on. */
export function aModule(id: string, svn: number) {
    return {
        id,
        ...INTEL_MODULE,
        tcbLevels: [aPartLevel(svn, "UpToDate"), aPartLevel(2, "OutOfDate", ["INTEL-SA-01"])],
    };
}

/** Identity of the test quoting enclave. */
export function aQeIdentity(kind: "sgx" | "tdx"): QeIdentityJson {
    return {
        id: kind === "tdx" ? "TD_QE" : "QE",
        version: 2,
        ...DATES,
        tcbEvaluationDataNumber: 17,
        miscselect: "00000000",
        miscselectMask: "FFFFFFFF",
        attributes: "11000000000000000000000000000000",
        attributesMask: "FBFFFFFFFFFFFFFF0000000000000000",
        mrsigner: QE_SIGNER,
        isvprodid: 2,
        tcbLevels: [aPartLevel(4, "UpToDate"), aPartLevel(2, "OutOfDate", ["INTEL-SA-00615"])],
    };
}
