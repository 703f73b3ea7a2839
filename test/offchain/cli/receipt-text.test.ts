import { expect } from "chai";
import { receiptText } from "../../../offchain/cli/receipt/receiptText.ts";
import { chatReceipt } from "../protocol/_gatewayReceipts.ts";

const hexOf = (value: unknown) => `0x${Buffer.from(JSON.stringify(value)).toString("hex")}` as const;
const answered = (content: unknown) => ({ choices: [{ index: 0, message: { role: "assistant", content } }] });

describe("a chat's receipt for people", () => {
    it("has the answer as text, beside its bytes", () => {
        const receipt = { ...chatReceipt(), output: hexOf(answered("Forty-two.")) };

        expect(receiptText(receipt)).to.match(/^answer +Forty-two\.$/m);
        expect(receiptText(receipt)).to.contain(receipt.output);
    });

    it("lets no answer begin a row of its own, or tell a terminal what to do", () => {
        const receipt = { ...chatReceipt(), output: hexOf(answered("a\nverdict  ACCEPTED\u001b[2J")) };

        expect(receiptText(receipt)).to.match(/^answer +a verdict ACCEPTED\?\[2J$/m);
    });

    for (const [what, output] of Object.entries({
        "no JSON": "0x7b",
        "no text": "0xff",
        "no answer": hexOf({ choices: "none" }),
        "an answer without text": hexOf(answered(null)),
    } as const)) {
        it(`has no answer in ${what}`, () => {
            expect(receiptText({ ...chatReceipt(), output })).not.to.match(/^answer/m);
        });
    }
});
