import type { CertificateFields } from "../../../offchain/enclave/simulated/certificate.ts";
import {
    basicConstraints,
    extension,
    keyUsage,
    makeCertificate,
    simulatedName,
} from "../../../offchain/enclave/simulated/certificate.ts";
import { derOid } from "../../../offchain/enclave/simulated/derWriter.ts";
import { developmentKey } from "../../../offchain/enclave/simulated/keys.ts";
import { SIMULATED_MARK_OID, simulatedMark } from "../../../offchain/enclave/simulated/mark.ts";
import type { NitroChainPlan } from "../../../offchain/enclave/simulated/nitroChain.ts";
import { AT, aNitroPlan, type NitroForm } from "./nitro.ts";
import type { NitroCase } from "./nitroCases.ts";
import { flipped, numbersOf, ORDER, signatureOf, signingAs } from "./signatures.ts";

type Level = "regional" | "zonal" | "instance" | "leaf";
const LEVELS: Level[] = ["regional", "zonal", "instance", "leaf"];

/** One certificate of the plan changed, in the form that the case runs in. */
function changed(
    name: string,
    code: NitroCase["code"],
    level: Level,
    change: (fields: CertificateFields, form: NitroForm) => Partial<CertificateFields>,
): NitroCase {
    const plan = (form: NitroForm) => (all: NitroChainPlan) => ({
        ...all,
        [level]: { ...all[level], ...change(all[level], form) },
    });
    return { name, code, change: (form) => ({ plan: plan(form) }) };
}

const hidden = extension({ oid: derOid("1.3.6.1.4.1.99999.1"), critical: true, value: new Uint8Array() });
const plain = extension({ oid: derOid("1.3.6.1.4.1.99999.1"), value: new Uint8Array() });
const ca = (pathLength?: number) =>
    basicConstraints(pathLength === undefined ? { ca: true } : { ca: true, pathLength });
const signs = keyUsage({ bits: ["keyCertSign"], critical: true });
const signsNothing = keyUsage({ bits: ["digitalSignature", "crlSign"], critical: true });
const plainConstraints = extension({ oid: derOid("2.5.29.19"), value: Uint8Array.of(0x30, 3, 1, 1, 0xff) });
const withR = (r: bigint) => (good: Uint8Array) => signatureOf(r, numbersOf(good).s);

const SIGNATURES: NitroCase[] = LEVELS.flatMap((level, index): NitroCase[] => [
    {
        name: `the signature of the ${level} certificate changed`,
        code: "BadCertSignature",
        change: () => ({ chain: (all) => flipLast(all, index + 1) }),
    },
    changed(
        `the serial number of the ${level} certificate changed after signing`,
        "BadCertSignature",
        level,
        (fields) => ({
            signer: { ...fields.signer, sign: (body) => fields.signer.sign(body.with(-1, (body.at(-1) ?? 0) ^ 1)) },
        }),
    ),
    changed(`s of the ${level} certificate exchanged for order - s`, "ACCEPTED", level, ({ signer }) => ({
        signer: signingAs(signer, flipped),
    })),
]);

const NUMBERS: NitroCase[] = [
    changed("r = 0 in a certificate", "BadCertSignature", "zonal", ({ signer }) => ({
        signer: signingAs(signer, withR(0n)),
    })),
    changed("r = order in a certificate", "BadCertSignature", "leaf", ({ signer }) => ({
        signer: signingAs(signer, withR(ORDER)),
    })),
    changed("s = 0 in a certificate", "BadCertSignature", "leaf", ({ signer }) => ({
        signer: signingAs(signer, (good) => signatureOf(numbersOf(good).r, 0n)),
    })),
    changed("a certificate signed by itself", "BadCertSignature", "instance", ({ key }) => ({
        signer: { ...developmentKey({ curve: "P-384", name: "tests/stranger" }), publicKey: key.publicKey },
    })),
];

const CONTENTS: NitroCase[] = [
    changed("an unknown critical extension", "UnknownCriticalExtension", "zonal", ({ extensions }) => ({
        extensions: [...extensions, hidden],
    })),
    changed("an unknown extension", "ACCEPTED", "leaf", ({ extensions }) => ({ extensions: [...extensions, plain] })),
    changed("an extension twice", "ExtensionDuplicate", "leaf", ({ extensions }) => ({
        extensions: [...extensions, plain, plain],
    })),
    changed("no extensions", "DerInvalid", "leaf", () => ({ extensions: [] })),
    changed("a key beside the curve", "PublicKeyInvalid", "instance", ({ key }) => ({
        key: { ...key, publicKey: key.publicKey.with(95, (key.publicKey[95] ?? 0) ^ 1) },
    })),
    changed("another issuer", "IssuerMismatch", "leaf", () => ({ issuer: simulatedName("somebody else") })),
    changed("a regional certificate that has expired", "CertExpired", "regional", () => ({ notAfter: AT - 1 })),
    changed("a regional certificate's last second", "ACCEPTED", "regional", () => ({ notAfter: AT })),
    changed("a zonal certificate that is not valid yet", "CertNotYetValid", "zonal", () => ({ notBefore: AT + 1 })),
    changed(
        "the mark of the stand-ins",
        { hardware: "UnknownCriticalExtension", simulated: "ExtensionDuplicate" },
        "zonal",
        ({ extensions }) => ({
            extensions: [...extensions, simulatedMark()],
        }),
    ),
    changed("no mark", { hardware: "ACCEPTED", simulated: "NotSimulated" }, "leaf", ({ extensions }, { marks }) => ({
        extensions: extensions.slice(0, extensions.length - marks.length),
    })),
    changed(
        "a mark that is not critical",
        { hardware: "ACCEPTED", simulated: "NotSimulated" },
        "instance",
        ({ extensions }, { marks }) => ({
            extensions: [...extensions.slice(0, extensions.length - marks.length), plainMark()],
        }),
    ),
];

