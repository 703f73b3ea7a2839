/** Something that the integer model does other than rounding to its scales. */
export type Approximation = {
    /** The ONNX node that it belongs to. */
    node: string;
    what: string;
    /** In units of the node's output, over every accepted input. */
    bound: string;
};

/** A bound as text, rounded up to four digits; "none" when there is no finite one. */
export function boundText(bound: number): string {
    return Number.isFinite(bound) ? `${Number((bound * (1 + 1e-3)).toPrecision(4))}` : "none";
}
