// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

import { Calendar, CalendarTime } from "../../../contracts/libraries/Calendar.sol";
import { bound } from "../support/Bound.sol";
import { vm } from "../support/Vm.sol";

contract CalendarTest {
    uint256 private constant DAY = 86_400;
    uint8[12] private lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    /// @dev Counts every month since 1970, as nobody would do who had to pay for it.
    function testFuzz_timestampOf_agreesWithCounting(uint256 month, uint256 day, uint256 second) public view {
        month = bound(month, 0, 12 * 130 - 1);
        CalendarTime memory time = aTime(1970 + month / 12, (month % 12) + 1, 1);
        day = bound(day, 1, lengthOf(time.year, time.month));
        second = bound(second, 0, DAY - 1);
        (time.day, time.hour, time.minute, time.second) = (day, second / 3600, (second / 60) % 60, second % 60);

        uint256 days_ = day - 1;
        for (uint256 i; i < month; ++i) days_ += lengthOf(1970 + i / 12, (i % 12) + 1);
        vm.assertTrue(Calendar.exists(time));
        vm.assertEq(Calendar.timestampOf(time), days_ * DAY + second);
    }

    function test_timestampOf_knownTimes() public pure {
        vm.assertEq(Calendar.timestampOf(aTime(1970, 1, 1)), 0);
        vm.assertEq(Calendar.timestampOf(aTime(2000, 2, 29)), 951_782_400);
        vm.assertEq(Calendar.timestampOf(aTime(2026, 2, 12)), 1_770_854_400);
        vm.assertEq(Calendar.timestampOf(aTime(9999, 12, 31)), 253_402_214_400);
    }

    function test_exists_refusesWhatNoCalendarHas() public pure {
        vm.assertFalse(Calendar.exists(aTime(1969, 12, 31)));
        vm.assertFalse(Calendar.exists(aTime(2026, 0, 1)));
        vm.assertFalse(Calendar.exists(aTime(2026, 13, 1)));
        vm.assertFalse(Calendar.exists(aTime(2026, 1, 0)));
        vm.assertFalse(Calendar.exists(aTime(2026, 1, 32)));
        vm.assertFalse(Calendar.exists(aTime(2026, 4, 31)));
        vm.assertFalse(Calendar.exists(aTime(2026, 2, 29)));
        vm.assertFalse(Calendar.exists(aTime(2100, 2, 29)));
        vm.assertTrue(Calendar.exists(aTime(2024, 2, 29)));
        vm.assertTrue(Calendar.exists(aTime(2000, 2, 29)));
        vm.assertFalse(Calendar.exists(CalendarTime(2026, 1, 1, 24, 0, 0)));
        vm.assertFalse(Calendar.exists(CalendarTime(2026, 1, 1, 0, 60, 0)));
        vm.assertFalse(Calendar.exists(CalendarTime(2026, 1, 1, 0, 0, 60)));
    }

    function lengthOf(uint256 year, uint256 month) private view returns (uint256) {
        bool isLeap = year % 400 == 0 || (year % 100 != 0 && year % 4 == 0);
        return month == 2 && isLeap ? 29 : lengths[month - 1];
    }

    function aTime(uint256 year, uint256 month, uint256 day) private pure returns (CalendarTime memory) {
        return CalendarTime(year, month, day, 0, 0, 0);
    }
}
