// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One call.
struct Call {
    address target;
    bytes callData;
}

/// @notice What became of it.
struct Result {
    bool success;
    bytes returnData;
}

/// @title  TryAggregate
/// @notice The one function of Multicall3 by which the x402 facilitator finds out why a payment fails; its code is put
/// at Multicall3's address on development chains, where nobody else does it.
contract TryAggregate {
    error CallFailed(uint256 index);

    /// @notice Makes calls one after the other; reverts on the first that fails, if asked to.
    function tryAggregate(
        bool requireSuccess,
        Call[] calldata calls
    ) external payable returns (Result[] memory returnData) {
        returnData = new Result[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            // Any call, and its failure is an answer.
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, bytes memory data) = calls[i].target.call(calls[i].callData);
            if (requireSuccess && !success) revert CallFailed(i);
            returnData[i] = Result(success, data);
        }
    }
}
