import { describeGadget, type Gadget } from "../../offchain/compiler/circuit/gadgets.ts";
import { times } from "../../offchain/compiler/circuit/system/algebra.ts";
import { createSystem } from "../../offchain/compiler/circuit/system/builder.ts";
import type { ConstraintSystem } from "../../offchain/compiler/circuit/system/system.ts";

export type Signals = { name: string; dims?: number[] }[];
/** An instance with the names and sizes of its template's inputs and outputs. */
export type GadgetCase = { gadget: Gadget; inputs: Signals; outputs: Signals };

/** The system of one instance as the main component. */
export function systemOfGadget({ gadget, inputs, outputs }: GadgetCase): ConstraintSystem {
    const { main, wires, finish } = createSystem({ outputs, publicInputs: [], privateInputs: inputs });
    const wiresOf = (name: string) => wires.get(name) ?? [];
    describeGadget(gadget).expand({
        system: main,
        inputs: inputs.map(({ name }) => wiresOf(name).map((wire) => times(wire))),
        outputs: outputs.flatMap(({ name }) => wiresOf(name)),
    });
    return finish();
}
