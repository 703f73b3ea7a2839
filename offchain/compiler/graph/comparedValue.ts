import { at } from "../integer/at.ts";
import type { FloatTreesNode } from "./types.ts";

type Compared = { node: Pick<FloatTreesNode, "precision" | "scaler">; value: number; feature: number };

/**
 * The number that trees compare for a value of a feature: rounded and scaled as onnxruntime does. It never falls when
 * the value grows.
 */
export function comparedValue({ node: { precision, scaler }, value, feature }: Compared): number {
    if (precision === "float64") return value;
    const rounded = Math.fround(value);
    if (scaler === undefined) return rounded;
    return Math.fround(Math.fround(rounded - at(scaler.offset, feature)) * at(scaler.scale, feature));
}
