import { bytesToHex } from "../../hex.ts";
import { isZero } from "../_bytes.ts";
import type { SnpReport } from "./_report.ts";
import { type AmdProduct, productOf, tcbOf } from "./_tcb.ts";

/** AMD's key service knows the chips of a product by this many of the 64 bytes in a report. */
const CHIP_BYTES: Readonly<Record<AmdProduct, number>> = { Milan: 64, Genoa: 64, Turin: 8 };

/** Names the certificate that a report needs by what AMD's key service is asked for: key, product, chip, patch levels. */
export function wantedKey({ signingKey, cpu, bytes: { chipId, reportedTcb } }: SnpReport): string {
    const product = cpu && productOf(cpu);
    const named = product ?? "AMD (product not in the report)";
    const tcb = product === undefined ? rawTcb(reportedTcb) : levelsOf(product, reportedTcb);
    if (signingKey === "VLEK") return `the provider's VLEK of ${named} for ${tcb}`;
    if (isZero(chipId)) return `the VCEK of ${named}, chip hidden by its host, for ${tcb}`;
    const id = bytesToHex(chipId.subarray(0, product && CHIP_BYTES[product])).slice(2);
    return `the VCEK of ${named}, chip ${id}, for ${tcb}`;
}

/** Which byte is which level depends on the product. */
function rawTcb(version: Uint8Array): string {
    return `TCB ${bytesToHex(version)} (of Milan or Genoa: ${levelsOf("Genoa", version)})`;
}

function levelsOf(product: AmdProduct, version: Uint8Array): string {
    const levels = Object.entries(tcbOf({ product, version }));
    return levels.map(([part, level]) => `${part} ${level}`).join(", ");
}
