import { isProtocolError } from "@assay/protocol";
import { expect } from "chai";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { integersOfTensor } from "../../../offchain/compiler/onnx/elements.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "../../../offchain/compiler/onnx/model.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { aModel, aNode, aTensor, DTYPE_OF, type TypeName } from "./_models.ts";

const LEVELS = ["disabled", "basic", "extended", "layout", "all"] as const;

/** An operand of a one-operator model: fed at run time, or a constant of the file. */
export type Operand = { type: TypeName; shape: number[]; values: bigint[]; constant?: boolean };

/** One operator with its operands, and what it must compute. */
export type OperatorCase = {
    op: string;
    operands: Operand[];
    attributes?: Record<string, bigint | bigint[] | string>;
    output: { type: TypeName; shape: number[]; values: bigint[] };
    opset?: number;
};

/** A model of one operator. */
export function operatorModel({ op, operands, attributes = {}, output, opset = 17 }: OperatorCase): OnnxModel {
    const names = operands.map((_, index) => `operand${index}`);
    return chainModel({ operands, nodes: [aNode(op, { inputs: names, output: "y", attributes })], output, opset });
}

/** A model over operands named operand0, operand1, … whose last node computes "y". */
export function chainModel(options: {
    operands: Operand[];
    nodes: OnnxNode[];
    output: { type: TypeName; shape: number[] };
    opset?: number;
    constants?: Map<string, OnnxTensor>;
}): OnnxModel {
    const { operands, nodes, output, opset = 17, constants = new Map() } = options;
    const named = operands.map((operand, index) => ({ ...operand, name: `operand${index}` }));
    const fixed = named.filter(({ constant }) => constant).map((operand) => [operand.name, aTensor(operand)] as const);
    const fed = named.filter(({ constant }) => !constant);
    return aModel({
        opset,
        nodes,
        initializers: new Map([...fixed, ...constants]),
        inputs: fed.map(({ name, type, shape }) => ({ name, dtype: DTYPE_OF[type], shape })),
        outputs: [{ name: "y", dtype: DTYPE_OF[output.type], shape: output.shape }],
    });
}

/** Expects these values from the pinned session and from onnxruntime at every optimisation level. */
export async function expectExact(model: OnnxModel, options: { operands: Operand[]; values: bigint[] }): Promise<void> {
    const fed = options.operands.filter(({ constant }) => !constant);
    const bytes = writeOnnx(model);
    const session = await createSession(bytes);
    expect(await session.runIntegers(fed.flatMap(({ values }) => values))).to.deep.equal(options.values);
    await session.close();
    const feeds = fed.map((operand, index) => {
        const { data, shape } = aTensor(operand);
        return [model.inputs[index]?.name, new Tensor(operand.type, data, shape)];
    });
    for (const graphOptimizationLevel of LEVELS) {
        const native = await InferenceSession.create(bytes, { graphOptimizationLevel, logSeverityLevel: 4 });
        const { y } = await native.run(Object.fromEntries(feeds));
        if (y === undefined || !ArrayBuffer.isView(y.data)) throw new Error("no output y");
        expect(integersOfTensor(y.data), graphOptimizationLevel).to.deep.equal(options.values);
        await native.release();
    }
}

/** What the pinned session computes for one operator. */
export async function runOperator(given: OperatorCase): Promise<bigint[]> {
    const session = await createSession(writeOnnx(operatorModel(given)));
    const fed = given.operands.filter(({ constant }) => !constant);
    const result = await session.runIntegers(fed.flatMap(({ values }) => values));
    await session.close();
    return result;
}

/** Expects one operator to be exact at every optimisation level. */
export async function expectExactOperator(given: OperatorCase): Promise<void> {
    await expectExact(operatorModel(given), { operands: given.operands, values: given.output.values });
}

/** Expects onnxruntime to refuse a model because it has no CPU kernel for one of its operators. */
export async function expectNoKernel(given: OperatorCase): Promise<void> {
    const fault = await createSession(writeOnnx(operatorModel(given))).catch((error: unknown) => error);
    if (!isProtocolError(fault, "RUNTIME_MODEL_REFUSED")) throw new Error("the model loads", { cause: fault });
    expect(fault.message).to.match(new RegExp(`implementation for ${given.op}|Type Error: Type`));
}
