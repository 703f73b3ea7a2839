import { basicConstraints, keyUsage } from "../../../../offchain/enclave/simulated/certificate.ts";
import { derOctets } from "../../../../offchain/enclave/simulated/derWriter.ts";
import { type DcapPlan, SGX, signedText } from "../../../support/attestation/dcap.ts";
import { aQeIdentity, aTcbInfo, isoOf } from "../../../support/attestation/dcapDocuments.ts";
import {
    AT,
    aLeaf,
    aList,
    anAuthority,
    DAY,
    digits,
    extensionOf,
    makeList,
    pemChain,
    testKey,
} from "../../../support/attestation/dcapPki.ts";
import type { DcapCase } from "./_dcap.ts";

/** Serial numbers of other platforms: with these a list is longer than 64 KB. */
const MANY = Array.from({ length: 1500 }, (_, index) =>
    new Uint8Array(20)
        .fill(0x40)
        .with(18, index >> 8)
        .with(19, index & 0xff),
);

type Made = Record<string, string>;

/** Collateral with one member changed. */
const withMember = (name: string, value: unknown) => (made: Made) => ({ ...made, [name]: value });
/** Collateral without one member. */
const without = (name: string) => (made: Made) =>
    Object.fromEntries(Object.entries(made).filter(([member]) => member !== name));
/** Collateral with a text changed after it was signed. */
const edited = (name: string, from: string, to: string) => (made: Made) => ({
    ...made,
    [name]: (made[name] ?? "").replace(from, to),
});

/** TCB info signed by the right key, of any text. */
const withTcbText = (edit: (text: string) => string) => (made: Made) => {
    const { text, signature } = signedText(edit(made.tcb_info ?? ""), testKey("Test SGX TCB Signing"));
    return { ...made, tcb_info: text, tcb_info_signature: signature };
};

/** Hex with its last byte changed, so that a signature at its end does not verify. */
const spoilt = (name: string) => (made: Made) => {
    const hex = made[name] ?? "";
    return { ...made, [name]: `${hex.slice(0, -1)}${hex.endsWith("0") ? "1" : "0"}` };
};

const ROOT = anAuthority({ name: "Test SGX Root CA", pathLength: 1, serial: 1 });
const SIGNER = aLeaf({ name: "Test SGX TCB Signing", issuer: ROOT, serial: 4 });

export const FORM_CASES: DcapCase[] = [
    { name: "none", collateral: () => undefined, code: "CollateralMissing" },
    { name: "null", collateral: () => null, code: "CollateralMissing" },
    ...([{}, [], "collateral", 7] as const).map((value) => ({
        name: JSON.stringify(value),
        collateral: () => value,
        code: "CollateralInvalid",
    })),
    ...["tcb_info", "tcb_info_signature", "tcb_info_issuer_chain", "qe_identity", "qe_identity_signature"].map(
        (name) => ({
            name: `no ${name}`,
            collateral: without(name),
            code: "CollateralInvalid",
        }),
    ),
    { name: "TCB info as an object", collateral: withMember("tcb_info", {}), code: "CollateralInvalid" },
    { name: "a short signature", collateral: withMember("tcb_info_signature", "00"), code: "CollateralInvalid" },
    { name: "one member under two names", collateral: withMember("tcbInfo", "{}"), code: "CollateralInvalid" },
    { name: "members that nobody knows", collateral: withMember("pck_certificate_chain", "x"), code: "ACCEPTED" },
    {
        name: "a zero byte at the end of every text",
        collateral: (made) => Object.fromEntries(Object.entries(made).map(([name, text]) => [name, `${text}\0`])),
        code: "ACCEPTED",
    },
    { name: "a zero byte inside a text", collateral: edited("tcb_info", "}", "}\0"), code: "CollateralInvalid" },
    { name: "no chain of the platform's list", collateral: without("pck_crl_issuer_chain"), code: "ACCEPTED" },
];

