import { type Hex, ProtocolError, type Statement, toHex, ZERO_BYTES32 } from "@assay/protocol";
import { z } from "zod";
import { address, hash32 } from "../values.ts";

const wholeNumber = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,20}$/)]).transform(BigInt);

/** A statement and the gate under whose domain it is signed and proven. */
export const statementFile = z.object({
    chainId: z.int().positive(),
    gate: address,
    statement: z.object({
        requestId: hash32,
        modelId: hash32,
        configHash: hash32.default(ZERO_BYTES32),
        inputHash: hash32,
        outputHash: hash32,
        contextHash: hash32.default(ZERO_BYTES32),
        executor: address,
        issuedAt: wholeNumber,
        round: wholeNumber.default(0n),
        resultCode: wholeNumber.default(0n),
    }),
});

/** Throws STATEMENT_MISMATCH unless a statement speaks of exactly these hashes. */
export function expectSpeaksOf({
    statement,
    inputHash,
    outputHash,
}: {
    statement: Statement;
    inputHash: Hex;
    outputHash: Hex;
}): void {
    expectHash({ field: "inputHash", stated: statement.inputHash, actual: inputHash });
    expectHash({ field: "outputHash", stated: statement.outputHash, actual: outputHash });
}

function expectHash({ field, stated, actual }: { field: string; stated: Hex; actual: Hex }): void {
    if (toHex(stated) === actual) return;
    throw new ProtocolError({
        code: "STATEMENT_MISMATCH",
        message: `Its ${field} is ${stated}, here it is ${actual}.`,
    });
}
