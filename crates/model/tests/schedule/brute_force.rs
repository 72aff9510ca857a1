//! Trying every minute, with rules that are written another way: a model of `cron` writes expressions and judges minutes.

use std::{collections::HashSet, iter};

use hearth_model::time::Timestamp;
use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, DateTime, Weekday},
    tz::TimeZone,
};
use proptest::{prelude::*, sample::select};

use crate::world::{berlin, lord_howe, moment, new_york, schedule, text};

#[derive(Clone, Debug)]
struct Model {
    minutes: Vec<Item>,
    hours: Vec<Item>,
    days: ModelDays,
    months: Vec<Item>,
    years: Vec<Item>,
}

/// Values from `first` to `last`, round the end of the field if need be, of which every `step`th is meant.
#[derive(Clone, Debug)]
enum Item {
    All { step: Option<i16> },
    From { first: i16, step: i16 },
    Range { first: i16, last: i16, step: Option<i16> },
    One(i16),
}

#[derive(Clone, Debug)]
enum ModelDays {
    OfMonth(Vec<Item>),
    OfWeek(Vec<Item>),
    Last,
    LastWeekday,
    NearestWeekday(i8),
    LastOfWeek(i16),
    NthOfWeek(i16, usize),
}

impl Item {
    fn means(&self, value: i16, least: i16, most: i16) -> bool {
        let size = most - least + 1;
        let (first, last, step) = match *self {
            Self::All { step } => (least, most, step.unwrap_or(1)),
            Self::From { first, step } => (first, most, step),
            Self::Range { first, last, step } => (first, last, step.unwrap_or(1)),
            Self::One(one) => (one, one, 1),
        };
        let from_first = |value: i16| (value - first).rem_euclid(size);
        from_first(value) <= from_first(last) && from_first(value) % step == 0
    }

    fn text(&self) -> String {
        let stepped = |range: String, step: Option<i16>| match step {
            Some(step) => format!("{range}/{step}"),
            None => range,
        };
        match *self {
            Self::All { step } => stepped("*".to_owned(), step),
            Self::From { first, step } => format!("{first}/{step}"),
            Self::Range { first, last, step } => stepped(format!("{first}-{last}"), step),
            Self::One(one) => one.to_string(),
        }
    }
}

impl ModelDays {
    fn mean(&self, date: Date) -> bool {
        let days: Vec<Date> =
            date.first_of_month().series(1.day()).take(date.days_in_month().unsigned_abs().into()).collect();
        let works = |day: &&Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let number = |day: &Date| i16::from(day.weekday().to_sunday_one_offset());
        let found = match self {
            Self::OfMonth(items) => return mean(items, date.day().into(), 1, 31),
            Self::OfWeek(items) => return mean(items, number(&date), 1, 7),
            Self::Last => days.last(),
            Self::LastWeekday => days.iter().rfind(works),
            Self::NearestWeekday(day) if days.len() < usize::try_from(*day).expect("a day") => None,
            Self::NearestWeekday(nearest) => {
                days.iter().filter(works).min_by_key(|day| (day.day() - nearest).abs())
            }
            Self::LastOfWeek(weekday) => days.iter().rfind(|day| number(day) == *weekday),
            Self::NthOfWeek(weekday, nth) => days.iter().filter(|day| number(day) == *weekday).nth(nth - 1),
        };
        found == Some(&date)
    }

    fn text(&self) -> (String, String) {
        let (of_month, of_week) = match self {
            Self::OfMonth(items) => (list(items), "?".to_owned()),
            Self::Last => ("L".to_owned(), "?".to_owned()),
            Self::LastWeekday => ("LW".to_owned(), "?".to_owned()),
            Self::NearestWeekday(day) => (format!("{day}W"), "?".to_owned()),
            Self::OfWeek(items) => ("?".to_owned(), list(items)),
            Self::LastOfWeek(weekday) => ("?".to_owned(), format!("{weekday}L")),
            Self::NthOfWeek(weekday, nth) => ("?".to_owned(), format!("{weekday}#{nth}")),
        };
        (of_month, of_week)
    }
}

impl Model {
    fn means(&self, shown: DateTime) -> bool {
        self.mean_date(shown.date()) && self.mean_time(shown.hour().into(), shown.minute().into())
    }

    fn mean_date(&self, date: Date) -> bool {
        mean(&self.years, date.year(), 1970, 2199)
            && mean(&self.months, date.month().into(), 1, 12)
            && self.days.mean(date)
    }

    fn mean_time(&self, hour: i16, minute: i16) -> bool {
        mean(&self.hours, hour, 0, 23) && mean(&self.minutes, minute, 0, 59)
    }

    fn text(&self) -> String {
        let [minutes, hours, months, years] =
            [&self.minutes, &self.hours, &self.months, &self.years].map(|items| list(items));
        let (of_month, of_week) = self.days.text();
        format!("cron({minutes} {hours} {of_month} {months} {of_week} {years})")
    }
}

fn mean(items: &[Item], value: i16, least: i16, most: i16) -> bool {
    (least..=most).contains(&value) && items.iter().any(|item| item.means(value, least, most))
}

fn list(items: &[Item]) -> String {
    items.iter().map(Item::text).collect::<Vec<_>>().join(",")
}

