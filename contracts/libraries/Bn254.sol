// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  Bn254
/// @notice Orders and curve equations of alt_bn128 (EIP-196, EIP-197), and the subgroup test by the pairing precompile.
library Bn254 {
    /// @notice Order of the base field: coordinates lie below it.
    uint256 internal constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    /// @notice Order of the scalar field and of the groups: public signals lie below it.
    uint256 internal constant P = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @dev 3 / (9 + u), the constant of the twisted curve over Fq2.
    uint256 private constant TWIST_REAL = 19485874751759354771024239261021720505790618469301721065564631296452457478373;
    uint256 private constant TWIST_IMAG = 266929791119991161246907387137283842545076965332900288569378510910307636690;

    /// @dev EIP-1108 price of the pairing precompile with one pair, and room for later repricing. The precompile burns
    /// all gas it is given when a point is bad, so it is never given everything.
    uint256 private constant PAIRING_ONE_GAS = 100_000;

    /// @notice Whether (x, y) solves y² = x³ + 3. Coordinates must lie below Q.
    function isOnG1(uint256 x, uint256 y) internal pure returns (bool) {
        uint256 cube = mulmod(mulmod(x, x, Q), x, Q);
        return mulmod(y, y, Q) == addmod(cube, 3, Q);
    }

    /// @notice Whether (x, y) solves y² = x³ + 3/(9 + u) over Fq2. Coordinates must lie below Q.
    function isOnG2(uint256 xImag, uint256 xReal, uint256 yImag, uint256 yReal) internal pure returns (bool) {
        (uint256 imag, uint256 real) = _mul2(xImag, xReal, xImag, xReal);
        (imag, real) = _mul2(imag, real, xImag, xReal);
        (uint256 squareImag, uint256 squareReal) = _mul2(yImag, yReal, yImag, yReal);
        return squareImag == addmod(imag, TWIST_IMAG, Q) && squareReal == addmod(real, TWIST_REAL, Q);
    }

    /// @notice Whether a point of the twisted curve is in the group of order P: the precompile refuses it otherwise.
    /// @dev One pair with the point at infinity of G1: its product is 1 whenever the G2 point is valid.
    function isInG2(uint256 xImag, uint256 xReal, uint256 yImag, uint256 yReal) internal view returns (bool) {
        bytes memory pair = abi.encode(uint256(0), uint256(0), xImag, xReal, yImag, yReal);
        (bool ok, bytes memory result) = address(8).staticcall{ gas: PAIRING_ONE_GAS }(pair);
        return ok && result.length == 32 && bytes32(result) == bytes32(uint256(1));
    }

    /// @dev (a + b·u)(c + d·u) with u² = -1.
    function _mul2(
        uint256 aImag,
        uint256 aReal,
        uint256 bImag,
        uint256 bReal
    ) private pure returns (uint256 imag, uint256 real) {
        imag = addmod(mulmod(aImag, bReal, Q), mulmod(aReal, bImag, Q), Q);
        real = addmod(mulmod(aReal, bReal, Q), Q - mulmod(aImag, bImag, Q), Q);
    }
}
