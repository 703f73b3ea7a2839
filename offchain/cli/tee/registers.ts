import { type AttestationKind, type Hex, REGISTER_BYTES } from "@assay/protocol";

/** What is wrong with the registers that are expected of a kind: names that it does not have, and values of another length. */
export function registerFaults({
    kind,
    expect = [],
}: {
    kind: AttestationKind;
    expect?: readonly (readonly [name: string, value: Hex])[] | undefined;
}): string[] {
    const known = new Map(Object.entries(REGISTER_BYTES[kind]));
    return expect.flatMap(([name, value]) => {
        const bytes = known.get(name);
        const given = (value.length - 2) / 2;
        if (bytes === given) return [];
        const fault = bytes === undefined ? `${kind} has no such register` : `${name} has ${bytes} bytes, not ${given}`;
        return [`--expect ${name}=${value.slice(2)}: ${fault}. Registers of ${kind}: ${namesOf(kind, known)}`];
    });
}

function namesOf(kind: AttestationKind, known: ReadonlyMap<string, number>): string {
    if (kind === "nitro") return `pcr0 to pcr${known.size - 1} (${known.get("pcr0")} bytes each)`;
    return [...known].map(([name, bytes], index) => `${name} (${bytes}${index === 0 ? " bytes" : ""})`).join(", ");
}
