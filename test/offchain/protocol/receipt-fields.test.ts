import { type ChainState, PRESETS, type Receipt, uintToHex, verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import { gatewayReceipt, settledReceipt } from "./_gatewayReceipts.ts";
import { leavesOf, otherThan, type Path, placesOf, replaced, without } from "./_leaves.ts";
import { boundModel, committedModel, packedModel } from "./_model.ts";
import { chainStateFor, failureReceipt, hubReceipt, pullReceipt } from "./_receipts.ts";

const delivered = {
    transaction: uintToHex(5n),
    blockNumber: 1234,
    blockHash: uintToHex(6n),
    presentMask: 0b10001,
};

/** What nobody can check without a chain: a receipt may say it otherwise, and the verdict says that it is a claim. */
const BLOCK = ["registry.blockNumber", "registry.blockHash", "registry.blockTimestamp"];
const KEY = ["registry.executor.notBefore", "registry.executor.notAfter"];
const STAKE = ["registry.executor.stakeWei"];
const OWNER_SAYS = ["registry.model.setupKind", "registry.model.transcriptHash"];
const PAYMENT = ["scheme", "network", "asset", "payTo", "amount", "transaction"].map((name) => `payment.${name}`);

interface Story {
    name: string;
    receipt: Receipt;
    /** Leaves that a receipt alone leaves open. */
    claimed: string[];
    chain: ChainState;
    /** Leaves that stay open even with a chain. */
    claimedWithChain: string[];
}

function stories(): Story[] {
    const hub: Receipt = { ...hubReceipt(), settlement: { kind: "delivery", ...delivered } };
    const pull = pullReceipt({ model: packedModel(), policy: hubPolicy(hub) });
    const bound = hubReceipt({ model: boundModel() });
    const attested = hubReceipt({ policy: PRESETS.TEE, families: ["TEE"] });
    const secret = committedModel({ input: true, output: true });
    const opened = { ...hubReceipt({ model: secret }), ...secret.opening };
    const { resultCode, outputHash } = hub.statement;
    return [
        {
            name: "hub",
            receipt: hub,
            // The delivery's mask shows a development setup, so the setup's kind cannot be changed alone.
            claimed: [
                "registry.model.transcriptHash",
                ...BLOCK,
                ...KEY,
                ...STAKE,
                "settlement.transaction",
                "settlement.blockNumber",
                "settlement.blockHash",
            ],
            chain: { ...chainStateFor(hub), delivery: { resultCode, outputHash, ...delivered } },
            claimedWithChain: [],
        },
        {
            name: "hub, committed sides, opened",
            receipt: opened,
            claimed: [...OWNER_SAYS, ...BLOCK, ...KEY, ...STAKE],
            chain: chainStateFor(opened),
            claimedWithChain: [],
        },
        {
            name: "hub, bound model",
            receipt: bound,
            claimed: [...OWNER_SAYS, ...BLOCK, ...KEY, ...STAKE],
            chain: chainStateFor(bound),
            claimedWithChain: [],
        },
        {
            name: "hub, attested",
            receipt: attested,
            claimed: [
                ...OWNER_SAYS,
                "registry.model.broken",
                ...BLOCK,
                ...KEY,
                ...STAKE,
                "registry.executor.signingKey",
                "registry.executor.state",
                "registry.enclaves.0.registeredAt",
                "registry.enclaves.0.validUntil",
            ],
            chain: chainStateFor(attested),
            claimedWithChain: [],
        },
        {
            name: "pull",
            receipt: pull,
            claimed: [...OWNER_SAYS, ...BLOCK, ...KEY, ...STAKE, "request.policy", "request.signers.minStakeWei"],
            chain: { ...chainStateFor(pull), ask: askOf(pull) },
            claimedWithChain: [],
        },
        {
            name: "gateway",
            receipt: gatewayReceipt(),
            claimed: [...OWNER_SAYS, "registry.model.broken", ...BLOCK, ...KEY, ...STAKE, ...PAYMENT],
            chain: chainStateFor(gatewayReceipt()),
            claimedWithChain: PAYMENT,
        },
        {
            name: "gateway, settled in a batch",
            receipt: settledReceipt(),
            claimed: [...OWNER_SAYS, "registry.model.broken", ...BLOCK, ...KEY, ...STAKE, "settlement.log"],
            chain: chainStateFor(settledReceipt()),
            claimedWithChain: ["settlement.log"],
        },
        {
            name: "failure",
            receipt: failureReceipt(),
            claimed: [...OWNER_SAYS, "registry.model.broken", ...BLOCK, ...KEY, ...STAKE],
            chain: chainStateFor(failureReceipt()),
            claimedWithChain: [],
        },
    ];
}

function hubPolicy({ request }: Receipt): bigint {
    return "terms" in request ? BigInt(request.terms.policy) : BigInt(request.policy);
}

function askOf({ statement, request }: ReturnType<typeof pullReceipt>): NonNullable<ChainState["ask"]> {
    const { modelId, configHash, inputHash } = statement;
    const { executors, minStakeWei } = request.signers;
    return {
        modelId,
        configHash,
        inputHash,
        policy: BigInt(request.policy),
        executors,
        minStakeWei: BigInt(minStakeWei),
    };
}

function pathOf(path: Path): string {
    return path.join(".");
}

/** Leaves whose change the verifier accepts. */
function openLeaves(receipt: Receipt, chainState?: ChainState): string[] {
    return leavesOf(receipt)
        .filter((path) => verifyReceipt({ receipt: replaced(receipt, path, otherThan), chainState }).accepted)
        .map(pathOf);
}

describe("every field of a receipt", function () {
    this.timeout(30_000); // each of some hundred changed receipts is verified, pairing included

    for (const { name, receipt, claimed, chain, claimedWithChain } of stories()) {
        describe(name, () => {
            it("is accepted as it was issued, alone and against its chain", () => {
                expect(verifyReceipt({ receipt })).to.deep.include({ code: "ACCEPTED", reason: "" });
                expect(verifyReceipt({ receipt, chainState: chain })).to.deep.include({ code: "ACCEPTED", reason: "" });
            });

            it("fails when changed, but for what the verdict lists as claimed", () => {
                const { claimed: listed } = verifyReceipt({ receipt });
                const open = openLeaves(receipt);

                expect(open.sort()).to.deep.equal([...claimed].sort());
                for (const path of open) {
                    expect(
                        listed.some(({ subject }) => path === subject || path.startsWith(`${subject}.`)),
                        path,
                    ).to.equal(true);
                }
            });

            it("fails when changed, claims included, against the chain", () => {
                expect(openLeaves(receipt, chain).sort()).to.deep.equal([...claimedWithChain].sort());
            });

            it("fails when its text takes another form", () => {
                for (const path of leavesOf(receipt)) {
                    const upper = replaced(receipt, path, (old) =>
                        typeof old === "string" ? old.toUpperCase() : [old],
                    );
                    if (JSON.stringify(upper) === JSON.stringify(receipt)) continue;
                    expect(verifyReceipt({ receipt: upper }).accepted && !isFree(path), pathOf(path)).to.equal(false);
                }
            });

            it("is wanted: without it a receipt is refused or claims less, never more", () => {
                const full = verifyReceipt({ receipt });
                for (const path of placesOf(receipt)) {
                    const verdict = verifyReceipt({ receipt: without(receipt, path) });
                    if (!verdict.accepted) continue;
                    expect(verdict.proven.length, pathOf(path)).to.be.at.most(full.proven.length);
                    expect(verdict.present & ~full.present, pathOf(path)).to.equal(0);
                }
            });

            it("has company of no other: unknown members are refused", () => {
                const places = placesOf(receipt).filter((path) => !isFree(path));
                for (const path of [[], ...places]) {
                    const extended = replaced(receipt, path, (old) =>
                        typeof old === "object" && old !== null && !Array.isArray(old) ? { ...old, more: 1 } : old,
                    );
                    if (JSON.stringify(extended) === JSON.stringify(receipt)) continue;
                    expect(verifyReceipt({ receipt: extended }).code, pathOf(path)).to.equal("RECEIPT_MALFORMED");
                }
            });
        });
    }
});

/** Text that others chose: context members and payment words have no form of ours. */
function isFree([first]: Path): boolean {
    return first === "context" || first === "payment";
}
