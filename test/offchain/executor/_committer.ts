/**
 * Records numbers in a database and prints each that was confirmed, in several lanes, until it is killed. The folder comes
 * in ASSAY_TEST_DATABASE; without it, as when the test runner loads every file, nothing is started.
 */
import { openPglite } from "../../../offchain/executor/shell/journal/pglite.ts";

const LANES = 12;
const ALONE = 150;

async function recordForEver(directory: string): Promise<never> {
    const database = await openPglite({ directory });
    await database.query("CREATE TABLE IF NOT EXISTS numbers (id bigint PRIMARY KEY)");
    let next = 0;
    const lane = async (): Promise<never> => {
        for (;;) {
            const id = next++;
            const insert = "INSERT INTO numbers (id) VALUES ($1)";
            // Few go by themselves, as transactions do: each waits for the disk, and so brings it all that was before.
            if (id % ALONE === ALONE - 1) await database.transaction((session) => session.query(insert, [id]));
            else await database.query(insert, [id]);
            process.stdout.write(`${id}\n`);
        }
    };
    return Promise.race(Array.from({ length: LANES }, lane));
}

const given = process.env.ASSAY_TEST_DATABASE;
if (given !== undefined) await recordForEver(given);
