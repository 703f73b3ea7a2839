// SPDX-License-Identifier: Apache-2.0
pragma circom 2.2.3;

/// @title  PackWord
/// @notice One word of a tensor of unsigned elements, big-endian: word = sum_k element[k] * 2^(8 * SIZE * (m - 1 - k)),
///         m = floor(31 / SIZE); the m - COUNT missing elements of a last word are 0.
/// @param  COUNT  Elements in this word. 1 <= COUNT <= m. Compile-time assert.
/// @param  SIZE   Bytes of one element: 1, 2, 4 or 8. Compile-time assert.
/// @input  element[COUNT]  In [0, 2^(8 * SIZE)): ASSUMED; the caller range-checks inputs (RangeCheck) and bounds
///                outputs by interval analysis. Outside, two tensors could share a word.
/// @output word   In [0, 2^248). Linear in the elements.
/// @constraints   0 non-linear, 1 linear (exact test: (31,1) = 1, (3,8) = 1)
/// @soundness     Linear definition, no hint. In-range elements are digits in base 2^(8 * SIZE): one word, one tensor.
/// @example       PackWord(2,8)([1, 2]) = 2^128 + 2 * 2^64
template PackWord(COUNT, SIZE) {
    assert(SIZE == 1 || SIZE == 2 || SIZE == 4 || SIZE == 8);
    var PER_WORD = 31 \ SIZE;
    assert(COUNT >= 1 && COUNT <= PER_WORD);
    signal input element[COUNT];
    signal output word;

    var sum = 0;
    for (var k = 0; k < COUNT; k++) {
        sum += element[k] * (1 << (8 * SIZE * (PER_WORD - 1 - k)));
    }
    word <== sum;
}
