import { constantOf, tensorOf, unsupportedForm } from "./_call.ts";
import { createSteps, type Steps } from "./_steps.ts";
import type { Operator, OperatorCall, TensorOperand } from "./operator.ts";

/** Beyond this a table costs less than the bits of the products. */
const MOST_FACTORS = 8;

/** x^c for one constant c: by products for a small whole c, by a root for 1/2, else by table. */
export const powOperator: Operator = {
    supported: "Pow with one constant exponent",
    attributes: [],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const exponent = exponentOf(call);
        const steps = createSteps(call);
        return steps.finish({ tensor: power({ steps, input, exponent }) });
    },
};

function exponentOf(call: OperatorCall): number {
    const { values } = constantOf({ call, index: 1 });
    const exponent = values[0] ?? 1;
    if (values.every((value) => value === exponent)) return exponent;
    throw unsupportedForm({ call, why: "its exponents differ; supported is one exponent for all elements" });
}

type Power = { steps: Steps; input: TensorOperand; exponent: number };

function power({ steps, input, exponent }: Power): TensorOperand {
    if (exponent === 1 / 2) return steps.map({ tensor: input, draft: { op: "squareRoot" }, label: "root" });
    if (exponent === -1 / 2) {
        const root = steps.map({ tensor: input, draft: { op: "squareRoot" }, label: "root" });
        return steps.reciprocal({ tensor: root, label: "reciprocal" });
    }
    if (Number.isInteger(exponent) && exponent >= 1 && exponent <= MOST_FACTORS) {
        return wholePower({ steps, input, exponent });
    }
    return steps.lookUp({ tensor: input, name: "power", parameters: [exponent], label: "power" });
}

/** x^(a + b) = x^a * x^b with a and b as near as can be. */
function wholePower({ steps, input, exponent }: Power): TensorOperand {
    const powers = new Map([[1, input]]);
    const of = (count: number): TensorOperand => {
        const known = powers.get(count);
        if (known !== undefined) return known;
        const [left, right] = [of(Math.ceil(count / 2)), of(Math.floor(count / 2))];
        const product = steps.product({ left, right, label: `power${count}` });
        powers.set(count, product);
        return product;
    };
    return of(exponent);
}
