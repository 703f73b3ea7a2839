import { countOf, type Kernel } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import type { State } from "./_cells.ts";
import type { Layout } from "./_recurrentInputs.ts";
import type { Steps } from "./_steps.ts";
import type { Operand, OperatorCall, TensorOperand } from "./operator.ts";

/** One sample in one direction: the state after each time, and the last one. */
export type Ran = { direction: number; sample: number; hidden: Map<number, TensorOperand>; last: State };

type Outputs = {
    call: OperatorCall;
    steps: Steps;
    input: TensorOperand;
    layout: Layout;
    runs: Ran[];
    hasCell: boolean;
};

/** Y, Y_h and Y_c as far as they are wanted. */
export function outputsOf({ call, steps, input, layout, runs, hasCell }: Outputs): (Operand | undefined)[] {
    const { isBatchFirst, times, batch, size, directions } = layout;
    const isWanted = (index: number) => (call.node.outputs[index] ?? "") !== "";
    const every = isBatchFirst ? [batch, times, directions, size] : [times, directions, batch, size];
    const last = isBatchFirst ? [batch, directions, size] : [directions, batch, size];
    const blockOf = ({ direction, sample }: Ran) =>
        isBatchFirst ? sample * directions + direction : direction * batch + sample;
    const everyBlock = ({ direction, sample }: Ran, time: number) =>
        isBatchFirst
            ? (sample * times + time) * directions + direction
            : (time * directions + direction) * batch + sample;
    // Every block is one map to all elements of the output
    requireSize({ what: call.where, elements: countOf(every), products: runs.length * times * countOf(every) });
    const gathered = ({ blocks, shape, index }: { blocks: Block[]; shape: number[]; index: number }) =>
        steps.finish({ tensor: joined({ steps, input, blocks, size, shape }), index });
    const states = (part: keyof State): Block[] =>
        runs.flatMap((ran) => {
            const tensor = ran.last[part];
            return tensor === undefined ? [] : [{ tensor, block: blockOf(ran) }];
        });
    const all = runs.flatMap((ran) =>
        [...ran.hidden].map(([time, tensor]): Block => ({ tensor, block: everyBlock(ran, time) })),
    );
    return [
        isWanted(0) ? gathered({ blocks: all, shape: every, index: 0 }) : undefined,
        isWanted(1) ? gathered({ blocks: states("hidden"), shape: last, index: 1 }) : undefined,
        hasCell && isWanted(2) ? gathered({ blocks: states("cell"), shape: last, index: 2 }) : undefined,
    ];
}

type Block = { tensor: TensorOperand; block: number };
type Joining = { steps: Steps; input: TensorOperand; blocks: Block[]; size: number; shape: number[] };

/** Tensors of `size` elements side by side; what none of them fills is 0. */
function joined({ steps, input, blocks, size, shape }: Joining): TensorOperand {
    const count = countOf(shape);
    if (blocks.length === 0) return steps.constants({ like: input, values: new Array<number>(count).fill(0), shape });
    const parts = blocks.map(({ tensor, block }) => {
        const indices = new Array<number>(count).fill(-1);
        for (let element = 0; element < size; element++) indices[block * size + element] = element;
        const kernel: Kernel = { kind: "select", from: size, indices };
        return { tensor, kernel };
    });
    return steps.combine({ parts, shape, label: "joined" });
}
