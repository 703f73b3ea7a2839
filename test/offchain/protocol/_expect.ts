import { type ErrorCode, ProtocolError } from "@assay/protocol";
import { expect } from "chai";

/** Runs something that must fail with a code of the error table, and returns the error. */
export function expectError(run: () => unknown, code: ErrorCode): ProtocolError {
    try {
        run();
    } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        expect(error.code).to.equal(code);
        return error;
    }
    throw new Error(`Nothing failed; ${code} was expected.`);
}
