import { concat, type Hex, hexToBytes } from "@assay/protocol";
import { sha384 } from "@noble/hashes/sha2.js";
import { AbiCoder } from "ethers";
import type { SimulatedEvidence } from "./evidence.ts";
import { developmentKey } from "./keys.ts";
import { makeTdxChain, planTdxChain } from "./tdxChain.ts";
import { quoteHeader, signQuote, TDX_HEADER, type TdFields, tdBody } from "./tdxQuote.ts";

/** What a simulated trusted domain is asked to attest. */
export interface SimulatedTdxOptions {
    /** 32 bytes that stand for the code: they decide mrTd and rtmr0 to rtmr3. */
    codeHash: Hex;
    /** At most 64 bytes; zeros fill the rest. */
    reportData: Uint8Array;
    /** Unix seconds: one at which its certificates are valid. A quote itself carries no time. */
    at: number;
    /** Any text that names the machine. */
    platform?: string;
}

const ZERO_REGISTER = new Uint8Array(48);
/** SEPT_VE_DISABLE, bit 28: what every production domain has set. */
const ATTRIBUTES = Uint8Array.of(0, 0, 0, 0x10, 0, 0, 0, 0);
const XFAM = Uint8Array.of(0xe7, 0x02, 0x06, 0, 0, 0, 0, 0);
const MODULE_SVN = Uint8Array.of(6, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const AUTH_DATA = Uint8Array.from({ length: 32 }, (_, index) => index);

/**
 * Makes a quote of the shape of Intel TDX's under the development root, whose key everybody has: it shows nothing about
 * any machine. The same options always give the same bytes.
 */
export function makeSimulatedTdxQuote({
    codeHash,
    reportData,
    at,
    platform = "dev",
}: SimulatedTdxOptions): SimulatedEvidence {
    const plan = planTdxChain({ platform, at });
    const { root, intermediate, leaf } = makeTdxChain(plan);
    const document = signQuote({
        header: quoteHeader(TDX_HEADER),
        body: tdBody(simulatedTd({ codeHash, reportData })),
        attestationKey: developmentKey({ curve: "P-256", name: `tdx/attestation/${platform}` }),
        platformKey: plan.leafKey,
        authData: AUTH_DATA,
        chain: [leaf, intermediate, root],
    });
    return { document, collateral: tdxCollateral({ leaf, intermediate }) };
}

/** What SimulatedTdxVerifier takes beside a quote, whose own chain is PEM: abi.encode(leaf, intermediate). */
export function tdxCollateral({ leaf, intermediate }: { leaf: Uint8Array; intermediate: Uint8Array }): Uint8Array {
    return hexToBytes(AbiCoder.defaultAbiCoder().encode(["bytes", "bytes"], [leaf, intermediate]));
}

/** Report of a simulated domain; each of its registers is SHA384("assay-simulated-" ‖ name ‖ codeHash) or zero. */
export function simulatedTd({ codeHash, reportData }: { codeHash: Hex; reportData: Uint8Array }): TdFields {
    const register = (name: string) =>
        sha384(concat(new TextEncoder().encode(`assay-simulated-${name}`), hexToBytes(codeHash)));
    const padded = new Uint8Array(64);
    padded.set(reportData);
    return {
        teeTcbSvn: MODULE_SVN,
        mrSeam: sha384(new TextEncoder().encode("assay-simulated-mrSeam")),
        mrSignerSeam: ZERO_REGISTER,
        seamAttributes: new Uint8Array(8),
        tdAttributes: ATTRIBUTES,
        xfam: XFAM,
        mrTd: register("mrTd"),
        mrConfigId: ZERO_REGISTER,
        mrOwner: ZERO_REGISTER,
        mrOwnerConfig: ZERO_REGISTER,
        rtmr0: register("rtmr0"),
        rtmr1: register("rtmr1"),
        rtmr2: register("rtmr2"),
        rtmr3: register("rtmr3"),
        reportData: padded,
    };
}
