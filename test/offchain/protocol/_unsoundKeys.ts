import { decodeKey, type G1, type G2, type KeyFinding, type VerifyingKey } from "@assay/protocol";
import { bn254 } from "@noble/curves/bn254.js";
import { forgeKey } from "../../support/forgeableKey.ts";
import { pointOutsideGroup } from "./_curvePoints.ts";

const Q = bn254.fields.Fp.ORDER;

/** A sound key for two signals, or one with parts replaced. */
export function aKey(changes: Partial<VerifyingKey> = {}): VerifyingKey {
    return { ...decodeKey(forgeKey({ seed: 3, signalCount: 2 })), ...changes };
}

/** The point of G1 with the same x. */
function opposite([x, y]: G1): G1 {
    return [x, Q - y];
}

/** The point of G2 with the same x. */
function opposite2([xIm, xRe, yIm, yRe]: G2): G2 {
    return [xIm, xRe, yIm === 0n ? 0n : Q - yIm, yRe === 0n ? 0n : Q - yRe];
}

/** Every way in which a key can be unsound, with the fault that must be found. */
export function unsoundKeys(): { name: string; key: VerifyingKey; finding: KeyFinding }[] {
    const { alpha, gamma, delta, ic } = aKey();
    const [ic0 = alpha, ic1 = alpha, ic2 = alpha] = ic;
    const rows: [string, Partial<VerifyingKey>, KeyFinding][] = [
        [
            "a coordinate plus the order",
            { alpha: [alpha[0] + Q, alpha[1]] },
            { fault: "CoordinateNotInField", index: 0 },
        ],
        [
            "the last one plus it",
            { ic: [ic0, ic1, [ic2[0], ic2[1] + Q]] },
            { fault: "CoordinateNotInField", index: 19 },
        ],
        ["infinity in G1", { alpha: [0n, 0n] }, { fault: "PointAtInfinity", index: 0 }],
        ["infinity in G2", { gamma: [0n, 0n, 0n, 0n] }, { fault: "PointAtInfinity", index: 2 }],
        ["infinity as beta", { beta: [0n, 0n, 0n, 0n] }, { fault: "PointAtInfinity", index: 1 }],
        ["a signal that is not bound", { ic: [ic0, [0n, 0n], ic2] }, { fault: "PointAtInfinity", index: 5 }],
        ["a point off the curve", { ic: [ic0, ic1, [1n, 1n]] }, { fault: "NotOnCurve", index: 6 }],
        ["a point off the twist", { beta: [1n, 1n, 1n, 1n] }, { fault: "NotOnCurve", index: 1 }],
        ["a point outside the group", { delta: pointOutsideGroup() }, { fault: "NotInSubgroup", index: 3 }],
        ["gamma = delta", { delta: gamma }, { fault: "GammaEqualsDelta", index: 3 }],
        ["gamma = -delta", { delta: opposite2(gamma) }, { fault: "GammaEqualsDelta", index: 3 }],
        ["beta = gamma", { beta: gamma }, { fault: "BetaRepeated", index: 2 }],
        ["beta = -delta", { beta: opposite2(delta) }, { fault: "BetaRepeated", index: 3 }],
        ["two equal IC", { ic: [ic0, ic1, ic1] }, { fault: "DuplicateIc", index: 6 }],
        ["two opposite IC", { ic: [ic0, ic1, opposite(ic0)] }, { fault: "DuplicateIc", index: 6 }],
    ];
    return rows.map(([name, changes, finding]) => ({ name, key: aKey(changes), finding }));
}
