import { ProtocolError } from "@assay/protocol";
import type { RealFunction } from "./types.ts";

type Definition = (x: number, parameters: readonly number[]) => number;

/** Functions that the integer graph computes by table, in double precision. */
const DEFINITIONS: ReadonlyMap<string, Definition> = new Map<string, Definition>([
    ["sigmoid", (x) => 1 / (1 + Math.exp(-x))],
    ["tanh", (x) => Math.tanh(x)],
    ["exp", (x) => Math.exp(x)],
]);

/** What a function computes; throws MODEL_OP_UNSUPPORTED for a name that has no definition. */
export function realFunction({ name, parameters }: RealFunction): (x: number) => number {
    const definition = DEFINITIONS.get(name);
    if (definition === undefined) {
        throw new ProtocolError({ code: "MODEL_OP_UNSUPPORTED", message: `There is no function "${name}".` });
    }
    return (x) => definition(x, parameters);
}
