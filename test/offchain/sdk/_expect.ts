import { type ErrorCode, ProtocolError } from "@assay/protocol";
import { ContractRevert } from "@assay/sdk";
import { expect } from "chai";

/** Expects a promise to fail with this code of the error table; gives the error. */
export async function expectFault(work: Promise<unknown>, code: ErrorCode): Promise<ProtocolError> {
    const fault = await failureOf(work);
    if (!(fault instanceof ProtocolError)) throw fault;
    expect(fault.code).to.equal(code);
    return fault;
}

/** Expects a contract to refuse with this error and, when given, exactly these arguments. */
export async function expectRevert(
    work: Promise<unknown>,
    error: string,
    args?: Record<string, string>,
): Promise<ContractRevert> {
    const fault = await failureOf(work);
    if (!(fault instanceof ContractRevert)) throw fault;
    expect(fault.contractError).to.equal(error);
    if (args !== undefined) expect(fault.arguments).to.deep.equal(args);
    return fault;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
    try {
        await work;
    } catch (fault) {
        return fault;
    }
    throw new Error("Nothing failed.");
}
