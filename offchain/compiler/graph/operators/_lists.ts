import { unsupportedForm } from "./_call.ts";
import type { OperatorCall } from "./operator.ts";

type Named = { call: OperatorCall; name: string };

/** A list of numbers, given as such or as a tensor; undefined when it is not given. */
export function numbersAttribute({ call, name }: Named): number[] | undefined {
    const attribute = call.node.attributes.get(name);
    switch (attribute?.type) {
        case undefined:
            return undefined;
        case "floats":
        case "ints":
            return Array.from(attribute.value, Number);
        case "tensor":
            return Array.from(attribute.value.data, Number);
        default:
            throw unsupportedForm({ call, why: `attribute ${name} must be a list of numbers` });
    }
}

/** A list of numbers that must be there, of a length if one is given. */
export function requiredNumbers({ call, name, length }: Named & { length?: number }): number[] {
    const values = numbersAttribute({ call, name });
    if (values === undefined) throw unsupportedForm({ call, why: `attribute ${name} is missing` });
    if (length !== undefined && values.length !== length) {
        throw unsupportedForm({ call, why: `attribute ${name} has ${values.length} entries, not ${length}` });
    }
    return values;
}

/** A list of texts; undefined when it is not given. */
export function textsAttribute({ call, name }: Named): readonly string[] | undefined {
    const attribute = call.node.attributes.get(name);
    if (attribute === undefined || attribute.type === "strings") return attribute?.value;
    throw unsupportedForm({ call, why: `attribute ${name} must be a list of texts` });
}

/** The one of two attributes that is given: lists of float32 numbers, or tensors that may hold doubles. */
export function eitherNumbers({ call, name }: Named): number[] | undefined {
    const [list, tensor] = [name, `${name}_as_tensor`].map((each) => numbersAttribute({ call, name: each }));
    if (list !== undefined && tensor !== undefined) {
        throw unsupportedForm({ call, why: `attribute ${name} is given twice` });
    }
    return list ?? tensor;
}
