import { deliveryGas, encodePolicy, FAMILIES, maskOf, minimumFeeWei, PRESETS } from "@assay/protocol";
import { expect } from "chai";
import { expectError } from "./_expect.ts";

const GWEI = 1_000_000_000n;

describe("fees", () => {
    it("reckon deliveries at the ceilings of the gas figures", () => {
        const gasOf = (policy: bigint) => deliveryGas({ policy, callbackGas: 0n });

        expect(gasOf(PRESETS.SIGNED)).to.equal(90_000n);
        expect(gasOf(PRESETS.TEE)).to.equal(105_000n);
        expect(gasOf(PRESETS.ZK)).to.equal(320_000n);
        expect(gasOf(PRESETS.SIGNED_AND_ZK)).to.equal(335_000n);
    });

    it("add a fifth for the gas price moving", () => {
        expect(minimumFeeWei({ policy: PRESETS.SIGNED, callbackGas: 0n, gasPriceWei: GWEI })).to.equal(108_000n * GWEI);
    });

    it("cover the callback's gas and what EIP-150 keeps back", () => {
        const without = deliveryGas({ policy: PRESETS.SIGNED, callbackGas: 0n });
        const exact = deliveryGas({ policy: PRESETS.SIGNED, callbackGas: 630_000n });

        expect(exact - without).to.equal(15_000n + 640_000n);
    });

    it("count the dearest of the clauses that can be met", () => {
        const policy = encodePolicy({ clauses: [1 << FAMILIES.SIGNED, 1 << FAMILIES.ZK_GROTH16] });

        expect(deliveryGas({ policy, callbackGas: 0n })).to.equal(320_000n);
        expect(deliveryGas({ policy, callbackGas: 0n, clauses: 0b01 })).to.equal(90_000n);
        expect(deliveryGas({ policy, callbackGas: 0n, clauses: 0b10 })).to.equal(320_000n);
    });

    it("rise with gas price and callback, and never round below the cost", () => {
        const fee = (gasPriceWei: bigint, callbackGas: bigint) =>
            minimumFeeWei({ policy: PRESETS.ZK, callbackGas, gasPriceWei });

        expect(fee(1n, 1n) * 10_000n >= deliveryGas({ policy: PRESETS.ZK, callbackGas: 1n }) * 12_000n).to.equal(true);
        expect(fee(2n, 0n) > fee(1n, 0n)).to.equal(true);
        expect(fee(1n, 100_000n) > fee(1n, 0n)).to.equal(true);
        expect(fee(0n, 0n)).to.equal(0n);
    });

    it("exist only for families that an executor can deliver", () => {
        const zkvm = encodePolicy({ clauses: [maskOf([FAMILIES.ZKVM])] });

        expectError(() => minimumFeeWei({ policy: zkvm, callbackGas: 0n, gasPriceWei: GWEI }), "POLICY_NOT_PRICED");
        expectError(
            () => minimumFeeWei({ policy: PRESETS.QUORUM_3_OF_5, callbackGas: 0n, gasPriceWei: GWEI }),
            "POLICY_NOT_PRICED",
        );
        expectError(() => minimumFeeWei({ policy: 0n, callbackGas: 0n, gasPriceWei: GWEI }), "POLICY_NOT_CANONICAL");
    });
});
