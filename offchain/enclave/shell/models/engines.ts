import type { PortedSession, SessionEngine } from "@assay/executor/parts";

/** How models are loaded: `createSession` of the compiler. It is given, so that a gateway has no runtime in its tree. */
export type Engines = SessionEngine;

/** A loaded model that says what it takes and gives. */
export type EnclaveSession = PortedSession;
