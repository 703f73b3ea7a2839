import { readFile } from "node:fs/promises";
import path from "node:path";
import { isDevelopmentChain, ProtocolError } from "@assay/protocol";
import { z } from "zod";
import type { DeployParameters } from "../../ignition/deployContracts.ts";

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "not an address");
const parametersSchema = z.strictObject({
    owner: address.optional(),
    token: address.optional(),
    paymentToken: address.optional(),
    routerDelaySeconds: z.number().int().positive().optional(),
    simulatedTee: z.boolean().optional(),
});

/** Reads ignition/parameters/<chainId>.json; on development chains the deployer owns what nobody was named for. */
export async function readParameters({
    root,
    chainId,
    deployer,
}: {
    root: string;
    chainId: number;
    deployer: string;
}): Promise<DeployParameters> {
    const file = path.join(root, "ignition", "parameters", `${chainId}.json`);
    const isDevelopment = isDevelopmentChain(chainId);
    const parameters = parse(await textOf(file), file);
    const { owner, token, paymentToken, routerDelaySeconds, simulatedTee = isDevelopment } = parameters;
    if (owner === undefined && !isDevelopment) {
        throw new ProtocolError({ code: "DEPLOYMENT_OWNER_MISSING", message: `${file} names no owner.` });
    }
    if (simulatedTee && !isDevelopment) {
        const message = `${file}: simulated TEE verifiers exist on development chains only.`;
        throw new ProtocolError({ code: "DEPLOYMENT_PARAMETERS_INVALID", message });
    }
    return {
        owner: owner ?? deployer,
        simulatedTee,
        ...(token === undefined ? {} : { token }),
        ...(paymentToken === undefined ? {} : { paymentToken }),
        ...(routerDelaySeconds === undefined ? {} : { routerDelaySeconds }),
    };
}

/** A missing file gives no parameters. */
async function textOf(file: string): Promise<string> {
    return readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") return "{}";
        throw cause;
    });
}

function parse(text: string, file: string): z.output<typeof parametersSchema> {
    try {
        return parametersSchema.parse(JSON.parse(text));
    } catch (cause) {
        const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
        throw new ProtocolError({ code: "DEPLOYMENT_PARAMETERS_INVALID", message: `${file}: ${why}`, cause });
    }
}
