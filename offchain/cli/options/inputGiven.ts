type Given = { input?: string | undefined; inputHex?: string | undefined; dir?: string | undefined };

/** What a verb that asks a model needs: numbers and the model that quantises them, or canonical bytes. */
export const INPUT_GIVEN = [
    ({ input, inputHex, dir }: Given): boolean => inputHex !== undefined || (input !== undefined && dir !== undefined),
    { message: "an input is missing: --input with --dir, or canonical bytes with --input-hex" },
] as const;
