import { describePresent, familyName, KEY_FAULTS, presetOf, uintToHex } from "@assay/protocol";
import type { ErrorDescription } from "ethers";
import { CALLBACK_STATE, KEY_STATE, nameIn, STATEMENT_FIELD, STATUS } from "./enums.ts";

type Reader = (value: bigint) => string;

const policyText: Reader = (word) => `${uintToHex(word)}${presetOf(word) === undefined ? "" : ` (${presetOf(word)})`}`;

/** Arguments whose number says nothing to a reader, by name; "Error.name" where a name has two meanings. */
const READERS: Readonly<Record<string, Reader>> = {
    policy: policyText,
    acceptedPolicy: policyText,
    present: describePresent,
    presentMask: describePresent,
    family: (bit) => familyName(Number(bit)),
    field: (value) => nameIn(STATEMENT_FIELD, value),
    status: (value) => nameIn(STATUS, value),
    fault: (value) => nameIn(KEY_FAULTS, value),
    ioSpec: uintToHex,
    "KeyNotValid.state": (value) => nameIn(KEY_STATE, value),
    "KeySpent.state": (value) => nameIn(KEY_STATE, value),
    "CallbackNotRetriable.state": (value) => nameIn(CALLBACK_STATE, value),
};

/** The arguments of a decoded contract error, by name, as text. */
export function revertArguments({ name, args, fragment }: ErrorDescription): Record<string, string> {
    const entries = fragment.inputs.map((input, at) => {
        const value: unknown = args[at];
        const read = READERS[`${name}.${input.name}`] ?? READERS[input.name];
        return [input.name || String(at), typeof value === "bigint" && read ? read(value) : String(value)];
    });
    return Object.fromEntries(entries);
}
