// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @title  ForgeableKey
/// @notice Groth16 keys whose secrets are known, and proofs of anything under them. It stands for a compiled model where
/// a test needs proofs of many statements, and shows what whoever made a setup alone can do.
/// @dev α = 7·G1, β = 11·G2, γ = 13·G2, δ = 17·G2, IC_i = t_i·G1 with t_i drawn from the seed. A proof takes any A = a·G1,
/// B = G2 and the one C that closes the equation: c = (a - α·β - (t_0 + Σ s_i·t_(i+1))·γ) / δ.
library ForgeableKey {
    uint256 internal constant P = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant ALPHA = 7;
    uint256 internal constant BETA = 11;
    uint256 internal constant GAMMA = 13;
    uint256 internal constant DELTA = 17;

    /// @notice Key bytes in EIP-197 order for `signalCount` public signals; another seed is another key.
    function keyBytes(uint256 seed, uint256 signalCount) internal view returns (bytes memory) {
        return keyBytesWith(seed, signalCount, betaPoint(), gammaPoint(), deltaPoint());
    }

    /// @notice The same with chosen points of G2, 128 bytes each.
    function keyBytesWith(
        uint256 seed,
        uint256 signalCount,
        bytes memory beta,
        bytes memory gamma,
        bytes memory delta
    ) internal view returns (bytes memory key) {
        key = bytes.concat(g1(ALPHA), beta, gamma, delta);
        for (uint256 i; i <= signalCount; ++i) key = bytes.concat(key, g1(icScalar(seed, i)));
    }

    /// @notice A proof of `signals`, whatever they say. Another nonce is another proof of the same.
    function prove(
        uint256 seed,
        uint256[] memory signals,
        uint256 nonce
    ) internal view returns (uint256[8] memory proof) {
        uint256 a = addmod(nonce, 1, P);
        uint256 sum = linearScalar(seed, signals);
        uint256 known = addmod(mulmod(ALPHA, BETA, P), mulmod(sum, GAMMA, P), P);
        uint256 c = mulmod(addmod(a, P - known, P), inverse(DELTA), P);
        bytes memory encoded = bytes.concat(g1(a), generator2(), g1(c));
        return abi.decode(encoded, (uint256[8]));
    }

    /// @notice t_0 + Σ s_i·t_(i+1) mod P: the scalar of L.
    function linearScalar(uint256 seed, uint256[] memory signals) internal pure returns (uint256 sum) {
        sum = icScalar(seed, 0);
        for (uint256 i; i < signals.length; ++i) {
            sum = addmod(sum, mulmod(signals[i], icScalar(seed, i + 1), P), P);
        }
    }

    /// @notice Scalar of IC_index.
    function icScalar(uint256 seed, uint256 index) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, index))) % P;
    }

    /// @notice scalar · generator of G1, 64 bytes.
    function g1(uint256 scalar) internal view returns (bytes memory point) {
        return mul(abi.encode(uint256(1), uint256(2)), scalar);
    }

    /// @notice scalar · point of G1, 64 bytes.
    function mul(bytes memory point, uint256 scalar) internal view returns (bytes memory) {
        (bool ok, bytes memory product) = address(7).staticcall(bytes.concat(point, bytes32(scalar)));
        require(ok, "ecMul failed");
        return product;
    }

    /// @notice Sum of two points of G1, 64 bytes.
    function add(bytes memory left, bytes memory right) internal view returns (bytes memory) {
        (bool ok, bytes memory sum) = address(6).staticcall(bytes.concat(left, right));
        require(ok, "ecAdd failed");
        return sum;
    }

    /// @notice 1 / value mod P.
    function inverse(uint256 value) internal view returns (uint256) {
        (bool ok, bytes memory result) = address(5).staticcall(abi.encode(32, 32, 32, value, P - 2, P));
        require(ok, "modexp failed");
        return abi.decode(result, (uint256));
    }

    function generator2() internal pure returns (bytes memory) {
        return
            abi.encode(
                11559732032986387107991004021392285783925812861821192530917403151452391805634,
                10857046999023057135944570762232829481370756359578518086990519993285655852781,
                4082367875863433681332203403145435568316851327593401208105741076214120093531,
                8495653923123431417604973247489272438418190587263600148770280649306958101930
            );
    }

    /// @notice 11·G2.
    function betaPoint() internal pure returns (bytes memory) {
        return
            abi.encode(
                15624790064206502667756020446826209080711344272800176518784649088946231692936,
                8472151341754925747860535367990505955708751825377817860727104273184244800723,
                19488077321171448217727198730828487286865984357780136663388739985720647978898,
                1196137947243150610106053819405501111182787323156221967342356892090037828244
            );
    }

    /// @notice 13·G2.
    function gammaPoint() internal pure returns (bytes memory) {
        return
            abi.encode(
                280672898440571232725436467950720547829638241593507531241322547969961007057,
                16137324789686743234629608741537369181251990815455155257427276976918350071287,
                17641806683785498955878869918183868440783188556637975525088932771694068429840,
                12136420650226457477690750437223209427924916790606163705631661913973995426040
            );
    }

    /// @notice 17·G2.
    function deltaPoint() internal pure returns (bytes memory) {
        return
            abi.encode(
                15577308679414974642168536368096450326086203870944559758314800234684337462316,
                5571996575954125260736435753480252954196528247617148060558631406349160775832,
                3949072583587836530885517791345259776526014207612010591436388615095276192789,
                11302850696403459405052467769487663388868168369318255751101607320138145101673
            );
    }

    /// @notice On the twisted curve, but not in the group of order P.
    function strangePoint() internal pure returns (bytes memory) {
        return
            abi.encode(
                uint256(1),
                uint256(2),
                19659275751359636165940301690575149581329631496732780143538578556285923319774,
                7292567877523311580221095596750716176434782432868683424513645834767876293070
            );
    }
}
