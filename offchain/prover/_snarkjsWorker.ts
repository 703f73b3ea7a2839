/** The process of the snarkjs backend: keeps curve, threads and keys warm, proves one witness after the other. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { buildBn128 } from "ffjavascript";
import { groth16 } from "snarkjs";
import { z } from "zod";
import type { Answer } from "./snarkjsBackend.ts";

const question = z.object({
    key: z.object({ file: z.string(), sha256: z.string() }),
    witness: z.instanceof(Uint8Array),
    keyMemoryBytes: z.number(),
});
type Question = z.output<typeof question>;

/** Keys by hash, the one used last at the end. */
const keys = new Map<string, Uint8Array>();

async function keyOf({ key: { file, sha256 }, keyMemoryBytes }: Question): Promise<Uint8Array> {
    const zkey = keys.get(sha256) ?? (await readKey({ file, sha256 }));
    keys.delete(sha256);
    let room = keyMemoryBytes - zkey.length;
    for (const [other, { length }] of [...keys].reverse()) {
        room -= length;
        if (room < 0) keys.delete(other); // and every key that was used before it
    }
    keys.set(sha256, zkey);
    return zkey;
}

/** What is proven with is what was checked. */
async function readKey({ file, sha256 }: { file: string; sha256: string }): Promise<Uint8Array> {
    const zkey = new Uint8Array(await readFile(file));
    const actual = `0x${createHash("sha256").update(zkey).digest("hex")}`;
    if (actual !== sha256) throw new Error(`${file} was changed`);
    return zkey;
}

async function answerTo(message: unknown): Promise<Answer> {
    try {
        const asked = question.parse(message);
        const { proof } = await groth16.prove(await keyOf(asked), asked.witness);
        return { status: "proven", proof, ...memory() };
    } catch (error) {
        return { status: "failed", why: error instanceof Error ? error.message : String(error), ...memory() };
    }
}

function memory() {
    return {
        keysBytes: [...keys.values()].reduce((sum, { length }) => sum + length, 0),
        peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
}

await buildBn128(); // its threads live as long as this process
process.on("message", (message) => void answerTo(message).then((answer) => process.send?.(answer)));
process.once("disconnect", () => process.exit());
