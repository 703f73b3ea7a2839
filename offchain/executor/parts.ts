// What runs models and nothing else: a program whose every file is measured takes no more of the executor than this.
export { floatSpecOf, ioSpecOf, type Port, type Ports, schemaOf } from "./core/floatModel.ts";
export { answerOf, failure } from "./shell/models/answer.ts";
export { type Cache, createCache } from "./shell/models/cache.ts";
export type { Session } from "./shell/models/models.ts";
export { type OpenedModel, openModel, type PortedSession, type SessionEngine } from "./shell/models/openModel.ts";
export { inputFault, type LocalModel, readArtifact, readLocalModel } from "./shell/models/store.ts";
export { readAtMost } from "./shell/readAtMost.ts";
