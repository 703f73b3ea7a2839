import { type GatewayContext, type Hex, keccak256, RESULT_CODES, type Statement, ZERO_BYTES32 } from "@assay/protocol";
import { contextFault, type OwnClaim } from "./contextFault.ts";

/** A key's registration, as far as the enclave knows: it was attested for it. */
export type AttestedBinding = {
    chainId: bigint;
    registry: Hex;
    operator: Hex;
    enclaveId: Hex;
};

/** What was brought to be signed; the context of a gateway's statement comes along. */
export type Brought = {
    statement: Statement;
    input: Uint8Array;
    output: Uint8Array;
    context: GatewayContext | undefined;
};

/** The failure of whoever asks for a configuration here: an enclave has none but its own. */
const CONFIG_UNAVAILABLE = codeOf("CONFIG_UNAVAILABLE");

/** Result code of a name of tables/result-codes.json. */
export function codeOf(name: string): number {
    const code = RESULT_CODES.find((row) => row.name === name)?.code;
    if (code === undefined) throw new Error(`${name} is not in the table of result codes.`);
    return code;
}

/** Whether a document binds the key to whoever answers for a statement, on its chain. */
export function isBound({
    bindings,
    chainId,
    statement,
}: {
    bindings: readonly AttestedBinding[];
    chainId: bigint;
    statement: Statement;
}): boolean {
    return bindings.some((binding) => binding.chainId === chainId && binding.operator === statement.executor);
}

/**
 * What a statement says that does not follow from the bytes brought with it; undefined when all does. Whether the model
 * gives this output is not asked here.
 */
export function statementFault(
    { statement, input, output, context }: Brought,
    { own }: { own: OwnClaim },
): string | undefined {
    const { configHash, inputHash, outputHash, contextHash } = statement;
    const resultCode = Number(statement.resultCode);
    const untrue = contextFault({ contextHash, context, input, own });
    if (untrue !== undefined) return untrue;
    if (keccak256(input) !== inputHash) return `The input hashes to ${keccak256(input)}, not to ${inputHash}.`;
    if (!RESULT_CODES.some(({ code }) => code === resultCode)) return `Result code ${resultCode} does not exist.`;
    if ((configHash !== ZERO_BYTES32) !== (resultCode === CONFIG_UNAVAILABLE)) {
        return "A configuration other than the enclave's own is never available, and none is needed without one.";
    }
    if (resultCode !== 0) {
        const isEmpty = outputHash === ZERO_BYTES32 && output.length === 0;
        return isEmpty ? undefined : "A failure has no output.";
    }
    return keccak256(output) === outputHash
        ? undefined
        : `The output hashes to ${keccak256(output)}, not to ${outputHash}.`;
}

/** Whether a statement is true of any model here: its configuration is not available. */
export function needsNoAnswer({ resultCode }: Statement): boolean {
    return Number(resultCode) === CONFIG_UNAVAILABLE;
}
