import { FAMILIES, familyName, SEMANTICS } from "../constants.ts";
import { ProtocolError } from "../errors/ProtocolError.ts";
import type { Evidence } from "../evidence.ts";
import { toHex, uintToHex } from "../hex.ts";
import type { ModelSpec, Terms } from "../ids.ts";
import type { Statement } from "../statement.ts";
import type { HubReceipt, ModelFacts, Receipt } from "./schema.ts";

/** The receipt's form of a statement. */
export function statementToJson(statement: Statement): Receipt["statement"] {
    return {
        requestId: toHex(statement.requestId, 32),
        modelId: toHex(statement.modelId, 32),
        configHash: toHex(statement.configHash, 32),
        inputHash: toHex(statement.inputHash, 32),
        outputHash: toHex(statement.outputHash, 32),
        contextHash: toHex(statement.contextHash, 32),
        executor: toHex(statement.executor, 20),
        issuedAt: Number(statement.issuedAt),
        round: Number(statement.round),
        resultCode: Number(statement.resultCode),
    };
}

/** A statement from its form in a receipt. */
export function statementFromJson(statement: Receipt["statement"]): Statement {
    return {
        ...statement,
        issuedAt: BigInt(statement.issuedAt),
        round: BigInt(statement.round),
        resultCode: BigInt(statement.resultCode),
    };
}

/** The receipt's form of a hub request's terms. */
export function termsToJson(terms: Terms): HubReceipt["request"]["terms"] {
    return {
        modelId: toHex(terms.modelId, 32),
        configHash: toHex(terms.configHash, 32),
        inputHash: toHex(terms.inputHash, 32),
        policy: uintToHex(terms.policy),
        executors: terms.executors.map((executor) => toHex(executor, 20)),
        minStakeWei: terms.minStakeWei.toString(),
        feeWei: terms.feeWei.toString(),
        token: toHex(terms.token, 20),
        deadline: Number(terms.deadline),
        callback: toHex(terms.callback, 20),
        callbackGas: Number(terms.callbackGas),
        refundee: toHex(terms.refundee, 20),
    };
}

/** Terms from their form in a receipt. */
export function termsFromJson(terms: HubReceipt["request"]["terms"]): Terms {
    return {
        ...terms,
        policy: BigInt(terms.policy),
        minStakeWei: BigInt(terms.minStakeWei),
        feeWei: BigInt(terms.feeWei),
        deadline: BigInt(terms.deadline),
        callbackGas: BigInt(terms.callbackGas),
    };
}

/** The receipt's form of evidence items. */
export function evidenceToJson(items: readonly Evidence[]): Receipt["evidence"] {
    return items.map(({ family, data }) => ({ family: familyName(family), data: toHex(data) }));
}

/** Evidence items from their form in a receipt. */
export function evidenceFromJson(items: Receipt["evidence"]): Evidence[] {
    return items.map(({ family, data }) => ({ family: numberOf(FAMILIES, family), data }));
}

/** The content of a model version from what a receipt says of it. */
export function modelSpecOf(model: ModelFacts): ModelSpec {
    const { artifactDigest, schemaHash, vkHash, derivedFrom } = model;
    const semantics = numberOf(SEMANTICS, model.semantics);
    return { artifactDigest, ioSpec: BigInt(model.ioSpec), schemaHash, semantics, vkHash, derivedFrom };
}

function numberOf(table: Record<string, number>, name: string): number {
    const value = table[name];
    if (value === undefined) throw new ProtocolError({ code: "VALUE_OUT_OF_RANGE", message: `"${name}" is no name.` });
    return value;
}
