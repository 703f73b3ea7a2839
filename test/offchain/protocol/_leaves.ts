/** Path of one leaf of a JSON value. */
export type Path = readonly (string | number)[];

/** Paths of all leaves of a JSON value; an empty array or object is a leaf too. */
export function leavesOf(value: unknown, path: Path = []): Path[] {
    if (typeof value !== "object" || value === null) return [path];
    const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    if (members.length === 0) return [path];
    return members.flatMap(([name, member]) => leavesOf(member, [...path, name]));
}

/** Every place of a JSON value but the top: leaves and what holds them. */
export function placesOf(value: unknown, path: Path = []): Path[] {
    if (typeof value !== "object" || value === null) return [path];
    const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    const below = members.flatMap(([name, member]) => placesOf(member, [...path, name]));
    return path.length === 0 ? below : [path, ...below];
}

/** A copy with one place replaced. */
export function replaced(value: unknown, [name, ...rest]: Path, change: (old: unknown) => unknown): unknown {
    if (name === undefined) return change(value);
    if (Array.isArray(value)) {
        return value.map((member: unknown, i) => (i === name ? replaced(member, rest, change) : member));
    }
    if (typeof value !== "object" || value === null) throw new Error(`Nothing at ${String(name)}.`);
    return Object.fromEntries(
        Object.entries(value).map(([key, member]) => [key, key === name ? replaced(member, rest, change) : member]),
    );
}

/** A copy with one place removed. */
export function without(value: unknown, path: Path): unknown {
    const last = path.at(-1);
    return replaced(value, path.slice(0, -1), (parent) => {
        if (Array.isArray(parent)) return parent.filter((_, i) => i !== last);
        return Object.fromEntries(Object.entries(Object(parent)).filter(([key]) => key !== last));
    });
}

/** Another value of the same kind and form. */
export function otherThan(old: unknown): unknown {
    if (typeof old === "number") return old + 1;
    if (typeof old === "boolean") return !old;
    if (typeof old !== "string") return { changed: true };
    if (/^0x[0-9a-f]+$/.test(old)) return old.slice(0, -1) + (old.endsWith("0") ? "1" : "0");
    if (/^\d+$/.test(old)) return (BigInt(old) + 1n).toString();
    return NEXT_NAME.get(old) ?? `${old}x`;
}

/** The members of closed lists turn into others of their list. */
const NEXT_NAME = new Map([
    ["SIGNED", "TEE_NITRO"],
    ["ZK_GROTH16", "ZK_PLONK"],
    ["EXACT_INT", "FLOAT"],
    ["active", "retired"],
    ["single", "dev"],
    ["dev", "single"],
    ["hub", "pull"],
    ["pull", "hub"],
    ["gateway", "hub"],
    ["batch", "delivery"],
]);
