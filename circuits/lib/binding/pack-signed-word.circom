// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  PackSignedWord
/// @notice One word of a tensor of signed elements in offset binary, big-endian:
///         word = sum_{k<m} (element[k] + 2^(8 * SIZE - 1)) * 2^(8 * SIZE * (m - 1 - k)), m = floor(31 / SIZE);
///         the m - COUNT missing elements of a last word are 0 BEFORE the offset, that is 2^(8 * SIZE - 1) after it.
/// @param  COUNT  Elements in this word. 1 <= COUNT <= m. Compile-time assert.
/// @param  SIZE   Bytes of one element: 1, 2, 4 or 8. Compile-time assert.
/// @input  element[COUNT]  Signed, in [-2^(8 * SIZE - 1), 2^(8 * SIZE - 1)): ASSUMED; the caller range-checks inputs
///                (RangeCheckBound) and bounds outputs by interval analysis. Outside, two tensors could share a word.
/// @output word   In [0, 2^248). Linear in the elements: two's complement with the sign bit flipped.
/// @constraints   0 non-linear, 1 linear (exact test: (31,1) = 1, (3,8) = 1)
/// @soundness     Linear definition, no hint. In-range elements are digits in base 2^(8 * SIZE): one word, one tensor.
/// @example       PackSignedWord(1,8)([-1]) = (2^63 - 1) * 2^128 + 2^63 * 2^64 + 2^63
template PackSignedWord(COUNT, SIZE) {
    assert(SIZE == 1 || SIZE == 2 || SIZE == 4 || SIZE == 8);
    var PER_WORD = 31 \ SIZE;
    assert(COUNT >= 1 && COUNT <= PER_WORD);
    signal input element[COUNT];
    signal output word;

    var sum = 0;
    for (var k = 0; k < PER_WORD; k++) {
        sum += (1 << (8 * SIZE - 1)) * (1 << (8 * SIZE * (PER_WORD - 1 - k)));
        if (k < COUNT) {
            sum += element[k] * (1 << (8 * SIZE * (PER_WORD - 1 - k)));
        }
    }
    word <== sum;
}
