import { expect } from "chai";
import { type CircuitInput, WitnessRefused } from "../../offchain/compiler/proving/witness.ts";
import type { Circuit } from "../support/circuit.ts";

/** Expects that the circuit's own hints find no witness for an input. */
export async function expectRefused(circuit: Circuit, input: CircuitInput): Promise<void> {
    const outcome = await circuit.witness(input).then(
        () => "accepted",
        (error: unknown) => error,
    );
    expect(outcome).to.be.instanceOf(WitnessRefused);
}
