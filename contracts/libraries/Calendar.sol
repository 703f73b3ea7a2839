// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.37;

/// @notice A time of the Gregorian calendar, in UTC.
struct CalendarTime {
    uint256 year;
    uint256 month; // 1..12
    uint256 day; // 1..31
    uint256 hour;
    uint256 minute;
    uint256 second; // no leap seconds
}

/// @title  Calendar
/// @notice Unix time of calendar dates.
library Calendar {
    uint256 private constant FIRST_YEAR = 1970;
    /// @dev Days of the months of a common year, one byte each; byte 0 stands for no month.
    bytes32 private constant DAYS_IN_MONTH = hex"00_1f_1c_1f_1e_1f_1e_1f_1f_1e_1f_1e_1f";
    /// @dev 0000-03-01 to 1970-01-01, in days of the proleptic calendar.
    uint256 private constant DAYS_BEFORE_1970 = 719_468;

    /// @notice Whether there is such a time in or after 1970.
    function exists(CalendarTime memory time) internal pure returns (bool) {
        if (time.year < FIRST_YEAR || time.month == 0 || time.month > 12) return false;
        uint256 days_ = uint8(DAYS_IN_MONTH[time.month]);
        if (time.month == 2 && _isLeap(time.year)) ++days_;
        if (time.day == 0 || time.day > days_) return false;
        return time.hour < 24 && time.minute < 60 && time.second < 60;
    }

    /// @notice Unix seconds of a time that exists.
    /// @dev Years start in March, so that the leap day is the last of its year and (153 m + 2) / 5 counts the days of
    /// the months before month m.
    function timestampOf(CalendarTime memory time) internal pure returns (uint256) {
        uint256 year = time.month > 2 ? time.year : time.year - 1;
        uint256 monthsSinceMarch = (time.month + 9) % 12;
        uint256 dayOfYear = (153 * monthsSinceMarch + 2) / 5 + time.day - 1;
        uint256 day = 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - DAYS_BEFORE_1970;
        return ((day * 24 + time.hour) * 60 + time.minute) * 60 + time.second;
    }

    function _isLeap(uint256 year) private pure returns (bool) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }
}
