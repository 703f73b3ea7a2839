/** The process of `runPhase2`: takes jobs, tells how they go, and is ended by whoever asked. */
import { randomBytes } from "node:crypto";
import { powersOfTau, zKey } from "snarkjs";
import { z } from "zod";
import type { Phase2Message } from "./_phase2.ts";

const path = z.string();
const job = z.discriminatedUnion("op", [
    z.object({ op: z.literal("verifyPtau"), ptau: path }),
    z.object({ op: z.literal("begin"), r1cs: path, ptau: path, to: path }),
    z.object({ op: z.literal("contribute"), from: path, to: path, name: z.string() }),
    z.object({
        op: z.literal("beacon"),
        from: path,
        to: path,
        name: z.string(),
        value: z.string(),
        iterationsLog2: z.number(),
    }),
    z.object({ op: z.literal("verify"), start: path, ptau: path, key: path }),
]);

/** Beside the 64 bytes that snarkjs draws itself. */
const ENTROPY_BYTES = 64;

let said = "";
const hear = (line: unknown): void => {
    said = String(line).trim();
};
const logger = { error: hear, warn: hear, info: () => {}, debug: () => {} };

/** Whether snarkjs is content: it says no with false or -1, and throws on files that it cannot read. */
async function does(given: z.output<typeof job>): Promise<boolean> {
    switch (given.op) {
        case "verifyPtau":
            return powersOfTau.verify(given.ptau, logger);
        case "begin":
            return (await zKey.newZKey(given.r1cs, given.ptau, given.to, logger)) !== -1;
        case "contribute": {
            const entropy = randomBytes(ENTROPY_BYTES).toString("hex");
            await zKey.contribute(given.from, given.to, given.name, entropy, logger);
            return true;
        }
        case "beacon": {
            const { from, to, name, value, iterationsLog2 } = given;
            return (await zKey.beacon(from, to, name, value, iterationsLog2, logger)) !== false;
        }
        case "verify":
            return zKey.verifyFromInit(given.start, given.ptau, given.key, logger);
        default:
            throw new TypeError(given satisfies never);
    }
}

async function doAll(jobs: readonly z.output<typeof job>[]): Promise<Phase2Message> {
    for (const next of jobs) {
        const { op } = next;
        tell({ about: "begun", op });
        try {
            if (!(await does(next))) return { about: "refused", op, says: said };
        } catch (error) {
            return { about: "refused", op, says: error instanceof Error ? error.message : String(error) };
        }
    }
    return { about: "done" };
}

function tell(message: Phase2Message): void {
    process.send?.(message);
}

console.log = hear; // snarkjs prints there what is wrong with a contribution
process.once("message", (message) => void doAll(z.array(job).parse(message)).then(tell));
process.once("disconnect", () => process.exit());
