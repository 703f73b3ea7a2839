/** values[index]; an index outside is a fault of the compiler, not of its input. */
export function at<T>(values: ArrayLike<T>, index: number): T {
    const value = values[index];
    if (value === undefined) throw new RangeError(`Index ${index} is outside 0..${values.length - 1}`);
    return value;
}
