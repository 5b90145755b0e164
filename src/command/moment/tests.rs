use super::*;
use proptest::prelude::*;

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn what_people_type_is_a_time_or_it_is_none() {
    for (typed, read, left) in [
        ("14:05", "14:05", 0),
        ("9:05", "09:05", 0),
        ("00:00", "00:00", 0),
        ("23:59", "23:59", 0),
        ("2pm", "14:00", 0),
        ("2PM", "14:00", 0),
        ("12am", "00:00", 0),
        ("12pm", "12:00", 0),
        ("9:30am", "09:30", 0),
        ("at 14:05", "14:05", 0),
        ("today", "today", 0),
        ("Yesterday", "yesterday", 0),
        ("2026-11-20", "2026-11-20", 0),
        ("on 2026-11-20", "2026-11-20", 0),
        ("2026-11-20T14:05", "14:05 on 2026-11-20", 0),
        ("14:05 yesterday", "14:05 yesterday", 0),
        ("yesterday 14:05", "14:05 yesterday", 0),
        ("yesterday at 14:05", "14:05 yesterday", 0),
        ("14:05 on 2026-11-20", "14:05 on 2026-11-20", 0),
        ("on 2026-11-20 at 9am", "09:00 on 2026-11-20", 0),
        ("on 2 March", "2 March", 0),
        ("2 march", "2 March", 0),
        ("March 2", "2 March", 0),
        ("on Mar 2nd at 9:05", "09:05 on 2 March", 0),
        ("14:05 on 29 February", "14:05 on 29 February", 0),
        ("on 1st Sept., 2pm", "14:00 on 1 September", 0),
        ("on 2 March 2026 at 14:05", "14:05 on 2026-03-02", 0),
        ("March 2, 2026", "2026-03-02", 0),
        ("14:05 2 March", "14:05 on 2 March", 0),
        ("on 30 February", "", 3),
        ("on 0 March", "", 3),
        ("2 Ma", "", 2),
        ("2 marching", "", 2),
        ("March", "", 1),
        ("2", "", 1),
        ("march april", "", 2),
        ("29 February 2026", "", 3),
        ("2 March at staging", "2 March", 2),
        ("14:05 on staging", "14:05", 2),
        ("14:05 15:00", "14:05", 1),
        ("today yesterday", "today", 1),
        ("24:00", "", 1),
        ("25:00", "", 1),
        ("14:60", "", 1),
        ("14:5", "", 1),
        ("014:05", "", 1),
        ("+4:05", "", 1),
        ("-1:00", "", 1),
        ("14", "", 1),
        ("14:05:10", "", 1),
        ("14.05", "", 1),
        ("13pm", "", 1),
        ("0am", "", 1),
        ("pm", "", 1),
        (":05", "", 1),
        ("2026-13-01", "", 1),
        ("2026-02-30", "", 1),
        ("2025-02-29", "", 1),
        ("2026-1-1", "", 1),
        ("20261120", "", 1),
        ("2026-11-20-1", "", 1),
        ("2026-11-20T", "", 1),
        ("monday", "", 1),
        ("at staging", "", 2),
        ("on 14:05", "", 2),
        ("at", "", 1),
        ("", "", 0),
    ] {
        let words = words(typed);
        let (moment, taken) = super::read(&words).unwrap_or_default();
        assert_eq!(moment.to_string(), read, "{typed}");
        assert_eq!(words.len() - taken, left, "{typed}");
    }
}

