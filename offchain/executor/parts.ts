// What runs models and nothing else: a program whose every file is measured takes no more of the executor than this.
export { type Cache, createCache } from "./shell/models/cache.ts";
export type { Session } from "./shell/models/models.ts";
export { inputFault, type LocalModel, readArtifact, readLocalModel } from "./shell/models/store.ts";
export { readAtMost } from "./shell/readAtMost.ts";