export const DOCUMENT_CASES: DcapCase[] = [
    {
        name: "TCB info with one byte changed",
        collateral: edited("tcb_info", "OutOf", "outOf"),
        code: "CollateralInvalid",
    },
    { name: "TCB info with a space more", collateral: edited("tcb_info", ":", ": "), code: "CollateralInvalid" },
    {
        name: "an identity with one byte changed",
        collateral: edited("qe_identity", "17", "18"),
        code: "CollateralInvalid",
    },
    { name: "another signature", collateral: spoilt("qe_identity_signature"), code: "CollateralInvalid" },
    {
        name: "a zero signature",
        collateral: withMember("tcb_info_signature", "00".repeat(64)),
        code: "CollateralInvalid",
    },
    {
        name: "a signer below the platform's authority",
        change: (plan) => {
            plan.signer = aLeaf({ name: "Test SGX TCB Signing", issuer: plan.intermediate, serial: 4 });
        },
        code: "CollateralInvalid",
    },
    {
        name: "a signer of another name",
        change: (plan) => {
            plan.signer = aLeaf({ name: "Test SGX PCK Certificate", issuer: plan.root, serial: 4 });
        },
        code: "CollateralInvalid",
    },
    {
        name: "a signer that is an authority",
        change: (plan) => {
            plan.signer = anAuthority({ name: "Test SGX TCB Signing", issuer: plan.root, pathLength: 0, serial: 4 });
        },
        code: "CollateralInvalid",
    },
    {
        name: "a signer under another root",
        collateral: (made) => {
            const key = testKey("impostor");
            const chain = pemChain({ ...SIGNER, signer: key }, { ...ROOT, key, signer: key });
            return { ...made, tcb_info_issuer_chain: chain };
        },
        code: "CollateralInvalid",
    },
    {
        name: "the signer's chain upside down",
        collateral: withMember("tcb_info_issuer_chain", pemChain(ROOT, SIGNER)),
        code: "CollateralInvalid",
    },
    {
        name: "the signer alone",
        collateral: withMember("tcb_info_issuer_chain", pemChain(SIGNER)),
        code: "CollateralInvalid",
    },
    {
        name: "words in the chain",
        collateral: withMember("qe_identity_issuer_chain", `see ${pemChain(SIGNER, ROOT)}`),
        code: "CollateralInvalid",
    },
    {
        name: "a chain that is not percent-encoded",
        collateral: withMember("qe_identity_issuer_chain", "%zz"),
        code: "CollateralInvalid",
    },
    {
        name: "another chain of the platform's list",
        collateral: withMember("pck_crl_issuer_chain", pemChain(SIGNER, ROOT)),
        code: "CollateralInvalid",
    },
    { name: "signed words", collateral: withTcbText(() => "UpToDate"), code: "CollateralInvalid" },
    {
        name: "a signed name twice",
        collateral: withTcbText((text) => text.replace("{", '{"version":2,')),
        code: "CollateralInvalid",
    },
    {
        name: "a signed name twice, once escaped",
        collateral: withTcbText((text) => text.replace("{", '{"vers\\u0069on":3,')),
        code: "CollateralInvalid",
    },
    {
        name: "a signed name twice deep inside",
        collateral: withTcbText((text) => text.replace('"pcesvn"', '"pcesvn":0,"pcesvn"')),
        code: "CollateralInvalid",
    },
    {
        name: "an advisory that a terminal would obey",
        collateral: withTcbText((text) => text.replace("INTEL-SA-00106", "\\u001b[2J")),
        code: "CollateralInvalid",
    },
    {
        name: "another version",
        collateral: withTcbText((text) => text.replace('"version":3', '"version":4')),
        code: "CollateralInvalid",
    },
    {
        name: "an unknown status",
        collateral: withTcbText((text) => text.replace("UpToDate", "Fine")),
        code: "CollateralInvalid",
    },
    {
        name: "15 components",
        collateral: withTcbText((text) => text.replace('{"svn":3},', "")),
        code: "CollateralInvalid",
    },
    {
        name: "another type of TCB",
        collateral: withTcbText((text) => text.replace('"tcbType":0', '"tcbType":1')),
        code: "CollateralInvalid",
    },
    {
        name: "a time with an offset",
        collateral: withTcbText((text) => text.replace('Z","nextUpdate', '+01:00","nextUpdate')),
        code: "CollateralInvalid",
    },
];

