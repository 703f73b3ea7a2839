import { type G1, type G2, generatorOfG2, inBaseField, isInfinity, isInGroup, isOnCurve } from "./_curve.ts";
import { decodeKey, keyBytes, type VerifyingKey } from "./verifyingKey.ts";

/** What can be wrong with a key; names and order are those of KeyFault in IModelRegistry.sol. */
export const KEY_FAULTS = [
    "Length",
    "CoordinateNotInField",
    "PointAtInfinity",
    "NotOnCurve",
    "NotInSubgroup",
    "GammaEqualsDelta",
    "DeltaIsGenerator",
    "DuplicateIc",
    "BetaRepeated",
] as const;
export type KeyFault = (typeof KEY_FAULTS)[number];

/** One fault. `index`: for Length the bytes, for CoordinateNotInField the coordinate, else the point. */
export interface KeyFinding {
    fault: KeyFault;
    index: number;
}

const BETA = 1;
const GAMMA = 2;
const DELTA = 3;
const FIRST_IC = 4;

/**
 * Everything the chain's KeyLint would refuse in key bytes, in its order, so that the first entry is the one it
 * reverts with; an empty list means a sound key. Points are numbered alpha 0, beta 1, gamma 2, delta 3, IC_i 4 + i.
 * Points that differ in sign only are as bad as equal ones, so they are compared by x.
 */
export function lintKey(key: Uint8Array, { signals }: { signals?: number } = {}): KeyFinding[] {
    const points = (key.length - keyBytes(0)) / (keyBytes(1) - keyBytes(0));
    if (!Number.isInteger(points) || points < 1 || (signals !== undefined && points !== signals)) {
        return [{ fault: "Length", index: key.length }];
    }
    const decoded = decodeKey(key);
    const { alpha, beta, gamma, delta, ic } = decoded;
    const coordinates = [alpha, beta, gamma, delta, ...ic].flat();
    const outside = coordinates.flatMap((value, index) => (inBaseField([value]) ? [] : [index]));
    if (outside.length > 0) return outside.map((index) => ({ fault: "CoordinateNotInField", index }));
    return [...pointFaults(decoded), ...repeatedG2(decoded), ...repeatedIc(ic)];
}

function pointFaults({ alpha, beta, gamma, delta, ic }: VerifyingKey): KeyFinding[] {
    const icPoints = ic.map((point, i): [number, G1] => [FIRST_IC + i, point]);
    const numbered: [number, G1 | G2][] = [[0, alpha], ...icPoints, [BETA, beta], [GAMMA, gamma], [DELTA, delta]];
    return numbered.flatMap(([index, point]) => {
        const fault = pointFault(point);
        return fault === undefined ? [] : [{ fault, index }];
    });
}

function pointFault(point: G1 | G2): KeyFault | undefined {
    if (isInfinity(point)) return "PointAtInfinity";
    if (!isOnCurve(point)) return "NotOnCurve";
    return isInGroup(point) ? undefined : "NotInSubgroup";
}

/** beta, gamma and delta must differ, and delta must not be the generator that an unfinished setup leaves there. */
function repeatedG2({ beta, gamma, delta }: VerifyingKey): KeyFinding[] {
    const faults: KeyFinding[] = [];
    if (sameX(gamma, delta)) faults.push({ fault: "GammaEqualsDelta", index: DELTA });
    if (sameX(delta, generatorOfG2())) faults.push({ fault: "DeltaIsGenerator", index: DELTA });
    if (sameX(beta, gamma)) faults.push({ fault: "BetaRepeated", index: GAMMA });
    if (sameX(beta, delta)) faults.push({ fault: "BetaRepeated", index: DELTA });
    return faults;
}

/** Equal points would bind only the sum of two signals, opposite points only their difference. */
function repeatedIc(ic: readonly G1[]): KeyFinding[] {
    return ic.flatMap(([x], i): KeyFinding[] =>
        ic.slice(0, i).some(([other]) => other === x) ? [{ fault: "DuplicateIc", index: FIRST_IC + i }] : [],
    );
}

function sameX([aImaginary, aReal]: G2, [bImaginary, bReal]: G2): boolean {
    return aImaginary === bImaginary && aReal === bReal;
}
