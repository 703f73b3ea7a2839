import { readFileSync } from "node:fs";
import { expect } from "chai";
import { measureGas } from "../../bench/gas/rows.ts";
import { GAS_SNAPSHOT, readGasVectors } from "../../bench/gas/vectors.ts";

describe("Gas", () => {
    it("is exactly what test/vectors/gas-snapshot.json says of whole transactions", async () => {
        const rows = await measureGas(readGasVectors());

        expect(rows).to.deep.equal(JSON.parse(readFileSync(GAS_SNAPSHOT, "utf8")));
    });
});
