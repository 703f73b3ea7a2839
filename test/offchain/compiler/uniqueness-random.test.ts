import { expect } from "chai";
import type { LinearCombination } from "../../../offchain/compiler/circuit/plan.ts";
import { constant, shifted, times } from "../../../offchain/compiler/circuit/system/algebra.ts";
import { createSystem, type SystemBuilder } from "../../../offchain/compiler/circuit/system/builder.ts";
import { proveUniqueness } from "../../../offchain/compiler/circuit/system/uniqueness/uniqueness.ts";
import { openSystem } from "../../support/system.ts";
import { createRandom, type Random } from "./_integerGraphs.ts";

const WIRES = 3;
const SYSTEMS = 1500;
/** What every wire is tried with. */
const VALUES = [-2n, -1n, 0n, 1n, 2n, 3n];

/** A sum of one to three of the wires with small weights, and a small number. */
function aForm({ random, wires }: { random: Random; wires: readonly number[] }): LinearCombination {
    const chosen = wires.filter(() => random.integer(0, 2) === 0).slice(0, 3);
    const terms = (chosen.length > 0 ? chosen : [random.pick(wires)]).map((signal) => ({
        signal,
        weight: BigInt(random.pick([1, 1, -1, 2, -2, 4])),
    }));
    return { constant: BigInt(random.pick([0, 0, 1, -1, 2])), terms };
}

/** One constraint of a kind that gadgets consist of. */
function addConstraint({
    random,
    main,
    wires,
}: {
    random: Random;
    main: SystemBuilder;
    wires: readonly number[];
}): void {
    const form = () => aForm({ random, wires });
    const wire = () => times(random.pick(wires));
    const kinds: (() => void)[] = [
        () => {
            const bit = wire();
            main.constrain({ left: bit, right: shifted(bit, -1n), equals: constant(0n) });
        },
        () => {
            const sum = form();
            main.constrain({ left: sum, right: shifted(sum, BigInt(random.pick([-1, 1, 2]))), equals: constant(0n) });
        },
        () => main.constrain({ equals: form() }),
        () => main.constrain({ left: wire(), right: form(), equals: constant(0n) }),
        () => main.constrain({ left: wire(), right: wire(), equals: form() }),
        () => main.constrain({ left: form(), right: form(), equals: form() }),
    ];
    random.pick(kinds)();
}

function aSystem(seed: number) {
    const random = createRandom(seed);
    const { main, wires, finish } = createSystem({
        outputs: [],
        publicInputs: [],
        privateInputs: [{ name: "x" }],
    });
    const all = [...(wires.get("x") ?? []), ...main.signals({ name: "w", dims: [WIRES] })];
    const constraints = random.integer(3, 8);
    for (let index = 0; index < constraints; index++) addConstraint({ random, main, wires: all });
    return finish();
}

/** Every assignment of VALUES to that many wires. */
function assignments(count: number): bigint[][] {
    return count === 0 ? [[]] : assignments(count - 1).flatMap((rest) => VALUES.map((value) => [...rest, value]));
}

describe("uniqueness of witnesses of random systems", () => {
    it("is never claimed of a wire that has two values among small ones", () => {
        const candidates = assignments(WIRES + 1);
        let [claims, refuted] = [0, 0];
        for (let seed = 1; seed <= SYSTEMS; seed++) {
            const system = aSystem(seed);
            const { free, unproven } = proveUniqueness(system.r1cs);
            const open = new Set([...free, ...unproven]);
            const claimed = Array.from({ length: WIRES }, (_, index) => index + 2).filter((wire) => !open.has(wire));
            claims += claimed.length;
            if (claimed.length === 0) continue;
            const { accepts, wires } = openSystem(system);
            const seen = new Map<string, bigint>();
            for (const values of candidates) {
                if (!accepts(new Map([["1", 1n], ...wires.map((name, i) => [name, values[i] ?? 0n] as const)])))
                    continue;
                for (const wire of claimed) {
                    const key = `${values[0]} ${wire}`;
                    const value = values[wire - 1] ?? 0n;
                    if ((seen.get(key) ?? value) !== value) refuted += 1;
                    seen.set(key, value);
                }
            }
        }

        expect(refuted).to.equal(0);
        expect(claims).to.be.greaterThan(SYSTEMS / 10);
    }).timeout(60_000);
});
