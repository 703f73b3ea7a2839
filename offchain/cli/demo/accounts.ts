import { HDNodeWallet, type Provider } from "ethers";

/** The phrase of every Hardhat chain: known to everybody, worth nothing anywhere else. */
const PHRASE = "test test test test test test test test test test test junk";

/** Who acts in the demo; each has 10,000 native tokens of the local chain. */
export type DemoAccounts = Record<
    "owner" | "executor" | "signing" | "asker" | "gateway" | "payee" | "payer",
    HDNodeWallet
>;

/** One of the accounts that every Hardhat chain has, by its index from 0 to 19. */
export function developmentAccount({ index }: { index: number }): HDNodeWallet {
    return HDNodeWallet.fromPhrase(PHRASE, undefined, `m/44'/60'/0'/0/${index}`);
}

/** The development accounts, connected to a node. */
export function demoAccounts({ provider }: { provider: Provider }): DemoAccounts {
    const account = (index: number) => developmentAccount({ index }).connect(provider);
    return {
        ...{ owner: account(0), executor: account(1), signing: account(2), asker: account(3) },
        ...{ gateway: account(4), payee: account(5), payer: account(6) },
    };
}
