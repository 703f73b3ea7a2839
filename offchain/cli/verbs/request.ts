import { ZERO_ADDRESS } from "@assay/protocol";
import { sendRequest, waitForAnswer } from "@assay/sdk";
import { z } from "zod";
import { actingOptions, actingShape, openActing, sentRows } from "../chain/act.ts";
import { prepareRequest, requestInput } from "../chain/prepareRequest.ts";
import { facts } from "../io/text.ts";
import { openingOption } from "../model/opening.ts";
import { ONE_CONFIG, pinnedConfig, pinnedRows } from "../options/configChoice.ts";
import { INPUT_GIVEN } from "../options/inputGiven.ts";
import { wishOptions, wishShape } from "../options/wish.ts";
import { address, count, hexBytes, token, unsigned } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** How long a request stays open unless told. */
const DEFAULT_DEADLINE_SECONDS = 3_600;

/** `assay request`: opens a request at the hub and, when asked, waits for its end. */
export const request = defineVerb({
    name: "request",
    about: "Ask for an inference: refused here and now when the policy cannot be met",
    options: [
        ...wishOptions,
        { flags: "--input <file>", about: 'numbers as {"input_data": [[…]]}; needs --dir' },
        { flags: "--dir <dir>", about: "compiled model that says how the numbers are quantised" },
        { flags: "--input-hex <hex>", about: "canonical input bytes, instead of --input" },
        openingOption,
        { flags: "--input-uri <uri>", about: "where executors find an input of more than 4 KB" },
        { flags: "--fee-wei <wei>", about: "fee (default: the least that executors ask now)" },
        { flags: "--token <address>", about: "token of the fee (default: native)" },
        { flags: "--deadline-seconds <n>", about: `from now on until a refund is due (${DEFAULT_DEADLINE_SECONDS})` },
        { flags: "--callback <address>", about: "contract to call with the answer" },
        { flags: "--callback-gas <units>", about: "exact gas of the callback" },
        { flags: "--refundee <address>", about: "who is credited on refund (default: you)" },
        { flags: "--wait-seconds <n>", about: "wait at most this long for the end" },
        ...actingOptions,
    ],
    input: z
        .object({
            ...wishShape,
            input: z.string().optional(),
            dir: z.string().optional(),
            inputHex: hexBytes.optional(),
            opening: z.string().optional(),
            inputUri: z.string().default(""),
            feeWei: unsigned.optional(),
            token,
            deadlineSeconds: count.default(DEFAULT_DEADLINE_SECONDS),
            callback: address.default(ZERO_ADDRESS),
            callbackGas: unsigned.default(0n),
            refundee: address.optional(),
            waitSeconds: count.optional(),
            ...actingShape,
        })
        .refine(...INPUT_GIVEN)
        .refine(...ONE_CONFIG),
    run: async ({ shell, progress }, { model, config, configHash, executor, refundee, waitSeconds, ...rest }) => {
        const acting = await openActing(shell, rest);
        const pinned = await pinnedConfig(acting, { config, configHash });
        const { policy, minStakeWei, inputUri, feeWei, token, deadlineSeconds, callback, callbackGas } = rest;
        const prepared = await prepareRequest(acting, {
            modelId: model,
            configHash: pinned.configHash,
            executors: executor,
            ...(await requestInput({ shell, acting }, { ...rest, modelId: model })),
            ...{ policy, minStakeWei, inputUri, feeWei, token, deadlineSeconds, callback, callbackGas },
            ...(refundee === undefined ? {} : { refundee }),
        });
        const sent = await sendRequest(acting, prepared);
        const { requestId, salt, terms } = prepared;
        progress(`requested ${requestId}`);
        const value = { requestId, salt, inputHash: terms.inputHash, feeWei: terms.feeWei, ...pinned, ...sent };
        const fee: [string, string] = ["fee", `${terms.feeWei} wei`];
        const rows: [string, string][] = [["requestId", requestId], fee, ...pinnedRows(pinned), ...sentRows(sent)];
        if (waitSeconds === undefined) return { ok: true, value, text: facts(rows) };
        const signal = AbortSignal.any([shell.stopSignal(), AbortSignal.timeout(waitSeconds * 1000)]);
        const { status } = await waitForAnswer({ ...acting, signal }, { requestId });
        return { ok: status === "Final", value: { ...value, status }, text: facts([...rows, ["status", status]]) };
    },
});
