import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { startAssay } from "./_assay.ts";

const MODEL = fileURLToPath(new URL("../../../models/argmax-8-4-2.onnx", import.meta.url));
const START_TIMEOUT_MS = 120_000;
/** The launcher, and nobody that it starts, takes its Node for an older one. */
const OLDER =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"22.0.0"}})';

describe("launcher on an older Node", function () {
    this.timeout(START_TIMEOUT_MS);

    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        it(`takes the command along, tidily, when it ends by ${signal}`, async () => {
            const argv = ["enclave", "--port", "0", "--provider", "dev", "--models", MODEL, "--json"];
            const enclave = startAssay(argv, { nodeOptions: ["--import", OLDER] });
            await enclave.says("listening on http://");
            const url = /listening on (http:\/\/\S+)/.exec(enclave.told())?.[1] ?? "";

            // Its streams are the command's: they close when both are gone.
            const { json } = await enclave.stop(signal);
            const after = await fetch(url).catch(() => "nobody");

            expect(json.stopped).to.equal(true);
            expect(after).to.equal("nobody");
        });
    }
});
