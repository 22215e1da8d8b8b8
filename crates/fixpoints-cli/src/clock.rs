//! When a run began and how long it takes; the only place that asks the time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::output::Run;

/// A run that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Started {
    at: SystemTime,
    instant: Instant,
}

impl Started {
    /// Begins a run now.
    #[must_use]
    pub fn now() -> Self {
        Self {
            at: SystemTime::now(),
            instant: Instant::now(),
        }
    }

    /// The run up to now.
    #[must_use]
    pub fn run(&self) -> Run {
        let since = self.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let Civil {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = civil(since.as_secs());
        let (micros, process) = (since.subsec_micros(), std::process::id());
        Run {
            run_id: format!(
                "run-{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}-{micros:06}-{process}"
            ),
            started_at: format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"
            ),
            duration_ms: milliseconds(self.instant.elapsed()),
        }
    }
}

/// Whole milliseconds.
#[must_use]
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[derive(Debug, PartialEq)]
struct Civil {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

/// The date and time of a second since 1970, in the proleptic Gregorian calendar, with years beginning in March.
fn civil(seconds: u64) -> Civil {
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    Civil {
        year: year_of_era + era * 400 + u64::from(month <= 2),
        month,
        day: day_of_year - (153 * march_month + 2) / 5 + 1,
        hour: rest / 3_600,
        minute: rest % 3_600 / 60,
        second: rest % 60,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_the_right_dates() {
        let date = |seconds| {
            let Civil {
                year,
                month,
                day,
                hour,
                minute,
                second,
            } = civil(seconds);
            (year, month, day, hour, minute, second)
        };
        assert_eq!(date(0), (1970, 1, 1, 0, 0, 0));
        assert_eq!(date(951_782_399), (2000, 2, 28, 23, 59, 59));
        assert_eq!(date(951_782_400), (2000, 2, 29, 0, 0, 0));
        assert_eq!(date(4_107_542_400), (2100, 3, 1, 0, 0, 0));
    }
}
