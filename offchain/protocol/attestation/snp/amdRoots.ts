import { z } from "zod";
import { type Hex, toHex } from "../../hex.ts";
import table from "../../tables/amdRoots.json" with { type: "json" };
import { bytesOfBase64 } from "../_pem.ts";
import type { AmdProduct } from "./_tcb.ts";

/** What is trusted of one product line. */
export interface AmdRoot {
    product: AmdProduct;
    /** Certificate of the root key (DER), recognised byte for byte. */
    ark: Uint8Array;
    /** Certificates (DER) of the keys that sign VCEK and VLEK, for collateral that does not bring them. */
    authorities: readonly Uint8Array[];
    /** Content bytes of the serial numbers of authorities that AMD revoked. */
    revokedSerials: readonly Hex[];
}

const certificate = z.string().transform((text, context) => {
    const bytes = bytesOfBase64(text);
    if (bytes !== undefined) return bytes;
    context.addIssue({ code: "custom", message: "not base64" });
    return z.NEVER;
});

const products = z.array(
    z.object({
        product: z.enum(["Milan", "Genoa", "Turin"]),
        ark: certificate,
        authorities: z.array(certificate),
        revokedSerials: z.array(z.string().transform((text) => toHex(text))),
    }),
);

/** The roots of AMD (tables/amdRoots.json); Siena and Bergamo are under that of Genoa. */
export const AMD_ROOTS: readonly AmdRoot[] = products.parse(table.products);
