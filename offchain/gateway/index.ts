export type { Life } from "./core/life.ts";
export type { Model, Models } from "./core/model.ts";
export type { Payments } from "./core/payment.ts";
