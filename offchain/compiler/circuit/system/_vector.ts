/** A growing list of 32-bit unsigned integers. */
export type Vector = {
    length: () => number;
    push: (value: number) => void;
    /** The values so far, in memory of their own. */
    finish: () => Uint32Array;
};

const FIRST_CAPACITY = 1024;

/** An empty list. */
export function createVector(): Vector {
    let values = new Uint32Array(FIRST_CAPACITY);
    let length = 0;
    return {
        length: () => length,
        push: (value) => {
            if (length === values.length) {
                const grown = new Uint32Array(2 * length);
                grown.set(values);
                values = grown;
            }
            values[length] = value;
            length += 1;
        },
        finish: () => values.slice(0, length),
    };
}