/** Parts whose dates are judged, how they are set, and the code when it is not their time. */
const DATED: [name: string, code: string, set: (plan: DcapPlan, from: number, until: number) => void][] = [
    ["TCB info", "CollateralExpired", (plan, from, until) => Object.assign(plan.tcbInfo, documentDates(from, until))],
    [
        "identity",
        "CollateralExpired",
        (plan, from, until) => Object.assign(plan.qeIdentity, documentDates(from, until)),
    ],
    [
        "signer",
        "CollateralExpired",
        ({ signer }, from, until) => Object.assign(signer, { notBefore: from, notAfter: until }),
    ],
    [
        "root's list",
        "RevocationListInvalid",
        ({ rootList }, from, until) => Object.assign(rootList, listDates(from, until)),
    ],
    [
        "platform's list",
        "RevocationListInvalid",
        ({ platformList }, from, until) => Object.assign(platformList, listDates(from, until)),
    ],
];

export const DATE_CASES: DcapCase[] = DATED.flatMap(([name, code, set]) => [
    { name: `the ${name} in its last second`, change: (plan: DcapPlan) => set(plan, AT - DAY, AT), code: "ACCEPTED" },
    { name: `the ${name} in its first second`, change: (plan: DcapPlan) => set(plan, AT, AT + DAY), code: "ACCEPTED" },
    { name: `the ${name} a second later`, change: (plan: DcapPlan) => set(plan, AT - DAY, AT - 1), code },
    { name: `the ${name} a second too early`, change: (plan: DcapPlan) => set(plan, AT + 1, AT + DAY), code },
]);

export const REVOCATION_CASES: DcapCase[] = [
    ...["root_ca_crl", "pck_crl"].flatMap((name) => [
        { name: `no ${name}`, collateral: without(name), code: "RevocationListInvalid" },
        { name: `an empty ${name}`, collateral: withMember(name, ""), code: "RevocationListInvalid" },
        { name: `words as ${name}`, collateral: withMember(name, "nothing revoked"), code: "RevocationListInvalid" },
        { name: `other bytes as ${name}`, collateral: withMember(name, "3003020101"), code: "RevocationListInvalid" },
        { name: `an unsigned ${name}`, collateral: spoilt(name), code: "RevocationListInvalid" },
        {
            name: `a byte more in ${name}`,
            collateral: (made: Made) => ({ ...made, [name]: `${made[name]}00` }),
            code: "RevocationListInvalid",
        },
    ]),
    {
        name: "the lists swapped",
        collateral: (made) => ({ ...made, root_ca_crl: made.pck_crl, pck_crl: made.root_ca_crl }),
        code: "RevocationListInvalid",
    },
    {
        name: "a list of the right name and another key",
        change: ({ platformList }) => {
            platformList.signer = testKey("impostor");
        },
        code: "RevocationListInvalid",
    },
    {
        name: "a list of another authority below the same root",
        collateral: withMember(
            "pck_crl",
            digits(
                makeList(
                    aList(anAuthority({ name: "Test SGX PCK Processor CA", issuer: ROOT, pathLength: 0, serial: 9 })),
                ),
            ),
        ),
        code: "RevocationListInvalid",
    },
    {
        name: "a list of an authority that may not sign lists",
        change: ({ intermediate }) => {
            const usage = keyUsage({ bits: ["keyCertSign"], critical: true });
            intermediate.extensions = [usage, basicConstraints({ ca: true, pathLength: 0 })];
        },
        code: "RevocationListInvalid",
    },
    {
        name: "a list that counts only with others (critical extension)",
        change: ({ rootList }) => {
            rootList.extensions.push(extensionOf("2.5.29.27", derOctets(Uint8Array.of(1)), true));
        },
        code: "RevocationListInvalid",
    },
    {
        name: "a list without extensions",
        change: ({ rootList }) => {
            rootList.extensions = [];
        },
        code: "ACCEPTED",
    },
    {
        name: "another platform revoked",
        change: ({ platformList }) => platformList.serials.push(Uint8Array.of(0x90, 9)),
        code: "ACCEPTED",
    },
    {
        name: "1,500 platforms revoked",
        change: ({ platformList }) => platformList.serials.push(...MANY),
        code: "ACCEPTED",
    },
    {
        name: "1,500 platforms revoked, and this one",
        change: ({ platformList, leaf }) => platformList.serials.push(...MANY, leaf.serial),
        code: "CertRevoked",
    },
    ...(["leaf", "intermediate", "signer"] as const).map((name) => ({
        name: `the ${name} revoked`,
        change: (plan: DcapPlan) => {
            const list = name === "leaf" ? plan.platformList : plan.rootList;
            list.serials.push(Uint8Array.of(1), plan[name].serial, Uint8Array.of(2));
        },
        code: "CertRevoked",
    })),
    {
        name: "the leaf's number on the root's list",
        change: ({ rootList, leaf }) => rootList.serials.push(leaf.serial),
        code: "ACCEPTED",
    },
];

