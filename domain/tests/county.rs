//! Two years of a county, many times over. One seed alone: `TONGBAN_SEED=123 cargo test -p tongban-domain --features sample --test county`.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tongban_domain::case::{Light, StateName};
use tongban_domain::sample::county::{County, Tally, Violation};

const SEEDS: u64 = 200;
const CASES: usize = 300;

/// The seeds asked for: one, or all.
fn seeds() -> Vec<u64> {
    match std::env::var("TONGBAN_SEED") {
        Ok(seed) => vec![seed.trim().parse().expect("TONGBAN_SEED is a number")],
        Err(_) => (1..=SEEDS).collect(),
    }
}

/// Lives through all of them, as many at once as there are cores.
fn live(seeds: &[u64]) -> (Tally, Vec<Violation>) {
    let next = AtomicU64::new(0);
    let all = Mutex::new((Tally::default(), Vec::new()));
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores.min(seeds.len()) {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    let county = County::new(*seed, CASES).expect("the shipped data can be read");
                    let went = county.run();
                    let mut all = all.lock().unwrap();
                    match went {
                        Ok(tally) => all.0.add(&tally),
                        Err(violation) => all.1.push(violation),
                    }
                }
            });
        }
    });
    all.into_inner().unwrap()
}

#[test]
fn a_county_runs_for_two_years() {
    let seeds = seeds();
    let (tally, violations) = live(&seeds);
    let told: Vec<String> = violations
        .iter()
        .map(|v| {
            format!(
                "{v}\n  replay: TONGBAN_SEED={} cargo test -p tongban-domain --features sample --test county",
                v.seed
            )
        })
        .collect();
    assert!(violations.is_empty(), "{} of {} seeds failed\n{}", told.len(), seeds.len(), told.join("\n"));
    println!("{tally:#?}");
    if seeds.len() == 1 {
        return;
    }
    // A simulation that reaches nothing proves nothing.
    let missing: Vec<StateName> = StateName::ALL.into_iter().filter(|s| !tally.states.contains(s)).collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
    let marks = |rule: &str, light| tally.marks.get(&(rule.to_owned(), light)).copied().unwrap_or(0);
    for (rule, light) in [
        ("R01", Light::Yellow),
        ("R01", Light::Red),
        ("R02", Light::Yellow),
        ("R03", Light::Red),
        ("R03", Light::DoubleRed),
        ("R04", Light::Yellow),
        ("R04", Light::Red),
        ("R05", Light::Red),
        ("R06", Light::Yellow),
        ("R09", Light::Red),
        ("R12", Light::Red),
        ("R13", Light::Red),
        ("P01", Light::Red),
        ("P02", Light::Yellow),
        ("P03", Light::Yellow),
        ("P04", Light::Yellow),
        ("P05", Light::Yellow),
    ] {
        assert!(marks(rule, light) > 0, "{rule} {} was never raised", light.label());
    }
    for code in
        ["no_authority", "told_once", "wrong_state", "denied", "invalid", "not_sealed", "no_extension"]
    {
        assert!(tally.refused.contains_key(code), "nothing was refused as {code}");
    }
    assert!(tally.cases as usize > SEEDS as usize * CASES * 9 / 10);
    assert!(tally.silent > 0 && tally.decided > 0 && tally.extended > 0 && tally.stopped > 0);
}
