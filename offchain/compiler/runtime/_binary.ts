import { at } from "../integer/at.ts";
import { greatestOf } from "../integer/bigMath.ts";
import { greatestMagnitude, hull } from "../integer/interval.ts";
import { type DivideNode, found, type ProductNode, shapeOf } from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { exactType } from "../onnx/exactKernels.ts";
import { combine, shaped } from "./_combine.ts";
import { type NodeWriting, noExactKernel } from "./_nodeWriting.ts";
import type { Value } from "./_writer.ts";

/** Mul in a type that holds both factors and the product. */
export function writeProduct({ analysis, writer, values, node }: NodeWriting<ProductNode>): Value {
    const { intervals } = analysis;
    const bounds = [...node.inputs, node.output].map((name) => greatestMagnitude(found({ map: intervals, name })));
    const kernel = exactType({ bound: greatestOf(bounds) });
    if (kernel === undefined) throw noExactKernel(node.output);
    const shape = shapeOf({ graph: analysis.graph, tensor: node.output });
    const inputs = node.inputs.map((name) =>
        shaped({ writer, value: writer.cast({ value: found({ map: values, name }), dtype: kernel.dtype }), shape }),
    );
    const output = { name: writer.fresh(node.output), dtype: kernel.dtype, shape };
    return writer.node({ op: "Mul", inputs: inputs.map(({ name }) => name), output });
}

/** floor(a / b) = (a - a mod b) / b in int64, whose Mod has the sign of the positive divisor: no step rounds. */
export function writeDivide({ analysis, writer, values, node }: NodeWriting<DivideNode>): Value {
    const shape = shapeOf({ graph: analysis.graph, tensor: node.output });
    const { lo, hi } = hull(found({ map: analysis.intervals, name: at(node.inputs, 0) }));
    const divisor = hull(found({ map: analysis.intervals, name: at(node.inputs, 1) }));
    if (exactType({ bound: greatestOf([divisor.hi - lo, hi]) }) === undefined) throw noExactKernel(node.output);
    const [dividend, by] = node.inputs.map((name) =>
        shaped({ writer, value: writer.cast({ value: found({ map: values, name }), dtype: DTYPE.INT64 }), shape }),
    );
    if (dividend === undefined || by === undefined) throw new RangeError("A quotient has two operands");
    const step = { writer, dtype: DTYPE.INT64, shape };
    const rest = combine({ ...step, op: "Mod", inputs: [dividend, by], name: `${node.output}/rest` });
    const multiple = combine({ ...step, op: "Sub", inputs: [dividend, rest], name: `${node.output}/multiple` });
    return combine({ ...step, op: "Div", inputs: [multiple, by], name: node.output });
}