export const MISMATCH_CASES: DcapCase[] = [
    {
        name: "another model",
        change: ({ tcbInfo }) => Object.assign(tcbInfo, { fmspc: "00A067110000" }),
        code: "CollateralMismatch",
    },
    {
        name: "another PCE",
        change: ({ tcbInfo }) => Object.assign(tcbInfo, { pceId: "0100" }),
        code: "CollateralMismatch",
    },
    {
        name: "TCB info of SGX for a domain",
        change: (plan) => {
            plan.tcbInfo = aTcbInfo("sgx");
        },
        code: "CollateralMismatch",
    },
    {
        name: "TCB info of TDX for an SGX enclave",
        form: { kind: "sgx" },
        change: (plan) => {
            plan.tcbInfo = aTcbInfo("tdx");
        },
        code: "CollateralMismatch",
    },
    {
        name: "the identity of SGX for a domain",
        change: (plan) => {
            plan.qeIdentity = aQeIdentity("sgx");
        },
        code: "CollateralMismatch",
    },
    {
        name: "the identity of TDX for an SGX enclave",
        form: { kind: "sgx" },
        change: (plan) => {
            plan.qeIdentity = aQeIdentity("tdx");
        },
        code: "CollateralMismatch",
    },
    {
        name: "a quoting enclave of another signer",
        change: ({ qeIdentity }) => Object.assign(qeIdentity, { mrsigner: "00".repeat(32) }),
        code: "QuotingEnclaveInvalid",
    },
    {
        name: "another product of Intel",
        change: ({ qeIdentity }) => Object.assign(qeIdentity, { isvprodid: 3 }),
        code: "QuotingEnclaveInvalid",
    },
    {
        name: "other attributes",
        change: ({ qeReport }) => qeReport.set(SGX.attributes, Uint8Array.of(0x17)),
        code: "QuotingEnclaveInvalid",
    },
    {
        name: "attributes that the mask leaves out",
        change: ({ qeReport }) => qeReport.set(SGX.attributes, Uint8Array.of(0x11)),
        code: "ACCEPTED",
    },
    {
        name: "another selection",
        change: ({ qeReport }) => qeReport.set(SGX.miscSelect, Uint8Array.of(1)),
        code: "QuotingEnclaveInvalid",
    },
];

function documentDates(from: number, until: number) {
    return { issueDate: isoOf(from), nextUpdate: isoOf(until) };
}

function listDates(from: number, until: number) {
    return { thisUpdate: from, nextUpdate: until };
}