const ROLES: NitroCase[] = [
    changed("a leaf that is an authority", "LeafIsAuthority", "leaf", (_, { marks }) => ({
        extensions: [ca(), signs, ...marks],
    })),
    changed("a leaf that may not sign", "KeyUsageInvalid", "leaf", (_, { marks }) => ({
        extensions: [basicConstraints({ ca: false }), signs, ...marks],
    })),
    changed("a leaf without keyUsage", "KeyUsageInvalid", "leaf", (_, { marks }) => ({
        extensions: [basicConstraints({ ca: false }), plain, ...marks],
    })),
    changed("an authority without keyCertSign", "KeyUsageInvalid", "zonal", (_, { marks }) => ({
        extensions: [ca(1), signsNothing, ...marks],
    })),
    changed("an authority without keyUsage", "KeyUsageInvalid", "zonal", (_, { marks }) => ({
        extensions: [ca(1), ...marks],
    })),
    changed("an authority that is none", "NotACertificateAuthority", "zonal", (_, { marks }) => ({
        extensions: [basicConstraints({ ca: false }), signs, ...marks],
    })),
    changed("an authority without basicConstraints", "NotACertificateAuthority", "instance", (_, { marks }) => ({
        extensions: [signs, ...marks],
    })),
    changed(
        "an authority by an extension that is not critical",
        "NotACertificateAuthority",
        "regional",
        (_, { marks }) => ({
            extensions: [plainConstraints, signs, ...marks],
        }),
    ),
    changed("authorities of any number", "ACCEPTED", "regional", (_, { marks }) => ({
        extensions: [ca(), signs, ...marks],
    })),
    changed("no authority allowed below the regional one", "PathTooLong", "regional", (_, { marks }) => ({
        extensions: [ca(0), signs, ...marks],
    })),
    changed("one authority allowed where two follow", "PathTooLong", "regional", (_, { marks }) => ({
        extensions: [ca(1), signs, ...marks],
    })),
];

const CHAINS: NitroCase[] = [
    { name: "the leaf as issuer of another leaf", code: "NotACertificateAuthority", change: leafAsIssuer },
    { name: "an authority below the last one allowed", code: "PathTooLong", change: authorityTooDeep },
    { name: "a leaf of the root itself", code: "ACCEPTED", change: leafOfRoot },
    {
        name: "two authorities exchanged",
        code: "IssuerMismatch",
        change: () => ({ chain: ([root, a, b, ...rest]) => whole([root, b, a, ...rest]) }),
    },
    {
        name: "an authority left out",
        code: "IssuerMismatch",
        change: () => ({ chain: ([root, a, , ...rest]) => whole([root, a, ...rest]) }),
    },
    {
        name: "an authority twice",
        code: "IssuerMismatch",
        change: () => ({ chain: ([root, a, ...rest]) => whole([root, a, a, ...rest]) }),
    },
    { name: "the instance as leaf", code: "LeafIsAuthority", change: () => ({ chain: (all) => all.slice(0, -1) }) },
    {
        name: "a certificate of zeros",
        code: "DerInvalid",
        change: () => ({ chain: (all) => all.with(2, new Uint8Array(10)) }),
    },
    {
        name: "a byte behind a certificate",
        code: "DerInvalid",
        change: () => ({ chain: (all) => all.with(4, Uint8Array.of(...(all[4] ?? []), 0)) }),
    },
];

/** Cases of the certificates below the root. */
export const CERTIFICATE_CASES: NitroCase[] = [...SIGNATURES, ...NUMBERS, ...CONTENTS, ...ROLES, ...CHAINS];

/** The enclave's leaf issues a leaf of its own and signs with that one's key. */
function leafAsIssuer(form: NitroForm) {
    const { leaf, leafKey } = aNitroPlan(form);
    const key = developmentKey({ curve: "P-384", name: "tests/minted" });
    const minted = makeCertificate({
        ...leaf,
        issuer: leaf.subject,
        subject: simulatedName("minted"),
        key,
        signer: leafKey,
    });
    return { chain: (all: Uint8Array[]) => [...all, minted], key: () => key };
}

/** The instance's certificate, which allows no authority below it, has one. */
function authorityTooDeep(form: NitroForm) {
    const { instance, leaf } = aNitroPlan(form);
    const key = developmentKey({ curve: "P-384", name: "tests/deep" });
    const subject = simulatedName("deep");
    const deep = makeCertificate({ ...instance, issuer: instance.subject, subject, key, signer: leaf.signer });
    return { chain: (all: Uint8Array[]) => [...all.slice(0, -1), deep, ...all.slice(-1)] };
}

function leafOfRoot({ root }: NitroForm) {
    return {
        plan: (all: NitroChainPlan) => ({ ...all, leaf: { ...all.leaf, issuer: root.subject, signer: root.key } }),
        chain: ([top, , , , leaf]: Uint8Array[]) => whole([top, leaf]),
    };
}

function plainMark(): Uint8Array {
    return extension({ oid: derOid(SIMULATED_MARK_OID), value: new Uint8Array() });
}

function flipLast(all: Uint8Array[], index: number): Uint8Array[] {
    const certificate = all[index] ?? new Uint8Array();
    return all.with(index, certificate.with(-1, (certificate.at(-1) ?? 0) ^ 1));
}

function whole(list: (Uint8Array | undefined)[]): Uint8Array[] {
    return list.filter((item) => item !== undefined);
}
