import { randomBytes } from "node:crypto";
import { access } from "node:fs/promises";
import path from "node:path";
import {
    bytesToHex,
    decodeIoSpec,
    type Hex,
    openingSchema,
    ProtocolError,
    type ReceiptOpening,
    SALT_BYTES,
    saltFrom,
} from "@assay/protocol";
import { readJson, writeText } from "../io/files.ts";
import { toJson } from "../io/outcome.ts";
import type { Shell } from "../io/shell.ts";

/** Where `--opening` keeps what only its owner may know. */
export const openingOption = {
    flags: "--opening <file>",
    about: "salts and bytes of committed sides: read if it is there, and kept there (for your eyes alone)",
} as const;

/** What a file holds, and how to keep more in it; `keep` throws OPENING_OF_ANOTHER for other bytes than are there. */
type Kept = { opening: ReceiptOpening; keep: (opening: ReceiptOpening) => Promise<void> };

/**
 * What a file holds of the openings of a model's committed sides. Throws OPENING_NOT_KEPT when the model has a committed
 * side and no file was named.
 */
export async function openOpening(
    { cwd }: Pick<Shell, "cwd">,
    { ioSpec, file }: { ioSpec: bigint; file: string | undefined },
): Promise<Kept> {
    const { input, output } = decodeIoSpec(ioSpec);
    if (!input.committed && !output.committed) return { opening: {}, keep: async () => {} };
    if (file === undefined) throw new ProtocolError({ code: "OPENING_NOT_KEPT" });
    const target = path.resolve(cwd, file);
    const isKept = await isThere(target);
    const opening = isKept ? await readJson({ file: target, schema: openingSchema }) : {};
    return {
        opening,
        keep: async (more) => {
            expectSame({ kept: opening.input, given: more.input });
            expectSame({ kept: opening.output, given: more.output });
            const text = `${toJson({ ...opening, ...more })}\n`;
            await writeText({ file: target, text, isSecret: true, isNew: !isKept }); // another's salts are lost with it
        },
    };
}

function expectSame({ kept, given }: { kept: Hex | undefined; given: Hex | undefined }): void {
    if (kept !== undefined && given !== undefined && kept !== given) {
        throw new ProtocolError({ code: "OPENING_OF_ANOTHER" });
    }
}

/** The salts that a model's committed sides have or, where they have none yet, fresh ones. */
export function saltsFor({ ioSpec, opening }: { ioSpec: bigint; opening: ReceiptOpening }) {
    const { input, output } = decodeIoSpec(ioSpec);
    const salt = () => saltFrom(randomBytes(SALT_BYTES));
    return {
        input: input.committed ? (opening.inputSalt ?? salt()) : undefined,
        output: output.committed ? (opening.outputSalt ?? salt()) : undefined,
    };
}

type Sides = { input?: Uint8Array | undefined; output?: Uint8Array | undefined };

/** Bytes and salts of the sides that have a salt, as they open a receipt. */
export function openingOf({ salts, bytes }: { salts: ReturnType<typeof saltsFor>; bytes: Sides }): ReceiptOpening {
    return {
        ...(salts.input === undefined || bytes.input === undefined
            ? {}
            : { input: bytesToHex(bytes.input), inputSalt: salts.input }),
        ...(salts.output === undefined || bytes.output === undefined
            ? {}
            : { output: bytesToHex(bytes.output), outputSalt: salts.output }),
    };
}

async function isThere(file: string): Promise<boolean> {
    return access(file).then(
        () => true,
        () => false,
    );
}
