import { readFileSync } from "node:fs";
import { expect } from "chai";
import { z } from "zod";
import { measureGas } from "../../bench/gas/rows.ts";
import { GAS_SNAPSHOT, readGasVectors } from "../../bench/gas/vectors.ts";

/**
 * Rows that hold signatures over a challenge: it comes from the hash of a block, which a changed comment in any contract
 * changes too, and other signatures take a few additions more or less.
 */
const CHALLENGED = ["nitro-certificate", "nitro-register-warm", "nitro-register-cold"];
const CHALLENGED_PERCENT = 2;
const rowsSchema = z.record(z.string(), z.number());

describe("Gas", () => {
    it("is exactly what test/vectors/gas-snapshot.json says of whole transactions, but for signatures of the day", async () => {
        const snapshot = rowsSchema.parse(JSON.parse(readFileSync(GAS_SNAPSHOT, "utf8")));

        const rows = await measureGas(readGasVectors());

        for (const name of CHALLENGED) {
            const expected = snapshot[name] ?? 0;
            expect(rows[name], name).to.be.closeTo(expected, Math.floor((expected * CHALLENGED_PERCENT) / 100));
            rows[name] = expected;
        }
        expect(rows).to.deep.equal(snapshot);
    });
});
