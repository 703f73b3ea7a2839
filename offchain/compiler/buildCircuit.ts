import { type IoSpec, ProtocolError } from "@assay/protocol";
import { circomText } from "./circuit/circomText.ts";
import { type CompiledCircuit, compileCircom } from "./circuit/compileCircom.ts";
import { lower } from "./circuit/lower.ts";
import type { CircuitPlan } from "./circuit/plan.ts";
import { readR1csHeader } from "./circuit/r1csHeader.ts";
import type { Analysis } from "./integer/analyse.ts";

/** An integer graph as source text and as a constraint system. */
export type Circuit = { plan: CircuitPlan; source: string; compiled: CompiledCircuit };

type Build = { analysis: Analysis; ioSpec: IoSpec; name: string; signal?: AbortSignal | undefined };

/** Plans, writes and compiles the circuit of a graph; equal graphs give equal bytes. */
export async function buildCircuit({ analysis, ioSpec, name, signal }: Build): Promise<Circuit> {
    const plan = lower({ analysis, ioSpec });
    const source = circomText({ plan, name, root: "" });
    const compiled = await compileCircom({ source, signal });
    const { constraints } = readR1csHeader(compiled.r1cs);
    if (constraints !== plan.constraints.total) {
        throw new ProtocolError({
            code: "CIRCUIT_COUNT_MISMATCH",
            message: `${plan.constraints.total} constraints were planned, circom made ${constraints}.`,
        });
    }
    return { plan, source, compiled };
}
