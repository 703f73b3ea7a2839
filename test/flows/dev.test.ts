import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect } from "@assay/sdk";
import { expect } from "chai";
import { z } from "zod";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
/** What a fresh clone may take: contracts and five models are compiled. */
const DEV_TIMEOUT_MS = 180_000;

const health = z.object({ ok: z.boolean() });

describe("npm run dev", () => {
    it("starts chain, contracts, executor and gateway together, and ends all of them", async function () {
        this.timeout(DEV_TIMEOUT_MS);
        const child = spawn(process.execPath, ["scripts/dev.ts", "--chain-port", "0", "--gateway-port", "0"], {
            cwd: CHECKOUT,
            stdio: ["ignore", "pipe", "pipe"],
        });
        const closed = once(child, "close");
        try {
            const errors: string[] = [];
            child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
            const said = new Map<string, string>();
            for await (const line of createInterface({ input: child.stdout })) {
                const [name = "", ...rest] = line.split(/\s+/);
                said.set(name, said.get(name) ?? rest.join(" "));
                if (line.startsWith("ready")) break;
            }
            const gateway = said.get("gateway");
            expect(gateway, errors.join("")).to.match(/^http:/);

            const response = await fetch(`${gateway}/health`);
            const { provider, chainId } = await connect({ rpcUrl: said.get("chain") ?? "" });
            provider.destroy();

            expect(health.parse(await response.json()).ok).to.equal(true);
            expect(chainId).to.equal(31337);
            child.kill("SIGINT");
            expect((await closed)[0]).to.equal(0);
        } finally {
            child.kill("SIGKILL");
            await closed;
        }
    });
});
