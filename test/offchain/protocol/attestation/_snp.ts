import { readFileSync } from "node:fs";
import { type AttestationVerdict, hexToBytes, verifySnp } from "@assay/protocol";
import { z } from "zod";
import { aReport, aVcek, NOW, testKey, testRoots } from "../../../support/attestation/snp.ts";

const file = new URL("../../../vectors/snp.json", import.meta.url);
const vector = z
    .object({
        report: z.string(),
        vcek: z.string(),
        turinVcek: z.string(),
        at: z.number(),
        notBefore: z.number(),
        notAfter: z.number(),
    })
    .parse(JSON.parse(readFileSync(file, "utf8")));

/** A report of a genuine chip, with the certificate of its key; `at` lies in its validity. */
export const GENUINE = {
    ...vector,
    report: hexToBytes(vector.report),
    vcek: new Uint8Array(Buffer.from(vector.vcek, "base64")),
    /** Certificate of the key of another genuine chip, of which there is no report. */
    turinVcek: new Uint8Array(Buffer.from(vector.turinVcek, "base64")),
};

let vcek: Uint8Array | undefined;

/** Verifies a report under the test root: the acceptable one and its key's certificate, unless told. */
export function judge(changes: Partial<Parameters<typeof verifySnp>[0]> = {}): Promise<AttestationVerdict> {
    vcek ??= aVcek();
    return verifySnp({ report: aReport(), collateral: vcek, at: NOW, roots: testRoots(), ...changes });
}

/** Code of the verdict on a report under the test root. */
export async function codeOf(changes: Parameters<typeof judge>[0] = {}): Promise<string> {
    return (await judge(changes)).code;
}

/** Makes the keys that most tests use: RSA keys of 4096 bits take seconds when the machine is busy. */
export function makeKeys(): void {
    for (const name of ["ark", "ask", "impostor", "leaf"]) testKey(name);
}
