/** `node bench/zk/row.ts NAME INPUTS`: one row in a process of its own; prints its figures, or its fault, as JSON. */
import { isProtocolError } from "@assay/protocol";
import { measureRow } from "./measureRow.ts";

const [name = "", inputs = ""] = process.argv.slice(2);
try {
    console.log(JSON.stringify(await measureRow({ name, inputs: Number(inputs) })));
} catch (fault) {
    if (!isProtocolError(fault)) throw fault;
    console.log(JSON.stringify({ error: fault.code, message: fault.message }));
    process.exitCode = 1;
}
