import { ProtocolError } from "@assay/protocol";

/** Elements of one tensor. Each costs constraints, and a proof with snarkjs ends at some four million. */
const MOST_ELEMENTS = 2 ** 20;
/** Products of one linear node: 12 bytes each when written out, so 200 MB. */
const MOST_PRODUCTS = 2 ** 24;

/** Refuses a tensor, or a linear node of so many products, before anything is allocated for it. */
export function requireSize({
    what,
    elements,
    products = 0,
}: {
    what: string;
    elements: number;
    products?: number;
}): void {
    const isFine = elements <= MOST_ELEMENTS && products <= MOST_PRODUCTS;
    if (isFine) return;
    throw new ProtocolError({
        code: "MODEL_TOO_LARGE",
        message: `${what}: ${elements} elements by ${products} products; allowed are ${MOST_ELEMENTS} and ${MOST_PRODUCTS}.`,
    });
}
