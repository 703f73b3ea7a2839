#!/usr/bin/env node
// Called as rapidsnark is; proves by snarkjs.
import { writeFileSync } from "node:fs";
import { groth16 } from "snarkjs";

const [zkey, witness, proofFile, publicFile] = process.argv.slice(2);
const { proof, publicSignals } = await groth16.prove(zkey, witness, undefined, { singleThread: true });
writeFileSync(proofFile, JSON.stringify(proof));
writeFileSync(publicFile, JSON.stringify(publicSignals));
