import { requireThat } from "../_fault.ts";

/** Product lines, each with a root of its own. */
export type AmdProduct = "Milan" | "Genoa" | "Turin";

/** What has a patch level of its own; FMC from Turin on. */
export type SnpTcbPart = "fmc" | "bootloader" | "tee" | "snp" | "microcode";

/** Patch levels, 0 to 255. */
export type SnpTcb = Readonly<Partial<Record<SnpTcbPart, number>>>;

const UNTIL_GENOA = { bootloader: 0, tee: 1, snp: 6, microcode: 7 } as const;

/** At which of the 8 bytes of a TCB version each level stands; the others are reserved. */
export const TCB_LAYOUT: Record<AmdProduct, Readonly<Partial<Record<SnpTcbPart, number>>>> = {
    Milan: UNTIL_GENOA,
    Genoa: UNTIL_GENOA,
    Turin: { fmc: 0, bootloader: 1, tee: 2, snp: 3, microcode: 7 },
};

/** The levels in a TCB version of 8 bytes. */
export function tcbOf({ product, version }: { product: AmdProduct; version: Uint8Array }): SnpTcb {
    const parts = Object.entries(TCB_LAYOUT[product]).map(([part, index]) => [part, version[index]]);
    return Object.fromEntries(parts);
}

/** Whether nothing stands at the reserved bytes of a TCB version. */
export function hasKnownParts({ product, version }: { product: AmdProduct; version: Uint8Array }): boolean {
    const known = new Set<number>(Object.values(TCB_LAYOUT[product]));
    return version.every((byte, index) => byte === 0 || known.has(index));
}

/** Ends the verification with TcbTooLow unless every level that is asked for is reached; one that a product lacks never is. */
export function requireMinimum({ tcb, minimum }: { tcb: SnpTcb; minimum: SnpTcb }): void {
    for (const [part, least] of Object.entries(minimum)) {
        const level = new Map(Object.entries(tcb)).get(part);
        const isEnough = level !== undefined && level >= least;
        const what = `The reported TCB has ${part} ${level ?? "not at all"}, and ${least} is asked for.`;
        requireThat(isEnough, "TcbTooLow", what);
    }
}

/** The product line of a processor by its CPUID, family and model with their extensions; undefined = none that is known here. */
export function productOf({ family, model }: { family: number; model: number }): AmdProduct | undefined {
    if (family === 0x1a && model <= 0x11) return "Turin";
    if (family !== 0x19) return undefined;
    if (model <= 0x0f) return "Milan";
    return (model >= 0x10 && model <= 0x1f) || (model >= 0xa0 && model <= 0xaf) ? "Genoa" : undefined;
}
