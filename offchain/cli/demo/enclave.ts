import { fileURLToPath } from "node:url";
import { FAMILIES, type Hex } from "@assay/protocol";
import type { ActingOn } from "@assay/sdk";
import { pino } from "pino";

/** Folder of this package: the enclave runs from it, as `assay enclave` does. */
const CLI_PACKAGE = fileURLToPath(new URL("..", import.meta.url));

/** A simulated enclave that runs the model, and the code that a model's owner has to name for it. */
export type DemoEnclave = {
    url: string;
    measurement: { family: number; measurementId: Hex };
    stop: () => Promise<void>;
};

/** Starts an enclave in the form of AWS Nitro, SIMULATED, and registers it on chain for the executor. */
export async function startDemoEnclave(
    executor: ActingOn,
    { modelDir, progress }: { modelDir: string; progress: (line: string) => void },
): Promise<DemoEnclave> {
    const { createEnclave, createEnclaveClient, registerEnclave } = await import("@assay/enclave");
    const { createSession } = await import("@assay/compiler");
    const enclave = createEnclave({
        settings: { port: 0, models: [modelDir], provider: { name: "dev" }, form: "nitro" },
        engines: { createSession },
        packages: [CLI_PACKAGE],
        env: process.env,
        execArgv: process.execArgv,
        log: pino({ level: "silent" }),
    });
    try {
        const { url } = await enclave.start();
        const told = (line: string) => progress(`  enclave: ${line}`);
        const { measurementId } = await registerEnclave(executor, {
            client: createEnclaveClient({ url }),
            progress: told,
        });
        return { url, measurement: { family: FAMILIES.TEE_NITRO, measurementId }, stop: enclave.stop };
    } catch (fault) {
        await enclave.stop();
        throw fault;
    }
}
