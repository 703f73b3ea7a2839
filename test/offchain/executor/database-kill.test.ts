import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { openPglite } from "../../../offchain/executor/shell/journal/pglite.ts";

const COMMITTER = fileURLToPath(new URL("./_committer.ts", import.meta.url));
/** Not where one goes by itself, which would bring the disk all that was before. */
const CONFIRMED = 400;

describe("executor: kill -9 of a process that records", function () {
    this.timeout(120_000);

    it("loses nothing that was confirmed, whatever it waited together with", async () => {
        const directory = await mkdtemp(join(tmpdir(), "assay-database-"));
        try {
            const confirmed = await confirmedUntilKilled(directory);

            const database = await openPglite({ directory });
            const rows = await database.query("SELECT id FROM numbers").finally(database.close);

            const recorded = new Set(rows.map(({ id }) => Number(id)));
            expect(confirmed.length).to.be.at.least(CONFIRMED);
            expect(confirmed.filter((id) => !recorded.has(id))).to.deep.equal([]);
        } finally {
            await rm(directory, { recursive: true });
        }
    });
});

/** All that a committer printed before it died, which is somewhere in the middle of its work. */
async function confirmedUntilKilled(directory: string): Promise<number[]> {
    const env = { ...process.env, ASSAY_TEST_DATABASE: directory };
    const child = spawn(process.execPath, [COMMITTER], { env, stdio: ["ignore", "pipe", "inherit"] });
    const confirmed: number[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
        confirmed.push(Number(line));
        if (confirmed.length === CONFIRMED) child.kill("SIGKILL");
    });
    await once(child, "close");
    return confirmed;
}
