import { bytesToHex, FAMILIES, type Hex, type Statement, toHex } from "@assay/protocol";
import { evidenceGateAbi, inferenceHubAbi } from "@assay/sdk";
import { Interface } from "ethers";
import type { EvidenceItem } from "../journal/evidence.ts";
import type { Dossier } from "./context.ts";

const HUB = new Interface(inferenceHubAbi);
const GATE = new Interface(evidenceGateAbi);

type Brought = { dossier: Dossier; items: readonly EvidenceItem[] };

/** Call data of `fulfil` for a hub request. */
export function fulfilCall({ dossier, items }: Brought): Hex {
    const { wanted } = dossier;
    if (wanted.origin !== "hub") throw new Error("Only hub requests are delivered.");
    const { requester, salt, terms } = wanted;
    return toHex(
        HUB.encodeFunctionData("fulfil", [{ requester, salt, terms }, answerOf({ dossier, items }), plain(items)]),
    );
}

/** Call data of `checkPull`, as the consumer will call it. */
export function checkPullCall({ dossier, items }: Brought): Hex {
    const { wanted } = dossier;
    if (wanted.origin !== "pull") throw new Error("Only pull requests are checked by their consumer.");
    const { modelId, configHash, policy, executors, minStakeWei } = wanted.ask;
    const ask = { modelId, configHash, policy, signers: { executors, minStakeWei } };
    const call = [answerOf({ dossier, items }), ask, wanted.salt, plain(items)];
    return toHex(GATE.encodeFunctionData("checkPull", call));
}

/** The input is left out when no proof needs it: every byte costs gas. */
function answerOf({ dossier, items }: Brought): { statement: Statement; input: Uint8Array; output: Uint8Array } {
    const proven = items.some(({ family }) => family === FAMILIES.ZK_GROTH16);
    const input = proven ? dossier.input : new Uint8Array();
    return { statement: dossier.dated.statement, input, output: dossier.output.output };
}

function plain(items: readonly EvidenceItem[]): { family: number; data: Hex }[] {
    return items.map(({ family, data }) => ({ family, data: bytesToHex(data) }));
}
