//! Time zones by their names.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The time zone of this name in the IANA database, such as `Europe/Berlin`, in either case; `None` if there is none.
///
/// The database is part of the program: the same names mean the same on every machine.
#[must_use]
pub fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_without_files_of_the_host() {
        for name in ["UTC", "America/New_York", "europe/berlin", "Australia/Lord_Howe", "Etc/GMT+5"] {
            assert!(time_zone(name).is_some(), "{name}");
        }
        for name in ["", "Berlin", "Mars/Olympus_Mons", "../etc/passwd", "CEST"] {
            assert_eq!(time_zone(name), None, "{name}");
        }
    }
}
