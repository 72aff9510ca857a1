//! Schedules: when rules and schedules of EventBridge fire.
//!
//! An [`Expression`] is read once; a [`Schedule`] adds where and from when on it holds, and is asked for the next firing. A
//! [`Timetable`] has many of them and knows which is next; a [`RetryPolicy`] says what happens when what they want can't be done.
//!
//! | expression | fires |
//! | --- | --- |
//! | `rate(1 minute)`, `rate(5 minutes)`, likewise hours and days | so long after the last time, from the schedule's start on; a day is 24 hours |
//! | `cron(minutes hours day-of-month month day-of-week year)` | whenever a clock in the schedule's time zone shows such a minute |
//! | `at(2026-11-21T13:00:00)` | once, when a clock in the schedule's time zone shows that |
//!
//! A field of `cron` is `*` or a list of values, ranges (`MON-FRI`) and steps (`0/15`, `*/15`, `8-17/3`). One day field says
//! which days, the other is `?`.
//!
//! | field | values | also |
//! | --- | --- | --- |
//! | minutes, hours | 0 to 59, 0 to 23 | |
//! | day of month | 1 to 31 | `L`: the last day; `15W`: the weekday, Monday to Friday, nearest to the 15th within its month; `LW`: the last weekday |
//! | month | 1 to 12, `JAN` to `DEC` | |
//! | day of week | 1 to 7, `SUN` to `SAT` | `L`: Saturday; `6L`: the month's last Friday; `6#3`: its third Friday |
//! | year | 1970 to 2199 | |
//!
//! Ranges may go round the end of their field (`SAT-SUN`, `22-2`), but not those of years. A step is at most the field's
//! greatest value. What has `L`, `W` or `#` stands alone in its field. Letters may be of either case.
//!
//! Rules and EventBridge Scheduler differ:
//!
//! | | rules | Scheduler |
//! | --- | --- | --- |
//! | `at` | refused | once |
//! | `rate(1 minutes)`, `rate(5 minute)` | refused: the unit must fit the number | read all the same |
//! | a `cron` without its year | refused | every year |
//! | time zone | UTC | any |
//! | first firing of a `rate` | an interval after the rule was made | at the start date; without one, at once |
//!
//! Where clocks are put forward, what falls into the hour that they skip does not happen; where they are put back, what falls
//! into the hour that comes twice happens in the first of the two, and only there. Rates do not notice. `at` goes by the same
//! rules, though AWS tells them for `cron`.
//!
//! Sources: EventBridge user guide, "Setting a schedule pattern for scheduled rules"; EventBridge Scheduler user guide,
//! "Schedule types in EventBridge Scheduler" (daylight saving, optional year) and API reference, `CreateSchedule` (units, start
//! and end dates); recorded refusals. What these leave open is as in Quartz, whose dialect AWS's is: letters of either case,
//! `LW`, ranges round the end, the greatest step.

mod cron;
mod days;
mod error;
mod expression;
mod field;
mod firing;
mod retry;
mod timetable;
mod zone;

pub use cron::Cron;
pub use error::InvalidExpression;
pub use expression::{Expression, Rate};
pub use firing::Schedule;
pub use retry::{Exhausted, Next, RetryPolicy};
pub use timetable::{Firing, Plan, Timetable, Window};
pub use zone::time_zone;
