import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { axisOf, intAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { flagOf, scalarOf } from "./_dims.ts";
import { createSteps } from "./_steps.ts";
import type { Operator, OperatorCall } from "./operator.ts";

/** The greatest or least along an axis in order, and their indices; of equal ones the first comes first. */
export const topKOperator: Operator = {
    supported: "TopK with a constant K",
    attributes: ["axis", "k", "largest", "sorted"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const { shape } = input;
        const rank = shape.length;
        const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: -1 }), rank });
        const [length, count] = [at(shape, axis), countWanted(call)];
        if (count < 1 || count > length) throw unsupportedForm({ call, why: `K is ${count} on an axis of ${length}` });
        requireSize({ what: call.where, elements: countOf(shape) * count });
        const [outer, inner] = [countOf(shape.slice(0, axis)), countOf(shape.slice(axis + 1))];
        const steps = createSteps(call);
        const isLargest = flagOf({ call, name: "largest", fallback: true });
        const ranked = isLargest ? input : steps.combine({ parts: [{ tensor: input, factor: -1 }], label: "negated" });
        const wanted = [...shape.slice(0, axis), count, ...shape.slice(axis + 1)];
        const inputs = [ranked.name];
        const top = (part: "values" | "indices") =>
            steps.step({ draft: { op: "top", inputs, part, count, outer, length, inner }, shape: wanted, label: part });
        const isWanted = (index: number) => (call.node.outputs[index] ?? "") !== "";
        const values = isWanted(0) ? top("values") : undefined;
        const signed =
            values === undefined || isLargest
                ? values
                : steps.combine({ parts: [{ tensor: values, factor: -1 }], label: "least" });
        return [
            signed === undefined ? undefined : steps.finish({ tensor: signed }),
            isWanted(1) ? steps.finish({ tensor: top("indices"), index: 1 }) : undefined,
        ];
    },
};

/** Before opset 10 an attribute, then an input. */
function countWanted(call: OperatorCall): number {
    const given = intAttribute({ call, name: "k", fallback: 0 });
    return given === 0 ? scalarOf({ call, index: 1, what: "K" }) : given;
}
