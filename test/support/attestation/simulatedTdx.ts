import type { CertificateFields } from "../../../offchain/enclave/simulated/certificate.ts";
import { makeCertificate } from "../../../offchain/enclave/simulated/certificate.ts";
import { developmentKey, type SigningKey } from "../../../offchain/enclave/simulated/keys.ts";
import { simulatedTd, tdxCollateral } from "../../../offchain/enclave/simulated/tdx.ts";
import { planTdxChain, type TdxChainOptions } from "../../../offchain/enclave/simulated/tdxChain.ts";
import {
    type QuoteHeader,
    type QuoteParts,
    quoteHeader,
    signQuote,
    TDX_HEADER,
    type TdFields,
    tdBody,
} from "../../../offchain/enclave/simulated/tdxQuote.ts";

/** A time at which the certificates of made quotes are valid, unix seconds. */
export const AT = 1770919000;

/** What to change of a good quote. */
export interface TdxChange {
    root?: TdxChainOptions["root"];
    marks?: readonly Uint8Array[];
    intermediate?: (fields: CertificateFields) => Partial<CertificateFields>;
    leaf?: (fields: CertificateFields) => Partial<CertificateFields>;
    /** Certificates as made. */
    leafBytes?: (der: Uint8Array) => Uint8Array;
    intermediateBytes?: (der: Uint8Array) => Uint8Array;
    header?: Partial<QuoteHeader>;
    td?: Partial<TdFields>;
    /** Signs the quoting enclave's report in the place of the leaf's key. */
    platformKey?: (leafKey: SigningKey) => SigningKey;
    parts?: (parts: QuoteParts) => Partial<QuoteParts>;
    /** Bytes of the signed quote. */
    quote?: (quote: Uint8Array) => Uint8Array;
}

/** A quote with the certificates in it and beside it. */
export interface TdxCase {
    quote: Uint8Array;
    leaf: Uint8Array;
    intermediate: Uint8Array;
    /** What the contract takes. */
    collateral: Uint8Array;
}

/** A quote under the development root, of which everything can be changed. */
export function aTdxQuote(change: TdxChange = {}): TdxCase {
    const { root, marks, leafBytes = same, intermediateBytes = same, platformKey = same, quote = same } = change;
    const options = { ...(root === undefined ? {} : { root }), ...(marks === undefined ? {} : { marks }) };
    const plan = planTdxChain({ platform: "tests", at: AT, ...options });
    const leaf = leafBytes(makeCertificate({ ...plan.leaf, ...change.leaf?.(plan.leaf) }));
    const intermediateFields = { ...plan.intermediate, ...change.intermediate?.(plan.intermediate) };
    const intermediate = intermediateBytes(makeCertificate(intermediateFields));
    const reportData = new Uint8Array(32).fill(0xb1);
    const parts: QuoteParts = {
        header: quoteHeader({ ...TDX_HEADER, ...change.header }),
        body: tdBody({ ...simulatedTd({ codeHash: `0x${"c0".repeat(32)}`, reportData }), ...change.td }),
        attestationKey: developmentKey({ curve: "P-256", name: "tests/attestation" }),
        platformKey: platformKey(plan.leafKey),
        authData: new Uint8Array(32).fill(7),
        chain: [leaf, intermediate, plan.root],
    };
    const bytes = quote(signQuote({ ...parts, ...change.parts?.(parts) }));
    return { quote: bytes, leaf, intermediate, collateral: tdxCollateral({ leaf, intermediate }) };
}

function same<T>(value: T): T {
    return value;
}
