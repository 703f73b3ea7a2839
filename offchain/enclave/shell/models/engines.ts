import type { Session } from "@assay/executor/parts";
import type { Ports } from "../../core/floatModel.ts";

/** How models are loaded: `createSession` of the compiler. It is given, so that a gateway has no runtime in its tree. */
export type Engines = { createSession: (artifact: Uint8Array) => Promise<EnclaveSession> };

/** A loaded model that says what it takes and gives. */
export type EnclaveSession = Session & Ports;
