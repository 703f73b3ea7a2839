import { ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { failureOf } from "../_failure.ts";
import { actingOptions, actingShape, openActing } from "../chain/act.ts";
import { openChain } from "../chain/openChain.ts";
import { checkBalances, checkExecutor, checkKeys, localKeys } from "../doctor/accountChecks.ts";
import { checkClock, checkCode, checkEncoding, checkFamilies, checkWiring } from "../doctor/deploymentChecks.ts";
import { checkEnclaves } from "../doctor/enclaveChecks.ts";
import { type Finding, fail, ok } from "../doctor/finding.ts";
import { checkPaymentToken, checkRecords } from "../doctor/recordChecks.ts";
import { selfRequest } from "../doctor/selfRequest.ts";
import { checkTee } from "../doctor/teeChecks.ts";
import { table } from "../io/text.ts";
import manifest from "../package.json" with { type: "json" };
import { address, count, hash32, hexBytes, policy } from "../values.ts";
import { defineVerb, type Io } from "../verb.ts";

const inputShape = z.object({
    executor: z.array(address).default([]),
    selfRequest: z.boolean().default(false),
    model: hash32.optional(),
    policy: policy.optional(),
    inputHex: hexBytes.optional(),
    waitSeconds: count.default(60),
    ...actingShape,
});
type Input = z.output<typeof inputShape>;

/** `assay doctor`: what is wrong with this machine, this node, this deployment? */
export const doctor = defineVerb({
    name: "doctor",
    about: "Check versions, node, deployment, contracts, clocks, keys, balances and executors",
    options: [
        {
            flags: "--executor <address>",
            about: "executor that must be able to sign, and whose enclaves are looked at; repeat for more",
            repeat: true,
        },
        { flags: "--self-request", about: "also ask for one inference and wait for it (costs its fee)" },
        {
            flags: "--model <id>",
            about: "modelId of the self-request, and the version that enclaves must be named for",
        },
        { flags: "--policy <policy>", about: "policy of the self-request" },
        { flags: "--input-hex <hex>", about: "canonical input of the self-request" },
        { flags: "--wait-seconds <n>", about: "how long to wait for its answer (60)" },
        ...actingOptions,
    ],
    input: inputShape,
    run: async (io, input) => {
        const findings: Finding[] = [
            ok("versions", `assay ${manifest.version}, Node ${process.versions.node}`),
            ...(await found("keys", async () => [checkKeys(await localKeys(io.shell))])),
            ...(await found("chain", () => chainFindings(io, input))),
        ];
        const healthy = findings.every(({ status }) => status !== "fail");
        const rows = findings.map(({ name, status, detail, fix }) => [
            status,
            name,
            fix === undefined ? detail : `${detail}: ${fix}`,
        ]);
        return { ok: healthy, value: { healthy, findings }, text: table({ head: ["", "check", "found"], rows }) };
    },
});

async function chainFindings({ shell, progress }: Io, input: Input): Promise<Finding[]> {
    const chain = await openChain(shell, input);
    const keys = await localKeys(shell);
    const wishes = input.executor.flatMap((executor) => [
        () => checkExecutor(chain, executor),
        () => checkEnclaves(chain, { executor, modelId: input.model }),
    ]);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const checks: [name: string, check: () => Promise<Finding | Finding[]>][] = [
        ["code", () => checkCode(chain)],
        ["wiring", () => checkWiring(chain)],
        ["encoding", () => checkEncoding(chain)],
        ["records", () => checkRecords(chain)],
        ["payment token", () => checkPaymentToken(chain)],
        ["families", () => checkFamilies(chain)],
        ["tee", () => checkTee(chain)],
        ["clock", () => checkClock(chain, nowSeconds)],
        ["balances", () => checkBalances(chain, keys)],
        ...wishes.map((check): [string, () => Promise<Finding | Finding[]>] => ["executor", check]),
        ...(input.selfRequest ? [selfCheck({ shell, progress }, input)] : []),
    ];
    const deploymentText = `chain ${chain.chainId}, hub ${chain.deployment.contracts.InferenceHub}`;
    const findings = [ok("deployment", deploymentText)];
    for (const [name, check] of checks) findings.push(...(await found(name, async () => [await check()].flat())));
    return findings;
}

function selfCheck({ shell, progress }: Io, input: Input): [name: string, check: () => Promise<Finding>] {
    return [
        "self-request",
        async () => {
            const { model, policy, inputHex } = input;
            if (model === undefined || policy === undefined || inputHex === undefined) {
                throw new ProtocolError({
                    code: "INPUT_NOT_GIVEN",
                    message: "--self-request needs --model, --policy, --input-hex.",
                });
            }
            progress("asking for one inference");
            const signal = AbortSignal.any([shell.stopSignal(), AbortSignal.timeout(input.waitSeconds * 1000)]);
            const acting = await openActing(shell, input);
            return selfRequest({ acting, signal }, { modelId: model, policy, executors: input.executor, inputHex });
        },
    ];
}

/** A check that cannot even be made is a finding too. */
async function found(name: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
    try {
        return await check();
    } catch (fault) {
        const { code, message, fix } = failureOf(fault);
        return [fail(name, { detail: `${code}: ${message}`, fix })];
    }
}
