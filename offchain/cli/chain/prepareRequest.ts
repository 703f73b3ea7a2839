import path from "node:path";
import { decodeIoSpec, type Hex, hexToBytes, ProtocolError, sealSide, toHex, ZERO_ADDRESS } from "@assay/protocol";
import {
    type ActingOn,
    buildRequest,
    contractsOf,
    onChain,
    type PreparedRequest,
    quote,
    type RequestWish,
    readCompiledModel,
} from "@assay/sdk";
import type { Shell } from "../io/shell.ts";
import { readInput } from "../model/input.ts";
import { openingOf, openOpening, saltsFor } from "../model/opening.ts";

/** A wish as the command line gives it: the fee may be left to the quote, the deadline counts from now. */
export type LooseWish = Omit<RequestWish, "feeWei" | "deadline" | "token"> & {
    token: Hex;
    feeWei: bigint | undefined;
    deadlineSeconds: number;
};

/** Fixes a request: refused here when its policy cannot be met, priced by the quote unless a fee was given. */
export async function prepareRequest(
    acting: ActingOn & { chainId: number },
    { feeWei, deadlineSeconds, ...wish }: LooseWish,
): Promise<PreparedRequest> {
    if (feeWei === undefined && wish.token !== ZERO_ADDRESS) throw new ProtocolError({ code: "FEE_NOT_GIVEN" });
    const answer = await quote(acting, wish);
    if (answer.status === "refused") throw answer.refusal;
    const block = await onChain(() => acting.provider.getBlock("latest"));
    // Deadlines count on the chain's clock, not on this machine's.
    const deadline = BigInt(block?.timestamp ?? 0) + BigInt(deadlineSeconds);
    const requester = toHex(await acting.signer.getAddress());
    const hub = toHex(acting.deployment.contracts.InferenceHub);
    return buildRequest(
        { chainId: acting.chainId, hub, requester },
        { ...wish, deadline, feeWei: feeWei ?? answer.minimumFeeWei },
    );
}

/** Where the input of a request comes from: canonical bytes, or numbers quantised by a compiled model. */
export type InputChoice = {
    inputHex?: Hex | undefined;
    input?: string | undefined;
    dir?: string | undefined;
    /** File that keeps what opens a committed input. */
    opening?: string | undefined;
};

/** Canonical input bytes, or the commitment to them when the model's input stays private. */
export type RequestInput = Pick<RequestWish, "input" | "inputHash">;

/**
 * The input of a request; a compiled model that is not the registered one is refused. What opens a committed input is
 * kept before anything is sent; throws OPENING_NOT_KEPT when no file was named for it.
 */
export async function requestInput(
    { shell, acting }: { shell: Shell; acting: ActingOn },
    { modelId, opening: file, ...choice }: InputChoice & { modelId: Hex },
): Promise<RequestInput> {
    const { models } = contractsOf({ deployment: acting.deployment, runner: acting.provider });
    const record = await onChain(() => models.record(modelId));
    const bytes = await canonicalInput(shell, { modelId, vkHash: toHex(record.vkHash), ...choice });
    const isSealed = record.ioSpec !== 0n && decodeIoSpec(record.ioSpec).input.committed;
    if (!isSealed) return { input: bytes };

    const { opening, keep } = await openOpening(shell, { ioSpec: record.ioSpec, file });
    const salts = saltsFor({ ioSpec: record.ioSpec, opening });
    await keep(openingOf({ salts, bytes: { input: bytes } }));
    const { hash } = sealSide({ side: decodeIoSpec(record.ioSpec).input, bytes, salt: salts.input });
    return { input: new Uint8Array(), inputHash: hash };
}

async function canonicalInput(
    shell: Shell,
    { modelId, vkHash, inputHex, input, dir }: Omit<InputChoice, "opening"> & { modelId: Hex; vkHash: Hex },
): Promise<Uint8Array> {
    if (inputHex !== undefined) return hexToBytes(inputHex);
    if (input === undefined || dir === undefined) throw new ProtocolError({ code: "INPUT_NOT_GIVEN" });
    const { spec } = await readCompiledModel({ dir: path.resolve(shell.cwd, dir) });
    if (vkHash !== spec.vkHash) {
        throw new ProtocolError({
            code: "MODEL_MISMATCH",
            message: `${dir} has key ${spec.vkHash}, model ${modelId} is registered with ${vkHash}.`,
        });
    }
    return readInput(shell, { dir, file: input });
}
