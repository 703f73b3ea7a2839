import { ProtocolError } from "@assay/protocol";
import type { Shell } from "../io/shell.ts";
import { readSecret } from "./secret.ts";

/** The password of a key: from a file, else ASSAY_PASSWORD, else asked; a new one (`confirm`) is asked twice. */
export async function readPassword(
    shell: Shell,
    { name, file, confirm = false }: { name: string; file?: string | undefined; confirm?: boolean },
): Promise<string> {
    const { value, source } = await readSecret(shell, {
        file,
        variable: "ASSAY_PASSWORD",
        what: `password of ${name}`,
    });
    const isTyped = source === "the answer";
    if (confirm && isTyped && value !== (await shell.askSecret?.("once more: "))) {
        throw new ProtocolError({ code: "PASSWORD_MISMATCH", message: "The two passwords differ." });
    }
    if (confirm && value === "") {
        throw new ProtocolError({ code: "PASSWORD_EMPTY", message: `The password of ${name} is empty.` });
    }
    return value;
}
