import { z } from "zod";
import { defineVerb } from "../verb.ts";

/** `assay demo`: the main job, once, on a chain of its own. */
export const demo = defineVerb({
    name: "demo",
    about: "Local chain, contracts, a real model, an executor; a contract asks under several policies; receipts verified",
    input: z.object({}),
    run: async ({ shell, progress }) => {
        // Loaded when needed: Hardhat, the compiler and the executor are most of this command's weight.
        const { runDemo } = await import("../demo/runDemo.ts");
        const { demoText } = await import("../demo/demoText.ts");
        const rows = await runDemo({ progress, signal: shell.stopSignal() });
        const ok = rows.every(({ asExpected }) => asExpected);
        return { ok, value: { ok, rows }, text: demoText(rows) };
    },
});
