import { z } from "zod";

/** EZKL's form of inputs: one flat list of numbers for each input tensor, or for each calibration sample. */
export const inputFile = z.object({
    input_data: z.array(z.array(z.number(), { error: 'expected a list inside the list: "input_data": [[…]]' })).min(1),
});