fn item(least: i16, most: i16) -> impl Strategy<Value = Item> {
    let (value, step) = (least..=most, 1..=most);
    let optional_step = proptest::option::of(step.clone());
    let years = least == 1970;
    prop_oneof![
        optional_step.clone().prop_map(|step| Item::All { step }),
        (value.clone(), step).prop_map(|(first, step)| Item::From { first, step }),
        (value.clone(), value.clone(), optional_step).prop_map(move |(one, other, step)| {
            let (first, last) = if years { (one.min(other), one.max(other)) } else { (one, other) };
            Item::Range { first, last, step }
        }),
        value.prop_map(Item::One),
    ]
}

fn items(least: i16, most: i16) -> impl Strategy<Value = Vec<Item>> {
    proptest::collection::vec(item(least, most), 1..3)
}

fn days() -> impl Strategy<Value = ModelDays> {
    prop_oneof![
        items(1, 31).prop_map(ModelDays::OfMonth),
        items(1, 7).prop_map(ModelDays::OfWeek),
        Just(ModelDays::Last),
        Just(ModelDays::LastWeekday),
        (1..=31_i8).prop_map(ModelDays::NearestWeekday),
        (1..=7_i16).prop_map(ModelDays::LastOfWeek),
        (1..=7_i16, 1..=5_usize).prop_map(|(weekday, nth)| ModelDays::NthOfWeek(weekday, nth)),
    ]
}

fn model() -> impl Strategy<Value = Model> {
    let years = prop_oneof![3 => Just(vec![Item::All { step: None }]), 1 => items(1970, 2199)];
    (items(0, 59), items(0, 23), days(), items(1, 12), years)
        .prop_map(|(minutes, hours, days, months, years)| Model { minutes, hours, days, months, years })
}

/// A model that means most minutes of a night.
fn dense_model() -> impl Strategy<Value = Model> {
    let every = || vec![Item::All { step: None }];
    let days = prop_oneof![2 => Just(ModelDays::OfMonth(every())), 1 => days()];
    let hours = prop_oneof![Just(every()), items(0, 4)];
    (items(0, 59), hours, days).prop_map(move |(minutes, hours, days)| Model {
        minutes,
        hours,
        days,
        months: every(),
        years: every(),
    })
}

/// The first minutes that the model means, until nine years later.
fn minutes_after(model: &Model, after: DateTime) -> Vec<DateTime> {
    let end = after.date().saturating_add(9.years());
    let times = (0..24).flat_map(|hour| (0..60).map(move |minute| (hour, minute)));
    let times: Vec<(i8, i8)> =
        times.filter(|(hour, minute)| model.mean_time((*hour).into(), (*minute).into())).collect();
    (after.date().series(1.day()).take_while(|date| *date <= end))
        .filter(|date| model.mean_date(*date))
        .flat_map(|date| times.iter().map(move |(hour, minute)| date.at(*hour, *minute, 0, 0)))
        .filter(|minute| *minute > after)
        .take(40)
        .collect()
}

proptest! {
    #[test]
    fn years_in_universal_time(model in model(), after in 0..7_258_000_000_i64) {
        let after = Timestamp::from_unix_millis(after * 1_000);
        let schedule = schedule(&model.text(), TimeZone::UTC);
        let next = |after: &Timestamp| schedule.next_after(*after);
        let shown = TimeZone::UTC.to_datetime(moment(after));
        let expected = minutes_after(&model, shown);
        let expected: Vec<String> = expected.iter().map(|minute| format!("{minute}Z")).collect();
        let firings = iter::successors(next(&after), next).take(expected.len());
        let firings: Vec<String> = firings.map(text).collect();
        prop_assert_eq!(&firings, &expected, "{} after {}", model.text(), shown);
        if expected.is_empty() {
            let next = next(&after).map(|next| TimeZone::UTC.to_datetime(moment(next)).year());
            prop_assert!(next.is_none_or(|year| year >= shown.year() + 9), "{} in {next:?}", model.text());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn days_around_changes_of_clocks(
        model in dense_model(),
        zone in select(vec![new_york(), berlin(), lord_howe()]),
        year in 2007..2190_i16,
        spring in any::<bool>(),
        minutes_before in 0..2_000_i32,
        seconds in 0..60_i64,
    ) {
        const MINUTE: SignedDuration = SignedDuration::from_mins(1);
        let season = Date::constant(year, if spring { 1 } else { 7 }, 1).to_zoned(TimeZone::UTC);
        let season = season.expect("a moment").timestamp();
        let change = zone.following(season).next().expect("clocks are changed for ever").timestamp();
        let after = change - MINUTE * minutes_before + SignedDuration::from_secs(seconds);
        let end = change + SignedDuration::from_hours(30);

        // What clocks have shown does not count when they show it again.
        let mut seen = HashSet::new();
        let expected: Vec<String> = iter::successors(Some(change - MINUTE * 3_000), |at| Some(*at + MINUTE))
            .take_while(|at| *at <= end)
            .map(|at| (at, zone.to_datetime(at)))
            .filter(|(at, shown)| seen.insert(*shown) && *at > after && model.means(*shown))
            .map(|(at, _)| at.to_string())
            .collect();

        let schedule = schedule(&model.text(), zone);
        let next = |after: &Timestamp| schedule.next_after(*after).filter(|next| moment(*next) <= end);
        let after = Timestamp::from_unix_millis(after.as_millisecond());
        let firings: Vec<String> = iter::successors(next(&after), next).map(text).collect();
        prop_assert_eq!(firings, expected, "{} around {}", model.text(), change);
    }
}
