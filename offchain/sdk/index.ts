export * from "./browser.ts";
export * from "./compiledModel.ts";
export * from "./deploymentFile.ts";
