import { gadgetConstraints } from "../circuit/gadgets.ts";
import type { CircuitPlan, Layer, Step } from "../circuit/plan.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { domainOf, type ExpectedCost, expectedCost } from "./expectedCost.ts";

/** What a compilation is about to make: known in full before its long steps. */
export type CompilationPlan = {
    /** Operators of the ONNX file, in order of first use. */
    operators: { name: string; count: number }[];
    /** In the order of the circuit, the binding of words and statement last. */
    layers: LayerCost[];
    constraints: { total: number; model: number; binding: number };
    /** Public signals. */
    signals: number;
    /** Rows of the proving key's evaluation domain: a power of two. */
    domain: number;
    expected: ExpectedCost;
};

/** One layer of the circuit and what it is made of. */
export type LayerCost = {
    op: string;
    /** Where it comes from in the ONNX file. */
    name: string;
    constraints: number;
    /** Of all constraints: 0 to 1. */
    share: number;
    /** Templates, products and sums that it uses, the dearest first. */
    parts: { name: string; count: number; constraints: number }[];
};

type Described = { operators: CompilationPlan["operators"]; plan: CircuitPlan; signals: number };

/** The plan of a circuit as facts for people. */
export function compilationPlan({ operators, plan, signals }: Described): CompilationPlan {
    const { constraints } = plan;
    const share = (part: number) => part / constraints.total;
    const layers = plan.layers.map((layer) => ({
        op: layer.op,
        name: layer.name,
        constraints: layer.constraints,
        share: share(layer.constraints),
        parts: partsOf(layer),
    }));
    const domain = domainOf({ constraints: constraints.total, signals });
    return {
        operators,
        layers: [...layers, { ...BINDING, constraints: constraints.binding, share: share(constraints.binding) }],
        constraints,
        signals,
        domain,
        expected: expectedCost({ domain, signals }),
    };
}

const BINDING = { op: "binding", name: "public words and statement", parts: [] };

/** How often each operator occurs in a file. */
export function operatorsOf({ nodes }: OnnxModel): CompilationPlan["operators"] {
    const counts = new Map<string, number>();
    for (const { op } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
    return [...counts].map(([name, count]) => ({ name, count }));
}

function partsOf({ steps }: Layer): LayerCost["parts"] {
    const parts = new Map<string, { name: string; count: number; constraints: number }>();
    for (const step of steps) {
        const name = step.kind === "gadget" ? step.gadget.template : step.kind;
        const part = parts.get(name) ?? { name, count: 0, constraints: 0 };
        part.count += 1;
        part.constraints += constraintsOf(step);
        parts.set(name, part);
    }
    return [...parts.values()].toSorted((left, right) => right.constraints - left.constraints);
}

function constraintsOf(step: Step): number {
    return step.kind === "gadget" ? gadgetConstraints(step.gadget) : 1;
}
