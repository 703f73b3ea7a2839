import type { Interface, Result } from "ethers";
import { namedValues } from "./abiValue.ts";

/**
 * Arguments, by name, of everything in calldata that reads as a call of one function, also inside a call to another
 * contract. Bytes that only happen to start like one are left out; which call was really made, something else must show.
 */
export function* callsIn({
    data,
    contract,
    name,
}: {
    data: string;
    contract: Interface;
    name: string;
}): Generator<Record<string, unknown>> {
    const fragment = contract.getFunction(name);
    if (fragment === null) return;
    const text = data.slice(2);
    const selector = fragment.selector.slice(2);
    for (let at = text.indexOf(selector); at !== -1; at = text.indexOf(selector, at + 1)) {
        let args: Result;
        try {
            args = contract.decodeFunctionData(fragment, `0x${text.slice(at)}`);
        } catch {
            continue;
        }
        yield namedValues({ inputs: fragment.inputs, args });
    }
}
