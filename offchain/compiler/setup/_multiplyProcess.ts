/**
 * The process of `multiplyGenerators`: multiplies the share that it is sent, says how many points it has made, and is
 * ended by whoever asked.
 */
import { z } from "zod";
import { multiplyHere } from "./_multiply.ts";

const scalars = z.object({ g1: z.instanceof(Uint8Array), g2: z.instanceof(Uint8Array) });

process.once("message", async (share) => {
    const { g1, g2 } = await multiplyHere(scalars.parse(share), (points) => process.send?.({ points }));
    process.send?.({ g1, g2 });
});
