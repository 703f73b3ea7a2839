import { bytesToHex, concat, type DcapProfile, hexToBytes } from "@assay/protocol";
import { makeCertificate } from "../../../offchain/enclave/simulated/certificate.ts";
import type { SigningKey } from "../../../offchain/enclave/simulated/keys.ts";
import { type QuoteHeader, quoteHeader, signQuote, TDX_HEADER } from "../../../offchain/enclave/simulated/tdxQuote.ts";
import {
    aQeIdentity,
    aTcbInfo,
    COMPONENTS,
    FMSPC,
    MODULE_SVNS,
    PCE_SVN,
    QE_SIGNER,
    QE_SVN,
    type QeIdentityJson,
    type TcbInfoJson,
} from "./dcapDocuments.ts";
import {
    aLeaf,
    aList,
    anAuthority,
    type Certified,
    digits,
    type ListFields,
    makeList,
    pemChain,
    testKey,
} from "./dcapPki.ts";

/** Fields of a report by offset; everything else of it is zero. */
export type ReportBytes = Map<number, Uint8Array>;

/** Everything of a quote and its collateral, to be changed before it is signed. */
export interface DcapPlan {
    header: QuoteHeader;
    /** Of the report: its type in version 5, and its size. */
    bodyType: number;
    bodyBytes: number;
    body: ReportBytes;
    qeReport: ReportBytes;
    /** What the quoting enclave says of its key; the right hash unless changed. */
    qeReportData?: Uint8Array;
    authData: Uint8Array;
    attestationKey: SigningKey;
    platformKey: SigningKey;
    root: Certified;
    intermediate: Certified;
    leaf: Certified;
    /** Of the quote: leaf, intermediate, root. */
    chain: () => Certified[];
    /** Signs both documents. */
    signer: Certified;
    tcbInfo: TcbInfoJson;
    qeIdentity: QeIdentityJson;
    rootList: ListFields;
    platformList: ListFields;
}

/** A quote and what comes with it, in the names of the quote verification library. */
export interface DcapEvidence {
    quote: Uint8Array;
    collateral: Record<string, string>;
}

/** Which quote: version 4 of a trusted domain unless told. */
export interface DcapForm {
    kind?: "sgx" | "tdx";
    version?: 3 | 4 | 5;
    /** A report of TDX 1.5, which only version 5 has. */
    isLater?: boolean;
}

/** Offsets of the fields that tests set. */
export const TDX = { teeTcbSvn: 0, mrSignerSeam: 64, seamAttributes: 112, tdAttributes: 120, mrTd: 136, rtmr0: 328 };
export const TDX_LATER = { reportData: 520, teeTcbSvn2: 584, mrServiceTd: 600 };
export const SGX = { miscSelect: 16, attributes: 48, mrEnclave: 64, mrSigner: 128, isvProdId: 256, isvSvn: 258 };
const SGX_REPORT_DATA = 320;

/** The tests' own root in the place of Intel's. */
export const TEST_PROFILE: DcapProfile = {
    tier: "hardware",
    rootKey: bytesToHex(testKey("Test SGX Root CA").publicKey),
};

/** What the tests' quotes carry: 64 bytes. */
export const REPORT_DATA = Uint8Array.from({ length: 64 }, (_, index) => 0xc0 ^ index);

/** Plans a good quote of a platform that is up to date. */
export function aDcapPlan({ kind = "tdx", version = 4, isLater = false }: DcapForm = {}): DcapPlan {
    const root = anAuthority({ name: "Test SGX Root CA", pathLength: 1, serial: 1 });
    const intermediate = anAuthority({ name: "Test SGX PCK Platform CA", issuer: root, pathLength: 0, serial: 2 });
    const leaf = aLeaf({ name: "Test SGX PCK Certificate", issuer: intermediate, serial: 3, platform: aPlatform() });
    const plan: DcapPlan = {
        header: { ...TDX_HEADER, version, teeType: kind === "tdx" ? 0x81 : 0 },
        bodyType: kind === "sgx" ? 1 : isLater ? 3 : 2,
        bodyBytes: kind === "sgx" ? 384 : isLater ? 648 : 584,
        body: kind === "sgx" ? anSgxReport() : aTdxReport(isLater),
        qeReport: aQeReport(),
        authData: Uint8Array.from({ length: 32 }, (_, index) => index),
        attestationKey: testKey("attestation"),
        platformKey: leaf.key,
        root,
        intermediate,
        leaf,
        chain: () => [plan.leaf, plan.intermediate, plan.root],
        signer: aLeaf({ name: "Test SGX TCB Signing", issuer: root, serial: 4 }),
        tcbInfo: aTcbInfo(kind),
        qeIdentity: aQeIdentity(kind),
        rootList: aList(root),
        platformList: aList(intermediate),
    };
    return plan;
}

/** Makes a quote and its collateral; `change` sees the plan before anything is signed. */
export function aDcapEvidence(form: DcapForm = {}, change: (plan: DcapPlan) => void = () => {}): DcapEvidence {
    const plan = aDcapPlan(form);
    change(plan);
    return { quote: quoteOf(plan), collateral: collateralOf(plan) };
}

