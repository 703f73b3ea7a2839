/** A vault checks two inferences under two policies in one transaction: all or nothing, and never twice. */
import {
    hexToBytes as bytesOf,
    type Evidence,
    type Hex,
    keccak256,
    PRESETS,
    type Statement,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { anyValue } from "@nomicfoundation/hardhat-ethers-chai-matchers/withArgs";
import { expect } from "chai";
import { getAddress, Wallet } from "ethers";
import { classBytes } from "../support/forgedModel.ts";
import { FEE_WEI, IMAGE, sharedWorld, type World } from "./_world.ts";

const UNIT_WEI = FEE_WEI;
const DEPOSIT_WEI = 50n * UNIT_WEI;
const [HOLD, PAY] = [0, 1];
const ChequeState = { Presented: 2n, Held: 3n, Paid: 4n };

/** Places of the fields in StatementField. */
const StatementField = { requestId: 0, modelId: 1, configHash: 2, outputHash: 4, contextHash: 5, round: 8 };

/** Both answers of one cheque, as an executor brings them. */
type Brought = { answer: { statement: Statement; input: Uint8Array; output: Uint8Array }; evidence: Evidence[] };
type Pulled = { requestId: Hex; modelId: Hex; input: Hex };

describe("flow: pull", () => {
    const shared = sharedWorld();
    let world: World;
    let vault: Awaited<ReturnType<typeof aVault>>;

    beforeEach(async () => {
        world = shared();
        vault = await aVault();
        await vault.connect(world.requester).deposit({ value: DEPOSIT_WEI });
        await vault.connect(world.requester).write(world.payee, keccak256(IMAGE));
    });

    async function aVault({ readingPolicy = PRESETS.SIGNED_AND_ZK, allowDev = true } = {}) {
        const { ethers, gate, digits, decision, executor } = world;
        const desk = {
            readingModel: digits.modelId,
            readingPolicy,
            decisionModel: decision.modelId,
            executors: [executor.address],
        };
        return ethers.deployContract("ChequeVault", [gate, desk, UNIT_WEI, allowDev]);
    }

    /** The payee presents cheque 1; returns what the two events ask for. */
    async function present(amount: number): Promise<{ reading: Pulled; decision: Pulled }> {
        await vault.connect(world.payee).present(1, IMAGE, amount);
        const logs = await vault.queryFilter(vault.filters.PullRequested());
        const [reading, decision] = logs.slice(-2).map(({ args }) => ({
            requestId: toHex(args.requestId),
            modelId: toHex(args.modelId),
            input: toHex(args.input),
        }));
        if (!reading || !decision) throw new Error("The vault asked for less than two inferences.");
        return { reading, decision };
    }

    /** What the executor brings for the reading: signed and proven. */
    async function read(pulled: Pulled, digit: number): Promise<Brought> {
        const output = classBytes(digit);
        const statement = await world.stateOf({ requestId: pulled.requestId }, output);
        const evidence = [await world.sign(statement), world.prove(statement, output)];
        return { answer: { statement, input: IMAGE, output }, evidence };
    }

    /** What the executor brings for the decision: signed. */
    async function decide({ requestId, modelId, input }: Pulled, verdict: number): Promise<Brought> {
        const output = classBytes(verdict);
        const inputHash = toHex(world.ethers.keccak256(input));
        const statement = await world.stateOf({ requestId, modelId, inputHash }, output);
        return { answer: { statement, input: bytesOf(input), output }, evidence: [await world.sign(statement)] };
    }

    it("pays what was proven, when the second model says so", async () => {
        const pulled = await present(7);

        const cashed = vault
            .connect(world.stranger)
            .cash(1, await read(pulled.reading, 7), await decide(pulled.decision, PAY));

        await expect(cashed)
            .to.emit(vault, "ChequePaid")
            .withArgs(1, 7, 7n * UNIT_WEI);
        expect((await vault.accountOf(world.payee)).balanceWei).to.equal(7n * UNIT_WEI);
        expect((await vault.accountOf(world.requester)).balanceWei).to.equal(DEPOSIT_WEI - 7n * UNIT_WEI);
        const withdrawn = vault.connect(world.payee).withdraw(world.payee, 7n * UNIT_WEI);
        await expect(withdrawn).to.changeEtherBalance(world.ethers, world.payee, 7n * UNIT_WEI);
    });

    it("holds, when the second model says so, until the drawer releases", async () => {
        const pulled = await present(7);
        await vault.cash(1, await read(pulled.reading, 7), await decide(pulled.decision, HOLD));
        expect((await vault.chequeOf(1)).state).to.equal(ChequeState.Held);
        await expect(vault.connect(world.payee).release(1))
            .to.be.revertedWithCustomError(vault, "CallerWrong")
            .withArgs(world.requester.address, world.payee.address);

        await vault.connect(world.requester).release(1);

        expect((await vault.chequeOf(1)).state).to.equal(ChequeState.Paid);
    });

    it("asks the second model about the digit, the claim, and the vault's own books", async () => {
        const { decision } = await present(7);
        const afterOne = await present(7);
        expect([...bytesOf(decision.input)]).to.deep.equal([7, 7, 50, 0, 0, 0, 0, 0]);
        expect([...bytesOf(afterOne.decision.input)]).to.deep.equal([7, 7, 50, 0, 1, 0, 0, 0]);
    });

    it("takes neither answer when the other is bad, and both when both are good", async () => {
        const pulled = await present(7);
        const reading = await read(pulled.reading, 7);
        const decision = await decide(pulled.decision, PAY);
        const forger = new Wallet(world.ethers.id("somebody else"));
        const forged = { ...decision, evidence: [await world.sign(decision.answer.statement, forger)] };
        const verifier = await world.ethers.getContractAt("ISignedVerifier", world.gate);

        await expect(vault.cash(1, reading, forged))
            .to.be.revertedWithCustomError(verifier, "SignerMismatch")
            .withArgs(world.signingKey.address, forger.address);
        expect((await vault.chequeOf(1)).state).to.equal(ChequeState.Presented);
        await vault.cash(1, reading, decision);

        expect((await vault.chequeOf(1)).state).to.equal(ChequeState.Paid);
    });

    it("refuses a decision about another digit than the one that was read", async () => {
        const pulled = await present(9);
        const cashed = vault.cash(1, await read(pulled.reading, 7), await decide(pulled.decision, PAY));
        await expect(cashed).to.be.revertedWithCustomError(vault, "AmountMismatch").withArgs(7, 9);
    });

    it("refuses a decision whose input was not brought", async () => {
        const pulled = await present(7);
        const { answer, evidence } = await decide(pulled.decision, PAY);
        const unshown = { answer: { ...answer, input: new Uint8Array() }, evidence };
        await expect(vault.cash(1, await read(pulled.reading, 7), unshown)).to.be.revertedWithCustomError(
            world.gate,
            "InputMissing",
        );
    });

    it("refuses a reading that is only signed", async () => {
        const pulled = await present(7);
        const reading = await read(pulled.reading, 7);
        const weaker = { ...reading, evidence: reading.evidence.slice(0, 1) };
        await expect(vault.cash(1, weaker, await decide(pulled.decision, PAY)))
            .to.be.revertedWithCustomError(world.gate, "PolicyNotMet")
            .withArgs(PRESETS.SIGNED_AND_ZK, 1);
    });

    it("refuses old evidence brought again", async () => {
        const first = await present(7);
        const [reading, decision] = [await read(first.reading, 7), await decide(first.decision, PAY)];
        await vault.cash(1, reading, decision);
        await vault.connect(world.requester).write(world.payee, keccak256(IMAGE));
        await vault.connect(world.payee).present(2, IMAGE, 7);

        const again = vault.cash(2, reading, decision);

        await expect(again).to.be.revertedWithCustomError(world.gate, "StatementMismatch");
    });

    it("refuses evidence of a presentation that was replaced", async () => {
        const replaced = await present(7);
        const [reading, decision] = [await read(replaced.reading, 7), await decide(replaced.decision, PAY)];
        const current = await present(7);
        await expect(vault.cash(1, reading, decision))
            .to.be.revertedWithCustomError(world.gate, "StatementMismatch")
            .withArgs(0, current.reading.requestId, replaced.reading.requestId);
    });

    it("refuses a failure", async () => {
        const pulled = await present(7);
        const statement = await world.stateOf({ requestId: pulled.reading.requestId, resultCode: 5n });
        const failed = {
            answer: { statement, input: IMAGE, output: new Uint8Array() },
            evidence: [await world.sign(statement)],
        };
        await expect(vault.cash(1, failed, await decide(pulled.decision, PAY)))
            .to.be.revertedWithCustomError(world.gate, "ResultIsFailure")
            .withArgs(5);
    });

    it("refuses a development key unless it was built to allow one", async () => {
        vault = await aVault({ allowDev: false });
        await vault.connect(world.requester).deposit({ value: DEPOSIT_WEI });
        await vault.connect(world.requester).write(world.payee, keccak256(IMAGE));
        const pulled = await present(7);
        await expect(vault.cash(1, await read(pulled.reading, 7), await decide(pulled.decision, PAY)))
            .to.be.revertedWithCustomError(vault, "DevelopmentEvidence")
            .withArgs(0x4011);
    });

    it("refuses to exist with a reading that need not be proven", async () => {
        const built = aVault({ readingPolicy: PRESETS.SIGNED });
        await expect(built).to.be.revertedWithCustomError(vault, "PolicyTooWeak").withArgs(PRESETS.SIGNED, PRESETS.ZK);
    });

    const OTHER: Hex = `0x${"11".repeat(32)}`;
    const SOMEBODY: Hex = `0x${"11".repeat(20)}`;
    /** Each field, changed after the evidence was made: who refuses it, and how. */
    const changes: [Partial<Statement>, "gate" | "vault" | "verifier", string, unknown[]][] = [
        [{ requestId: OTHER }, "gate", "StatementMismatch", [StatementField.requestId, anyValue, OTHER]],
        [{ modelId: OTHER }, "gate", "StatementMismatch", [StatementField.modelId, anyValue, OTHER]],
        [{ configHash: OTHER }, "gate", "StatementMismatch", [StatementField.configHash, ZERO_BYTES32, OTHER]],
        [{ inputHash: OTHER }, "vault", "SaltBoundElsewhere", [anyValue, anyValue, anyValue]],
        [{ outputHash: OTHER }, "gate", "StatementMismatch", [StatementField.outputHash, OTHER, anyValue]],
        [{ contextHash: OTHER }, "gate", "StatementMismatch", [StatementField.contextHash, ZERO_BYTES32, OTHER]],
        [{ executor: SOMEBODY }, "gate", "ExecutorNotNamed", [getAddress(SOMEBODY)]],
        [{ issuedAt: 1n }, "verifier", "SignerMismatch", [anyValue, anyValue]],
        [{ round: 1n }, "gate", "StatementMismatch", [StatementField.round, ZERO_BYTES32, anyValue]],
        [{ resultCode: 1n }, "gate", "ResultIsFailure", [1]],
    ];
    for (const [change, refusing, error, args] of changes) {
        it(`refuses the evidence when ${Object.keys(change)} was changed, and burns nothing`, async () => {
            const pulled = await present(7);
            const reading = await read(pulled.reading, 7);
            const decision = await decide(pulled.decision, PAY);
            const { answer, evidence } = reading;
            const changed = { answer: { ...answer, statement: { ...answer.statement, ...change } }, evidence };
            const verifier = await world.ethers.getContractAt("ISignedVerifier", world.gate);

            await expect(vault.cash(1, changed, decision))
                .to.be.revertedWithCustomError({ gate: world.gate, vault, verifier }[refusing], error)
                .withArgs(...args);
            await vault.cash(1, reading, decision);

            expect((await vault.chequeOf(1)).state).to.equal(ChequeState.Paid);
        });
    }

    it("refuses another picture, a stranger, and more than one digit", async () => {
        const asPayee = vault.connect(world.payee);
        await expect(asPayee.present(1, new Uint8Array(64), 7))
            .to.be.revertedWithCustomError(vault, "ImageMismatch")
            .withArgs(keccak256(IMAGE), keccak256(new Uint8Array(64)));
        await expect(asPayee.present(1, IMAGE, 10))
            .to.be.revertedWithCustomError(vault, "AmountTooLarge")
            .withArgs(10, 9);
        await expect(vault.connect(world.stranger).present(1, IMAGE, 7))
            .to.be.revertedWithCustomError(vault, "CallerWrong")
            .withArgs(world.payee.address, world.stranger.address);
        expect((await vault.chequeOf(1)).readingSalt).to.equal(ZERO_BYTES32);
    });

    it("does not pay a stopped cheque, nor more than there is", async () => {
        const pulled = await present(7);
        const [reading, decision] = [await read(pulled.reading, 7), await decide(pulled.decision, PAY)];
        await vault.connect(world.requester).withdraw(world.requester, DEPOSIT_WEI);
        await expect(vault.cash(1, reading, decision))
            .to.be.revertedWithCustomError(vault, "FundsTooLow")
            .withArgs(world.requester.address, 0, 7n * UNIT_WEI);

        await vault.connect(world.requester).stop(1);

        await expect(vault.cash(1, reading, decision))
            .to.be.revertedWithCustomError(vault, "ChequeStateWrong")
            .withArgs(1, 5);
    });
});
