import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import { forge, type Witness } from "../../support/circuit.ts";
import { type OpenSystem, openSystem } from "../../support/system.ts";
import { CIRCUIT_GRAPHS, circuitOfGraph } from "./_circuitGraphs.ts";
import { someInputs } from "./_integerGraphs.ts";

const SLOW_MS = 60_000;
/** Of each class of wires or hints that differ only in their index, this many are tried. */
const MOST_OF_A_CLASS = 12;

/** Names without indices and numbers of calls: wires that a circuit treats alike. */
function classOf(wire: string): string {
    return wire.replaceAll(/_\d+\b|\[\d+\]/g, "");
}

/** Some members of every class, evenly chosen. */
function sampled<T>({ items, classOf: nameOf }: { items: readonly T[]; classOf: (item: T) => string }): T[] {
    const classes = Map.groupBy(items, nameOf);
    return [...classes.values()].flatMap((members) => {
        const step = Math.max(1, Math.ceil(members.length / MOST_OF_A_CLASS));
        return members.filter((_, index) => index % step === 0);
    });
}

const inverseOfTwoTo = (n: number) => ((FIELD_ORDER + 1n) / 2n) ** BigInt(n) % FIELD_ORDER;

/** Other values for one wire: neighbours, its negation, its complement as a bit, shifts, aliases at p / 2^n. */
function mutations(value: bigint): bigint[] {
    const shifts = [0n, 1n, 3n, 7n, 16n, 31n, 248n].map((n) => 1n << n);
    const fractions = [1, 2, 8, 16].flatMap((n) => [inverseOfTwoTo(n), -inverseOfTwoTo(n)]);
    const others = [
        0n,
        -value,
        1n - value,
        2n * value,
        value * inverseOfTwoTo(1),
        FIELD_ORDER / 2n,
        ...[...shifts, ...fractions].flatMap((by) => [value + by, value - by]),
    ];
    return others.filter((other) => (other - value) % FIELD_ORDER !== 0n);
}

/** The inverse of a zero may be anything and reaches nothing else: the test of uniqueness proves that. */
function isInverse(wire: string): boolean {
    return wire.endsWith(".inverse");
}

/** Inverses of 0, which may be anything and reach nothing else. */
const isFree = (wire: string) => wire.endsWith(".inverse");

/** What is accepted although one wire was changed; bind is left out, because every bind is a statement of its own. */
function acceptedAlone({ system, witness }: { system: OpenSystem; witness: Witness }): string[] {
    const wires = system.wires.filter((wire) => wire !== "bind" && !isFree(wire));
    return sampled({ items: wires, classOf }).flatMap((wire) =>
        mutations(witness.get(wire) ?? 0n)
            .filter((value) => system.holdsWith({ witness, wire, value }))
            .filter(() => !isInverse(wire) || witness.get(wire) !== 0n)
            .map((value) => `${wire} = ${value}`),
    );
}

/** Values that a lying prover may pretend a gadget's input has: off by one, by a remainder, by a sign, by p / 2^n, by p. */
const LIES: ((value: bigint) => bigint)[] = [
    (value) => -value,
    (value) => -value - 1n,
    (value) => value + FIELD_ORDER,
    (value) => value - FIELD_ORDER,
    ...[0n, 1n, 2n, 3n, 4n, 5n, 8n, 12n, 16n, 20n].flatMap((n) => [
        (value: bigint) => value + (1n << n),
        (value: bigint) => value - (1n << n),
    ]),
    ...[1, 3].map((n) => (value: bigint) => value + inverseOfTwoTo(n)),
];

type Lying = { system: OpenSystem; x: readonly bigint[]; challenge: { r?: bigint[] } };

/** Lies of hints that no constraint refuses. */
function acceptedLies({ system, x, challenge }: Lying): string[] {
    const input = { x, bind: [7n], ...challenge };
    const hints = Array.from({ length: system.hintCount }, (_, hint) => hint);
    const step = Math.ceil(hints.length / 60);
    return hints
        .filter((hint) => hint % step === 0)
        .flatMap((hint) =>
            LIES.flatMap((lie, index) => {
                const { changed, isBroken } = system.pretend({ input, hint, change: (inputs) => inputs.map(lie) });
                return changed.some((wire) => !isInverse(wire)) && !isBroken
                    ? [`hint ${hint}, lie ${index}: ${changed.join(", ")}`]
                    : [];
            }),
        );
}

describe("mutated witness of a compiled model", () => {
    for (const { name, graph } of CIRCUIT_GRAPHS) {
        describe(name, () => {
            const circuit = circuitOfGraph(graph);
            const system = openSystem(circuit.system);
            const challenge = circuit.plan.binding.isBound ? { r: [987_654_321n] } : {};

            it("is refused whichever wire is changed, sign of zero and ties included", async () => {
                for (const x of someInputs({ graph, count: 2, seed: 3 })) {
                    const witness = await system.witness({ x, bind: [7n], ...challenge });
                    expect(system.accepts(witness)).to.equal(true);

                    expect(acceptedAlone({ system, witness })).to.deep.equal([]);
                }
            }).timeout(SLOW_MS);

            it("is refused when a hint is worked out from another value, all that follows being consistent", () => {
                for (const x of someInputs({ graph, count: 1, seed: 4 })) {
                    expect(acceptedLies({ system, x, challenge })).to.deep.equal([]);
                }
            }).timeout(SLOW_MS);
        });
    }

    describe("of a packed model", () => {
        const [{ graph } = expect.fail("no graph")] = CIRCUIT_GRAPHS;
        const system = openSystem(circuitOfGraph(graph).system);

        it("is refused when an output word and everything that only it depends on is changed", async () => {
            const [x = []] = someInputs({ graph, count: 1, seed: 3 });
            const witness = await system.witness({ x, bind: [7n] });
            const weight = 1n << 128n; // of the first int64 of a word
            const index = (witness.get("index1[0]") ?? 0n) + 1n;

            const forged = forge(witness, {
                "index1[0]": index,
                "outputWords[0]": (witness.get("outputWords[0]") ?? 0n) + weight,
            });

            expect(system.accepts(forged)).to.equal(false);
        });

        it("is refused for an input of the same residues but outside the range", async () => {
            const witness = await system.witness({ x: [5n, 5n, 5n], bind: [7n] });

            const word = witness.get("inputWords[0]") ?? 0n;
            const forged = forge(witness, { "x[0]": 6n, "inputWords[0]": word + (1n << 240n) });

            expect(system.accepts(forged)).to.equal(false);
        });
    });
});
