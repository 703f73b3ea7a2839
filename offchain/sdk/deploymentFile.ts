/** deployments/<chainId>.json: written by scripts/deploy.ts, read by everybody who has files. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { ProtocolError } from "@assay/protocol";
import { getAddress } from "ethers";
import { type Deployment, parseDeployment } from "./deployment.ts";

/** Reads a deployment file; throws DEPLOYMENT_MISSING, DEPLOYMENT_INVALID. */
export async function loadDeployment({ file }: { file: string }): Promise<Deployment> {
    let text: string;
    try {
        text = await readFile(file, "utf8");
    } catch (cause) {
        throw new ProtocolError({ code: "DEPLOYMENT_MISSING", message: `${file} cannot be read.`, cause });
    }
    try {
        return parseDeployment(JSON.parse(text));
    } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        throw new ProtocolError({ code: "DEPLOYMENT_INVALID", message: `${file} is not JSON.`, cause });
    }
}

/** Writes deployments/<chainId>.json under `root` in one step, with checksummed addresses; returns its path. */
export async function writeDeployment({ root, deployment }: { root: string; deployment: Deployment }): Promise<string> {
    const { contracts, ...rest } = parseDeployment(deployment);
    const addresses = Object.entries(contracts).flatMap(([name, value]) => (value ? [[name, getAddress(value)]] : []));
    const file = path.join(root, "deployments", `${deployment.chainId}.json`);
    const unfinished = `${file}.${randomUUID()}`;

    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(unfinished, `${JSON.stringify({ ...rest, contracts: Object.fromEntries(addresses) }, null, 2)}\n`);
    await rename(unfinished, file);
    return file;
}
