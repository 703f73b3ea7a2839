/** The gateway in a process of its own, with a count of how often a model ran; settings come as JSON in ASSAY_BENCH. */
import { createSession } from "@assay/compiler";
import { createGateway } from "@assay/gateway";
import { pino } from "pino";

const level = process.env.ASSAY_BENCH_LOG === undefined ? "silent" : "info";
let runs = 0;

const gateway = createGateway({
    settings: JSON.parse(process.env.ASSAY_BENCH ?? "{}"),
    engines: {
        createSession: async (artifact) => {
            const session = await createSession(artifact);
            const runBytes = (input: Uint8Array) => {
                runs += 1;
                return session.runBytes(input);
            };
            return { ...session, runBytes };
        },
        createProver: () => Promise.reject(new Error("Nothing is proven here.")),
    },
    log: pino({ level }, pino.destination(2)),
});
process.once("SIGTERM", () => {
    console.log(`runs ${runs}`);
    void gateway.stop().then(() => process.exit(0));
});
const { url } = await gateway.start();
console.log(`listening on ${url}`);
