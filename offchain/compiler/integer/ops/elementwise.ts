import type { ReluNode, ReluRescaleNode, RescaleNode, ReshapeNode } from "../types.ts";
import { monotone } from "./semantics.ts";

const positivePart = (value: bigint) => (value > 0n ? value : 0n);

/** max(0, x). */
export const relu = monotone<ReluNode>((_node, value) => positivePart(value));

/** floor(x / 2^shift): BigInt's >> rounds towards minus infinity. */
export const rescale = monotone<RescaleNode>(({ shift }, value) => value >> BigInt(shift));

/** max(0, floor(x / 2^shift)). */
export const reluRescale = monotone<ReluRescaleNode>(({ shift }, value) => positivePart(value) >> BigInt(shift));

/** x. */
export const reshape = monotone<ReshapeNode>((_node, value) => value);
