/**
 * `npm run dev`: a development chain, its contracts, an executor and a gateway together, until Ctrl-C. Everything is new
 * at each start and gone at the end.
 *
 *     npm run dev                                                   # chain on 8545, gateway on 4021
 *     npm run dev -- --chain-port 0 --gateway-port 0                # on free ports
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { isProtocolError } from "@assay/protocol";
import { Command } from "commander";
import { startDevelopment } from "./dev/startDevelopment.ts";

const CHAIN_PORT = "8545";
const GATEWAY_PORT = "4021";

const { chainPort, gatewayPort } = new Command("dev")
    .option("--chain-port <n>", "where the node listens; 0 = any free port", CHAIN_PORT)
    .option("--gateway-port <n>", "where the gateway listens; 0 = any free port", GATEWAY_PORT)
    .parse()
    .opts<{ chainPort: string; gatewayPort: string }>();
const controller = new AbortController();
const { signal } = controller;
// The second signal ends the process at once.
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());

const home = await mkdtemp(path.join(tmpdir(), "assay-dev-"));
const undo: (() => Promise<unknown>)[] = [() => rm(home, { recursive: true, force: true })];
try {
    const ports = { chain: Number(chainPort), gateway: Number(gatewayPort) };
    const progress = (line: string) => console.error(line);
    const lines = await startDevelopment({ home, ports, undo, progress, signal });
    for (const line of lines) console.log(line);
    await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
    });
} catch (error) {
    if (!signal.aborted) {
        console.error(isProtocolError(error) ? `${error.code}: ${error.message}` : error);
        process.exitCode = 1;
    }
} finally {
    for (const step of undo.reverse()) await step();
}