/** What the test platform's certificate says. */
export function aPlatform() {
    return {
        ppid: new Uint8Array(16).fill(0xaa),
        componentSvns: COMPONENTS,
        pceSvn: PCE_SVN,
        pceId: new Uint8Array(2),
        fmspc: FMSPC,
        platformInstance: new Uint8Array(16).fill(0xbb),
    };
}

/** A JSON document with its signature, as members of collateral. */
export function signedText(document: unknown, key: SigningKey): { text: string; signature: string } {
    const text = typeof document === "string" ? document : JSON.stringify(document);
    return { text, signature: digits(key.sign(new TextEncoder().encode(text))) };
}

function collateralOf(plan: DcapPlan): Record<string, string> {
    const { signer, root } = plan;
    const tcbInfo = signedText(plan.tcbInfo, signer.key);
    const qeIdentity = signedText(plan.qeIdentity, signer.key);
    return {
        pck_crl_issuer_chain: pemChain(plan.intermediate, root),
        root_ca_crl: digits(makeList(plan.rootList)),
        pck_crl: digits(makeList(plan.platformList)),
        tcb_info_issuer_chain: pemChain(signer, root),
        tcb_info: tcbInfo.text,
        tcb_info_signature: tcbInfo.signature,
        qe_identity_issuer_chain: pemChain(signer, root),
        qe_identity: qeIdentity.text,
        qe_identity_signature: qeIdentity.signature,
    };
}

function quoteOf(plan: DcapPlan): Uint8Array {
    const { header, body, bodyBytes, attestationKey, platformKey, authData } = plan;
    const head = header.version === 5 ? concat(little(plan.bodyType, 2), little(bodyBytes, 4)) : new Uint8Array();
    const quote = signQuote({
        header: quoteHeader(header),
        body: concat(head, reportOf(body, bodyBytes)),
        attestationKey,
        platformKey,
        authData,
        qeReport: (data) => reportOf(new Map([...plan.qeReport, [SGX_REPORT_DATA, plan.qeReportData ?? data]]), 384),
        chain: plan.chain().map((fields) => makeCertificate(fields)),
    });
    return header.version === 3 ? withoutWrapper(quote, 48 + bodyBytes) : quote;
}

/** Version 3 has no wrapper (type 6, size) around the certification data. */
function withoutWrapper(quote: Uint8Array, signedBytes: number): Uint8Array {
    const signatureStart = signedBytes + 4;
    const wrapperStart = signatureStart + 128;
    const length = little(quote.length - signatureStart - 6, 4);
    const rest = [quote.subarray(signatureStart, wrapperStart), quote.subarray(wrapperStart + 6)];
    return concat(quote.subarray(0, signedBytes), length, ...rest);
}

function reportOf(fields: ReportBytes, bytes: number): Uint8Array {
    const report = new Uint8Array(bytes);
    for (const [offset, value] of fields) report.set(value, offset);
    return report;
}

function aTdxReport(isLater: boolean): ReportBytes {
    const registers = [TDX.mrTd, ...[0, 1, 2, 3].map((index) => TDX.rtmr0 + 48 * index)];
    return new Map([
        [TDX.teeTcbSvn, Uint8Array.from(MODULE_SVNS)],
        [TDX.tdAttributes, Uint8Array.of(0, 0, 0, 0x10, 0, 0, 0, 0)],
        ...registers.map((offset): [number, Uint8Array] => [offset, new Uint8Array(48).fill(offset & 0xff)]),
        [TDX_LATER.reportData, REPORT_DATA],
        ...(isLater ? [[TDX_LATER.teeTcbSvn2, Uint8Array.from(MODULE_SVNS)] as const] : []),
    ]);
}

function anSgxReport(): ReportBytes {
    return new Map([
        [SGX.attributes, Uint8Array.of(0x05, 0, 0, 0, 0, 0, 0, 0, 0xe7)],
        [SGX.mrEnclave, new Uint8Array(32).fill(0x33)],
        [SGX.mrSigner, new Uint8Array(32).fill(0x81)],
        [SGX.isvProdId, Uint8Array.of(7, 0)],
        [SGX.isvSvn, Uint8Array.of(2, 1)],
        [SGX_REPORT_DATA, REPORT_DATA],
    ]);
}

function aQeReport(): ReportBytes {
    return new Map([
        [SGX.attributes, Uint8Array.of(0x15, 0, 0, 0, 0, 0, 0, 0, 0xe7)],
        [SGX.mrSigner, hexToBytes(`0x${QE_SIGNER}`)],
        [SGX.isvProdId, little(2, 2)],
        [SGX.isvSvn, little(QE_SVN, 2)],
    ]);
}

function little(value: number, bytes: number): Uint8Array {
    return Uint8Array.from({ length: bytes }, (_, index) => value >>> (8 * index));
}
