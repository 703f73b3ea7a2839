import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import type { Builder } from "../_builder.ts";
import type { Gadget } from "../gadgets.ts";
import type { Element } from "../plan.ts";

type Each = {
    builder: Builder;
    /** Prefix of the output signals. */
    name: string;
    inputs: readonly Element[];
    /** Of the outputs. */
    bounds: readonly Bounds[];
    /** The template for one element; undefined where the operation changes nothing. */
    gadget: (input: Element, index: number) => Gadget | undefined;
};

/** A template with one input and one output applied to each element whose output is not already known. */
export function lowerEach({ builder, name, inputs, bounds, gadget }: Each): Element[] {
    const outputs = new Map<number, Element>();
    const active: { index: number; gadget: Gadget; bounds: Bounds }[] = [];
    for (const [index, input] of inputs.entries()) {
        const known = at(bounds, index);
        const wanted = known.lo === known.hi ? undefined : gadget(input, index);
        if (known.lo === known.hi) outputs.set(index, { kind: "constant", value: known.lo });
        else if (wanted === undefined) outputs.set(index, input);
        else active.push({ index, gadget: wanted, bounds: known });
    }
    const settled = builder.settle(active.map(({ index }) => at(inputs, index)));
    const array = builder.declare({ name, bounds: active.map((entry) => entry.bounds) });
    for (const [position, entry] of active.entries()) {
        const output = { kind: "signal", signal: array.first + position } as const;
        builder.gadget({ gadget: entry.gadget, inputs: [at(settled, position)], output });
        outputs.set(entry.index, output);
    }
    return inputs.map((_, index) => outputs.get(index) ?? at(inputs, index));
}
