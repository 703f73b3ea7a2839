import { ProtocolError } from "@assay/protocol";
import type { ConstantOperand, Operand, OperatorCall, TensorOperand } from "./operator.ts";

/** The error for a node whose operator is known but whose form is not: says what would be. */
export function unsupportedForm({ call, why }: { call: OperatorCall; why: string }): ProtocolError {
    const { where, supported } = call;
    return new ProtocolError({
        code: "MODEL_OP_FORM_UNSUPPORTED",
        message: `${where}: ${why}. Supported is: ${supported}.`,
    });
}

/** The operand at a position; throws when the node omits it. */
export function operandOf({ call, index }: { call: OperatorCall; index: number }): Operand {
    const operand = call.operands[index];
    if (operand === undefined) throw unsupportedForm({ call, why: `input ${index} is missing` });
    return operand;
}

/** An operand that the model computes; a constant, too, where the whole node is computed when compiling. */
export function tensorOf({ call, index }: { call: OperatorCall; index: number }): TensorOperand {
    const operand = operandOf({ call, index });
    const tensor = operand.kind === "tensor" ? operand : call.asTensor(operand);
    if (tensor !== undefined) return tensor;
    throw unsupportedForm({ call, why: `input ${index} ("${operand.name}") must not be a constant` });
}

/** An operand that must be known when compiling. */
export function constantOf({ call, index }: { call: OperatorCall; index: number }): ConstantOperand {
    const operand = operandOf({ call, index });
    if (operand.kind === "constant") return operand;
    throw unsupportedForm({ call, why: `input ${index} ("${operand.name}") must be a constant` });
}

/** An integer attribute as a number. */
export function intAttribute({ call, name, fallback }: { call: OperatorCall; name: string; fallback: number }): number {
    const attribute = call.node.attributes.get(name);
    if (attribute === undefined) return fallback;
    if (attribute.type !== "int") throw unsupportedForm({ call, why: `attribute ${name} must be an integer` });
    return Number(attribute.value);
}

/** A float attribute; must be finite. */
export function floatAttribute({
    call,
    name,
    fallback,
}: {
    call: OperatorCall;
    name: string;
    fallback: number;
}): number {
    const attribute = call.node.attributes.get(name);
    if (attribute === undefined) return fallback;
    if (attribute.type === "float" && Number.isFinite(attribute.value)) return attribute.value;
    throw unsupportedForm({ call, why: `attribute ${name} must be a finite number` });
}

/** A list of integers as numbers, or undefined when it is not given. */
export function intsAttribute({ call, name }: { call: OperatorCall; name: string }): number[] | undefined {
    const attribute = call.node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.type !== "ints") throw unsupportedForm({ call, why: `attribute ${name} must be a list of integers` });
    return attribute.value.map(Number);
}

/** A text attribute. */
export function stringAttribute({
    call,
    name,
    fallback,
}: {
    call: OperatorCall;
    name: string;
    fallback: string;
}): string {
    const attribute = call.node.attributes.get(name);
    if (attribute === undefined) return fallback;
    if (attribute.type !== "string") throw unsupportedForm({ call, why: `attribute ${name} must be a text` });
    return attribute.value;
}

/** An axis counted from the front; ONNX counts negative ones from the back. */
export function axisOf({ call, axis, rank }: { call: OperatorCall; axis: number; rank: number }): number {
    const fromFront = axis < 0 ? axis + rank : axis;
    if (fromFront >= 0 && fromFront < rank) return fromFront;
    throw unsupportedForm({ call, why: `axis ${axis} does not exist in a tensor of ${rank} axes` });
}