/// What a moment is in Vienna and elsewhere, asked at a time.
#[test]
fn a_time_is_read_by_the_clocks_of_the_zone() {
    for (typed, zone, now, is) in [
        (
            "14:05",
            "UTC",
            "2026-11-28T15:00Z",
            "2026-11-28T14:05:00Z Once",
        ),
        (
            "14:05",
            "Europe/Vienna",
            "2026-11-28T15:00Z",
            "2026-11-28T13:05:00Z Once",
        ),
        (
            "14:05",
            "Europe/Vienna",
            "2026-07-01T15:00Z",
            "2026-07-01T12:05:00Z Once",
        ),
        (
            "15:00",
            "UTC",
            "2026-11-28T15:00Z",
            "2026-11-28T15:00:00Z Once",
        ),
        ("15:01", "UTC", "2026-11-28T15:00Z", "still to come"),
        // It is tomorrow there already.
        (
            "01:00",
            "Asia/Tokyo",
            "2026-11-28T16:30Z",
            "2026-11-28T16:00:00Z Once",
        ),
        ("23:00", "Asia/Tokyo", "2026-11-28T16:30Z", "still to come"),
        (
            "yesterday",
            "Asia/Tokyo",
            "2026-11-28T16:30Z",
            "2026-11-27T15:00:00Z Once",
        ),
        (
            "today",
            "America/New_York",
            "2026-11-28T04:30Z",
            "2026-11-27T05:00:00Z Once",
        ),
        (
            "14:05 yesterday",
            "UTC",
            "2026-11-28T01:00Z",
            "2026-11-27T14:05:00Z Once",
        ),
        ("2026-11-29", "UTC", "2026-11-28T15:00Z", "still to come"),
        (
            "2026-11-28",
            "UTC",
            "2026-11-28T15:00Z",
            "2026-11-28T00:00:00Z Once",
        ),
        ("9999-12-31", "UTC", "2026-11-28T15:00Z", "still to come"),
        // The last such day that there was.
        (
            "14:05 on 28 November",
            "UTC",
            "2026-11-28T15:00Z",
            "2026-11-28T14:05:00Z Once",
        ),
        (
            "16:05 on 28 November",
            "UTC",
            "2026-11-28T15:00Z",
            "still to come",
        ),
        (
            "14:05 on 29 November",
            "UTC",
            "2026-11-28T15:00Z",
            "2025-11-29T14:05:00Z Once",
        ),
        (
            "29 February",
            "UTC",
            "2026-11-28T15:00Z",
            "2024-02-29T00:00:00Z Once",
        ),
        (
            "29 February",
            "UTC",
            "1903-11-28T15:00Z",
            "1896-02-29T00:00:00Z Once",
        ),
        // Clocks went from 02:00 to 03:00, and from 03:00 back to 02:00.
        (
            "02:30 on 2026-03-29",
            "Europe/Vienna",
            "2026-11-28T15:00Z",
            "2026-03-29T01:30:00Z Skipped",
        ),
        (
            "01:59 on 2026-03-29",
            "Europe/Vienna",
            "2026-11-28T15:00Z",
            "2026-03-29T00:59:00Z Once",
        ),
        (
            "03:00 on 2026-03-29",
            "Europe/Vienna",
            "2026-11-28T15:00Z",
            "2026-03-29T01:00:00Z Once",
        ),
        (
            "02:30 on 2026-10-25",
            "Europe/Vienna",
            "2026-11-28T15:00Z",
            "2026-10-25T00:30:00Z Twice",
        ),
        (
            "03:00 on 2026-10-25",
            "Europe/Vienna",
            "2026-11-28T15:00Z",
            "2026-10-25T02:00:00Z Once",
        ),
        (
            "02:30 on 2026-03-29",
            "UTC",
            "2026-11-28T15:00Z",
            "2026-03-29T02:30:00Z Once",
        ),
        // Midnight itself was skipped there.
        (
            "2026-04-24",
            "Africa/Cairo",
            "2026-11-28T15:00Z",
            "2026-04-23T22:00:00Z Skipped",
        ),
    ] {
        let (moment, _) = super::read(&words(typed)).unwrap();
        let now: Timestamp = now.parse().unwrap();
        let said = match moment.resolve(&zone.parse().unwrap(), now) {
            Ok(MomentMeant { at, clock }) => format!("{at} {clock:?}"),
            Err(StillToCome) => "still to come".to_owned(),
        };
        assert_eq!(said, is, "{typed} in {zone} at {now}");
    }
}

#[test]
fn a_day_is_from_its_midnight_to_the_next_however_long_it_is() {
    let zone: Zone = "Europe/Vienna".parse().unwrap();
    let now: Timestamp = "2026-11-28T15:00Z".parse().unwrap();
    for (day, from, hours) in [
        (Day::Today, "2026-11-27T23:00Z", 24),
        (Day::Yesterday, "2026-11-26T23:00Z", 24),
        (
            Day::On(Date::constant(2026, 3, 29)),
            "2026-03-28T23:00Z",
            23,
        ),
        (
            Day::On(Date::constant(2026, 10, 25)),
            "2026-10-24T22:00Z",
            25,
        ),
    ] {
        let within = Period::Day(day).resolve(&zone, now).unwrap();
        let from: Timestamp = from.parse().unwrap();
        let until = within.until.unwrap();
        assert_eq!(within.from.at, from, "{day}");
        assert_eq!(until.duration_since(from).as_hours(), hours, "{day}");
        let second = 1.second();
        assert!(within.holds(from) && within.holds(until - second));
        assert!(!within.holds(until) && !within.holds(from - second));
    }
    let tomorrow = Day::On(Date::constant(2026, 11, 29));
    let said = Period::Day(tomorrow).resolve(&zone, now);
    assert_eq!(said, Err(StillToCome));
    let since = Period::Since(Moment {
        day: Some(Day::Yesterday),
        time: None,
    });
    let within = since.resolve(&zone, now).unwrap();
    assert!(within.until.is_none() && within.holds(now));
}

proptest! {
    #[test]
    fn a_moment_reads_back_as_it_is_shown(
        day in proptest::option::of(prop_oneof![
            Just(Day::Today),
            Just(Day::Yesterday),
            (2000_i16..2100, 1_i8..13, 1_i8..29)
                .prop_map(|(year, month, day)| Day::On(Date::constant(year, month, day))),
            (1_i8..13, 1_i8..29)
                .prop_map(|(month, day)| Day::Last(super::day::DayOfYear::new(month, day).unwrap())),
        ]),
        time in proptest::option::of((0_i8..24, 0_i8..60)),
    ) {
        let time = time.map(|(hour, minute)| Time::constant(hour, minute, 0, 0));
        let moment = Moment { day, time };
        let read = super::read(&words(&moment.to_string()));
        prop_assert_eq!(read.map(|(moment, _)| moment).unwrap_or_default(), moment);
    }

    #[test]
    fn nothing_that_is_typed_breaks_it(text in ".{0,40}") {
        let words = words(&text);
        if let Some((moment, taken)) = super::read(&words) {
            prop_assert!(taken <= words.len());
            let now = Timestamp::from_second(1_800_000_000).unwrap();
            if let Ok(resolved) = moment.resolve(&Zone::UTC, now) {
                prop_assert!(resolved.at <= now);
            }
        }
    }
}
