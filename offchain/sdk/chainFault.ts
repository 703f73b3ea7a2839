import { explainContractError, ProtocolError } from "@assay/protocol";
import { Interface, isError } from "ethers";
import { type Payer, payerOf } from "./_payer.ts";
import { revertArguments } from "./_revertArguments.ts";
import { revertData } from "./_revertData.ts";
import * as abis from "./abi.ts";

const ERRORS = new Interface(Object.values(abis).flatMap((abi) => abi.filter((entry) => entry.type === "error")));
const OUT_OF_FUNDS = /enough funds|insufficient funds/i;

/** A call that a contract refused: CONTRACT_REVERTED, with the contract's own error decoded. */
export class ContractRevert extends ProtocolError {
    /** Name of the Solidity error. */
    readonly contractError: string;
    readonly arguments: Readonly<Record<string, string>>;
    /** How to solve it, when the error table knows the name. */
    readonly fix: string | undefined;

    constructor({ name, args, cause }: { name: string; args: Record<string, string>; cause: unknown }) {
        const list = Object.entries(args).map(([key, value]) => `${key}: ${value}`);
        const known = explainContractError(name);
        super({
            code: "CONTRACT_REVERTED",
            message: [`${name}(${list.join(", ")}).`, known?.meaning, known?.fix].filter(Boolean).join(" "),
            cause,
        });
        this.contractError = name;
        this.arguments = args;
        this.fix = known?.fix;
    }
}

/** Runs work that talks to a chain, and turns what ethers throws into the errors of the table. */
export async function onChain<T>(work: () => Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (cause) {
        throw chainFault(cause);
    }
}

/** The typed error of something ethers threw; anything that has nothing to do with a chain is given back as it is. */
export function chainFault(cause: unknown): unknown {
    if (cause instanceof ProtocolError || !(cause instanceof Error)) return cause;
    const data = revertData(cause);
    if (data !== undefined || isError(cause, "CALL_EXCEPTION")) return revertFault({ data, cause });
    if (isError(cause, "INSUFFICIENT_FUNDS") || OUT_OF_FUNDS.test(cause.message)) {
        return new ProtocolError({ code: "FUNDS_INSUFFICIENT", message: brokeText(payerOf(cause)), cause });
    }
    if (isError(cause, "NONCE_EXPIRED") || isError(cause, "REPLACEMENT_UNDERPRICED")) {
        return new ProtocolError({ code: "TRANSACTION_OVERTAKEN", cause });
    }
    const isTransport = (["NETWORK_ERROR", "SERVER_ERROR", "TIMEOUT"] as const).some((code) => isError(cause, code));
    if (isTransport || hasErrno(cause)) return new ProtocolError({ code: "RPC_UNREACHABLE", cause });
    return cause;
}

/** Undefined = what the table says of it. */
function brokeText(payer: Payer | undefined): string | undefined {
    if (payer === undefined) return undefined;
    const where = payer.chainId === undefined ? "" : ` on chain ${payer.chainId}`;
    return `${payer.account} cannot pay for value and gas of the transaction${where}.`;
}

function revertFault({ data, cause }: { data: string | undefined; cause: unknown }): ProtocolError {
    const described = data === undefined ? null : ERRORS.parseError(data);
    if (described !== null) {
        return new ContractRevert({ name: described.name, args: revertArguments(described), cause });
    }
    const message =
        data === undefined ? undefined : `The contract reverted with ${data.slice(0, 74)}, which says nothing.`;
    return new ProtocolError({ code: "TRANSACTION_REVERTED", message, cause });
}

/** Refused and dropped connections come as plain errors with a system code. */
function hasErrno(cause: Error): boolean {
    return "code" in cause && ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EPIPE"].includes(String(cause.code));
}
