import { ProtocolError } from "@assay/protocol";
import type { IntegerNode } from "../types.ts";

/** For a graph from outside whose node is applied where it is not defined; no compilation makes one. */
export function outsideDomain({ node: { name }, why }: { node: IntegerNode; why: string }): ProtocolError {
    return new ProtocolError({ code: "MODEL_DIR_INVALID", message: `graph.json: "${name}": ${why}.` });
}
