export type { Life } from "./core/life.ts";
export type { Model, Models } from "./core/model.ts";
export type { Payments } from "./core/payment.ts";
export { createGateway, type Gateway, type GatewayParts } from "./shell/gateway.ts";
export { parseSettings, type Settings, type SettingsInput } from "./shell/settings.ts";
