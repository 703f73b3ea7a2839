import { existsSync, readFileSync } from "node:fs";

/** Genuine evidence that others captured; it lies beside the repository and may be absent. */
const FOLDER = new URL("../../../../shared/tee-vectors/", import.meta.url);

/** A test that needs files of that folder; when one is absent it is pending under a title that says so. */
export function itWithVectors(files: readonly string[], title: string, test: () => void | Promise<void>): void {
    const absent = files.find((name) => !existsSync(new URL(name, FOLDER)));
    if (absent === undefined) it(title, test);
    else it(`${title} (not run: ../shared/tee-vectors/${absent} is absent)`);
}

/** Bytes of a file there. */
export function vectorBytes(name: string): Uint8Array {
    return new Uint8Array(readFileSync(new URL(name, FOLDER)));
}

/** Content of a JSON file there. */
export function vectorJson(name: string): unknown {
    return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
}
