import { countOf } from "../../integer/types.ts";
import type { ConstraintSystem, SignalNames } from "./system.ts";

/**
 * The .sym file: for each wire but 0 a line "label,wire,component,name", label and wire being the same number. The names
 * are those of the circom source; the k-th call of a template there is TEMPLATE_k.
 */
export function writeSym({ names }: ConstraintSystem): Uint8Array {
    const lines = names.flatMap((signal) =>
        indexedNames(signal).map((name, index) => {
            const wire = signal.first + index;
            return `${wire},${wire},${signal.component},${name}\n`;
        }),
    );
    return new TextEncoder().encode(lines.join(""));
}

/** Names of all wires; wire 0 is "1". */
export function wireNames({ names }: ConstraintSystem): string[] {
    return ["1", ...names.flatMap(indexedNames)];
}

function indexedNames({ name, dims }: SignalNames): string[] {
    return Array.from({ length: countOf(dims) }, (_, position) => {
        let rest = position;
        const indices = dims.toReversed().map((size) => {
            const index = rest % size;
            rest = Math.floor(rest / size);
            return `[${index}]`;
        });
        return `${name}${indices.reverse().join("")}`;
    });
}
