import { type IoSpec, ProtocolError } from "@assay/protocol";
import { circomText } from "./circuit/circomText.ts";
import { lower } from "./circuit/lower.ts";
import type { CircuitPlan } from "./circuit/plan.ts";
import type { ConstraintSystem } from "./circuit/system/system.ts";
import { systemOf } from "./circuit/system/systemOf.ts";
import { writeR1cs } from "./circuit/system/writeR1cs.ts";
import { writeSym } from "./circuit/system/writeSym.ts";
import type { Analysis } from "./integer/analyse.ts";

/** An integer graph as source text, as a constraint system and as the files of it. */
export type Circuit = {
    plan: CircuitPlan;
    /** The auditable twin of the system: circom makes the same constraints of it. */
    source: string;
    system: ConstraintSystem;
    r1cs: Uint8Array;
    sym: Uint8Array;
};

type Build = { analysis: Analysis; ioSpec: IoSpec; name: string };

/** Plans and writes the circuit of a graph; equal graphs give equal bytes. */
export function buildCircuit({ analysis, ioSpec, name }: Build): Circuit {
    return circuitOf({ plan: lower({ analysis, ioSpec }), name });
}

/** Writes a planned circuit; throws CIRCUIT_COUNT_MISMATCH when it is not what the plan counted. */
export function circuitOf({ plan, name }: { plan: CircuitPlan; name: string }): Circuit {
    const system = systemOf(plan);
    const { constraintCount } = system.r1cs;
    if (constraintCount !== plan.constraints.total) {
        throw new ProtocolError({
            code: "CIRCUIT_COUNT_MISMATCH",
            message: `${plan.constraints.total} constraints were planned, ${constraintCount} were made.`,
        });
    }
    return {
        plan,
        source: circomText({ plan, name, root: "" }),
        system,
        r1cs: writeR1cs(system.r1cs),
        sym: writeSym(system),
    };
}
