import type { FunctionFragment, Interface, ParamType, Result } from "ethers";
import { namedValues } from "./abiValue.ts";

const WORD_BYTES = 32;
const SELECTOR_BYTES = 4;

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
    const hasHead = headReader(fragment);
    for (let at = text.indexOf(selector); at !== -1; at = text.indexOf(selector, at + 1)) {
        if (!hasHead({ text, at })) continue;
        let args: Result;
        try {
            args = contract.decodeFunctionData(fragment, `0x${text.slice(at)}`);
        } catch {
            continue;
        }
        yield namedValues({ inputs: fragment.inputs, args });
    }
}

/**
 * Tells whether the offsets of a call's arguments point behind its head and into the calldata. Decoding copies all that
 * follows: calldata that repeats a selector thirty thousand times would take minutes without this.
 */
function headReader({ inputs }: FunctionFragment): (place: { text: string; at: number }) => boolean {
    const words = inputs.map(headWords);
    const headBytes = WORD_BYTES * sum(words);
    const offsets = inputs.flatMap((input, index) => (isDynamic(input) ? [sum(words.slice(0, index))] : []));
    return ({ text, at }) => {
        const start = at + 2 * SELECTOR_BYTES;
        const leftBytes = (text.length - start) / 2;
        return offsets.every((word) => {
            const digits = text.slice(start + 2 * WORD_BYTES * word, start + 2 * WORD_BYTES * (word + 1));
            const offset = Number.parseInt(digits, 16); // beyond 2^53 not exact, but never small
            return offset >= headBytes && offset < leftBytes;
        });
    };
}

/** How many words an argument takes in the head of its call. */
function headWords(type: ParamType): number {
    if (isDynamic(type)) return 1;
    if (type.isTuple()) return sum(type.components.map(headWords));
    return type.isArray() ? type.arrayLength * headWords(type.arrayChildren) : 1;
}

function isDynamic(type: ParamType): boolean {
    if (type.isTuple()) return type.components.some(isDynamic);
    if (type.isArray()) return type.arrayLength === -1 || isDynamic(type.arrayChildren);
    return type.type === "bytes" || type.type === "string";
}

function sum(numbers: readonly number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
}
