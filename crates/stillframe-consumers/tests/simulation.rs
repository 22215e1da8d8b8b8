//! Measuring simulated suites: what is found is exactly what they use, and it costs far less than hiding one fixture after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use stillframe_consumers::detection::{self, Budget, Detected, Ended, Failing, Options, Shard};
use stillframe_consumers::memory::{Answers, Memory};
use stillframe_consumers::name::{FixtureName, TestName};
use stillframe_consumers::outcome::{Outcome, Phase};
use stillframe_consumers::record::Record;
use stillframe_consumers::set::FixtureSet;
use stillframe_consumers::suite::{
    Abilities, Order, Report, Run, RunError, Selection, Suite, Watch,
};

/// A generator that gives the same numbers everywhere (SplitMix64, Steele and others 2014).
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("it is below a usize")
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn some(&mut self, count: usize, of: usize) -> BTreeSet<usize> {
        (0..count).map(|_| self.below(of)).collect()
    }
}

#[derive(Clone, Default)]
struct Test {
    needs: BTreeSet<usize>,
    joint: Vec<BTreeSet<usize>>,
    /// What an observer sees: all it uses, and more.
    reads: BTreeSet<usize>,
    /// How often it fails by chance, in percent.
    fails: usize,
    /// The test that must have passed before it in the same run.
    after: Option<TestName>,
}

/// What the observers of a suite see.
#[derive(Clone, Copy, PartialEq)]
enum Observers {
    None,
    /// Everything that is read.
    Good,
    /// They miss about one read in ten.
    Leaky,
    /// Everything that is read of two fixtures in three, and nothing of the others.
    OfSome,
}

struct Simulated {
    fixtures: usize,
    tests: BTreeMap<TestName, Test>,
    observers: Observers,
    per_test: bool,
    chance: Random,
    /// After how many runs it is interrupted.
    interrupted_after: Option<usize>,
}

impl Simulated {
    /// A suite with a core table that most tests need.
    fn new(seed: u64, fixtures: usize, tests: usize, observers: Observers) -> Simulated {
        let mut random = Random(seed);
        let core = random.below(fixtures);
        let tests = (0..tests).map(|number| {
            let mut test = Test::default();
            if random.percent(70) {
                test.needs.insert(core);
            }
            let count = [0, 0, 1, 1, 2, 3, 6][random.below(7)];
            test.needs.extend(random.some(count, fixtures));
            if random.percent(8) && fixtures > 8 {
                let size = 2 + random.below(3);
                let mut set = random.some(size, fixtures);
                set.retain(|one| !test.needs.contains(one));
                if set.len() > 1 {
                    test.joint.push(set);
                }
            }
            if random.percent(1) {
                test.fails = 30 + random.below(40);
            }
            test.reads.extend(&test.needs);
            test.reads.extend(test.joint.iter().flatten());
            let more = random.below(3);
            test.reads.extend(random.some(more, fixtures));
            (TestName::from(format!("test_{number:04}")), test)
        });
        let tests = tests.collect();
        Simulated {
            fixtures,
            tests,
            observers,
            per_test: random.percent(50),
            chance: random,
            interrupted_after: None,
        }
    }

    fn names(&self) -> Vec<FixtureName> {
        let name = |number| FixtureName::from(format!("fixture_{number:03}"));
        (0..self.fixtures).map(name).collect()
    }

    fn detect(&mut self, options: &Options, answers: &mut dyn Memory) -> Detected {
        let names = self.names();
        detection::detect(self, &names, options, answers, &mut |_| {})
            .expect("nothing goes wrong in a simulation")
    }

    /// Whether an observer can see that a fixture is read.
    fn sees(&self, fixture: usize) -> bool {
        self.observers != Observers::OfSome || !fixture.is_multiple_of(3)
    }

    /// The fewest answers of one bit that can tell what every test needs alone.
    fn theoretical_minimum(&self) -> f64 {
        let bits = |test: &Test| {
            let factors = (0..test.needs.len()).map(|taken| {
                let (left, place) = (self.fixtures - taken, taken + 1);
                (left as f64 / place as f64).log2()
            });
            factors.sum::<f64>().max(1.0)
        };
        self.tests.values().map(bits).sum()
    }
}

impl Suite for Simulated {
    fn run(&mut self, run: &Run) -> Result<Report, RunError> {
        match &mut self.interrupted_after {
            Some(0) => return Err(RunError::Interrupted),
            Some(left) => *left -= 1,
            None => {}
        }
        let mut report = Report {
            elapsed: Duration::from_millis(1),
            ..Report::default()
        };
        let mut observed = BTreeMap::new();
        for (name, test) in &self.tests {
            if let Selection::Only(selected) = &run.tests
                && !selected.contains(name)
            {
                continue;
            }
            let mut hidden = run.hidden.clone();
            if let Some(own) = run.hidden_from.get(name) {
                hidden.insert_all(own);
            }
            let gone = |one: &usize| hidden.contains(*one);
            let fails = test.needs.iter().any(gone)
                || test.joint.iter().any(|set| set.iter().all(gone))
                || test.after.as_ref().is_some_and(|before| {
                    run.order != Order::Given
                        || report.outcomes.get(before) != Some(&Outcome::Passed)
                })
                || self.chance.percent(test.fails);
            let outcome = if fails {
                Outcome::failed(Phase::Body, "assertion failed")
            } else {
                Outcome::Passed
            };
            report.outcomes.insert(name.clone(), outcome);
            let leaks = self.observers == Observers::Leaky && self.chance.percent(10);
            let seen = test.reads.iter().copied().skip(usize::from(leaks));
            let seen = seen.filter(|one| self.sees(*one));
            observed.insert(name.clone(), FixtureSet::of(self.fixtures, seen));
        }
        if run.watch == Watch::Yes && self.observers != Observers::None {
            report.observed = Some(observed);
        }
        Ok(report)
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            selects: true,
            reorders: true,
            per_test: if self.per_test {
                FixtureSet::all(self.fixtures)
            } else {
                FixtureSet::none(self.fixtures)
            },
            observable: FixtureSet::of(
                self.fixtures,
                (0..self.fixtures).filter(|one| self.sees(*one)),
            ),
        }
    }
}

/// Keeps the records themselves, as a journal does.
#[derive(Default)]
struct Records {
    records: Vec<Record>,
    answers: Answers,
}

impl Memory for Records {
    fn keep(&mut self, record: Record) -> anyhow::Result<()> {
        self.records.push(record.clone());
        self.answers.keep(record)
    }

    fn answers(&self) -> &Answers {
        &self.answers
    }
}

fn options() -> Options {
    Options {
        runs: 5,
        failing: Failing::Allowed,
        budget: Budget::default(),
        shard: Shard::WHOLE,
    }
}

/// Every test that is not flaky: exactly what it needs. A flaky one: that, or unknown.
fn assert_exact(suite: &Simulated, detected: &Detected, seed: u64) {
    let names = suite.names();
    for (name, test) in &suite.tests {
        if test.fails > 0 && detected.findings.unknown.contains_key(name) {
            continue;
        }
        assert!(
            !detected.findings.unknown.contains_key(name),
            "seed {seed}, {name}: {:?}",
            detected.findings.unknown[name]
        );
        let alone: BTreeSet<FixtureName> =
            test.needs.iter().map(|&one| names[one].clone()).collect();
        let found = detected.findings.edges.get(name);
        let found: BTreeSet<FixtureName> = found
            .map(|edges| edges.keys().cloned().collect())
            .unwrap_or_default();
        assert_eq!(found, alone, "seed {seed}, {name}");
        let joint: BTreeSet<BTreeSet<FixtureName>> = test
            .joint
            .iter()
            .map(|set| set.iter().map(|&one| names[one].clone()).collect())
            .collect();
        let found = detected.findings.joint.get(name);
        let found: BTreeSet<BTreeSet<FixtureName>> = found
            .map(|sets| sets.iter().map(|set| set.fixtures.clone()).collect())
            .unwrap_or_default();
        assert_eq!(found, joint, "seed {seed}, {name}");
    }
}

#[test]
fn what_is_found_is_what_the_suite_uses() {
    for (seed, fixtures, tests, observers) in [
        (1, 1, 10, Observers::None),
        (2, 12, 60, Observers::None),
        (3, 12, 60, Observers::Good),
        (4, 40, 300, Observers::None),
        (5, 40, 300, Observers::Leaky),
        (6, 75, 600, Observers::Good),
        (7, 200, 2000, Observers::None),
        (8, 200, 2000, Observers::Good),
        (9, 200, 2000, Observers::Leaky),
    ] {
        let mut suite = Simulated::new(seed, fixtures, tests, observers);
        let detected = suite.detect(&options(), &mut Answers::default());
        assert_eq!(detected.ended, Ended::Complete);
        assert_exact(&suite, &detected, seed);
        println!(
            "{fixtures} fixtures, {tests} tests, {}: {} executions in {} runs; one at a time {}, theoretical minimum {:.0}",
            match observers {
                Observers::None => "not observed",
                Observers::Good => "observed",
                Observers::Leaky => "observed in part",
                Observers::OfSome => "some fixtures observed",
            },
            detected.executions,
            detected.runs,
            fixtures * tests,
            suite.theoretical_minimum(),
        );
    }
}

#[test]
fn many_small_suites_are_measured_exactly() {
    for seed in 100..160 {
        let mut random = Random(seed);
        let (fixtures, tests) = (1 + random.below(30), 1 + random.below(80));
        let observers = [Observers::None, Observers::Good, Observers::Leaky][random.below(3)];
        let mut suite = Simulated::new(seed, fixtures, tests, observers);
        let detected = suite.detect(&options(), &mut Answers::default());
        assert_exact(&suite, &detected, seed);
    }
}

#[test]
fn observers_bound_the_cost() {
    for seed in 200..210 {
        let mut suite = Simulated::new(seed, 60, 400, Observers::Good);
        for test in suite.tests.values_mut() {
            test.fails = 0;
            test.joint.clear();
        }
        let observed: usize = suite.tests.values().map(|test| test.reads.len()).sum();
        let detected = suite.detect(&options(), &mut Answers::default());
        let most = observed + suite.tests.len() * (options().runs + 3);
        assert!(
            detected.executions <= most as u64,
            "seed {seed}: {} of {most}",
            detected.executions
        );
    }
}

#[test]
fn fixtures_that_no_observer_sees_are_searched_for() {
    let mut costs = [0, 0];
    for seed in 600..612 {
        for (observers, cost) in [Observers::None, Observers::OfSome]
            .into_iter()
            .zip(&mut costs)
        {
            let mut suite = Simulated::new(seed, 60, 200, observers);
            for test in suite.tests.values_mut() {
                test.fails = 0;
            }
            let detected = suite.detect(&options(), &mut Answers::default());
            assert_exact(&suite, &detected, seed);
            *cost += detected.executions;
        }
    }
    let [not_observed, observed] = costs;
    println!(
        "{observed} executions where two fixtures in three are observed, {not_observed} without"
    );
    assert!(observed < not_observed);
}

#[test]
fn a_test_that_needs_another_is_measured_with_that_one_and_not_with_the_whole_suite() {
    for seed in 250..256 {
        let mut suite = Simulated::new(seed, 30, 200, Observers::None);
        let names: Vec<TestName> = suite.tests.keys().cloned().collect();
        for test in suite.tests.values_mut() {
            test.fails = 0;
        }
        let alone = suite.detect(&options(), &mut Answers::default());
        for (number, before) in [(50, 3), (120, 3), (199, 120)] {
            // Without needs of their own, so that nobody else's are theirs.
            for one in [number, before] {
                let test = suite.tests.get_mut(&names[one]).expect("it is there");
                if one != 199 {
                    test.needs.clear();
                    test.joint.clear();
                }
            }
            let test = suite.tests.get_mut(&names[number]).expect("it is there");
            test.after = Some(names[before].clone());
        }
        let detected = suite.detect(&options(), &mut Answers::default());
        assert_exact(&suite, &detected, seed);
        // To find one other takes at most three runs of the suite, and two others about seven; a question after that takes two
        // or three tests. In runs of the whole suite, the questions alone would take some thirty.
        let most = alone.executions + (3 + 3 + 7) * 200 + 200;
        assert!(
            detected.executions <= most,
            "seed {seed}: {} of {most}",
            detected.executions
        );
    }
}

#[test]
fn an_interrupted_measurement_goes_on_to_the_same_findings() {
    for seed in 300..306 {
        let build = || {
            let mut suite = Simulated::new(seed, 30, 120, Observers::Leaky);
            for test in suite.tests.values_mut() {
                test.fails = 0;
            }
            suite
        };
        let whole = build().detect(&options(), &mut Answers::default());
        let mut suite = build();
        let mut answers = Answers::default();
        let mut random = Random(seed);
        let mut parts = 0;
        let resumed = loop {
            suite.interrupted_after = Some(random.below(6));
            let detected = suite.detect(&options(), &mut answers);
            parts += 1;
            if detected.ended == Ended::Complete {
                break detected;
            }
        };
        assert!(parts > 3, "it was interrupted {parts} times");
        // An observer that misses something does not miss the same again.
        assert_eq!(resumed.findings.edges.len(), whole.findings.edges.len());
        assert_exact(&suite, &resumed, seed);
    }
}

#[test]
fn shards_together_find_what_the_whole_finds() {
    let build = || {
        let mut suite = Simulated::new(400, 30, 200, Observers::None);
        for test in suite.tests.values_mut() {
            test.fails = 0;
        }
        suite
    };
    let whole = build().detect(&options(), &mut Answers::default());
    let mut edges = BTreeMap::new();
    let mut joint = BTreeMap::new();
    for number in 1..=3 {
        let shard = Shard { number, of: 3 };
        let options = Options { shard, ..options() };
        let part = build().detect(&options, &mut Answers::default());
        edges.extend(part.findings.edges);
        joint.extend(part.findings.joint);
    }
    assert_eq!(edges, whole.findings.edges);
    assert_eq!(joint, whole.findings.joint);
}

#[test]
fn what_is_recorded_gives_the_findings_without_a_run() {
    for observers in [Observers::None, Observers::Good, Observers::Leaky] {
        let mut suite = Simulated::new(600, 30, 150, observers);
        let mut answers = Answers::default();
        let detected = suite.detect(&options(), &mut answers);
        let recalled = detection::recall(suite.abilities(), &suite.names(), &mut answers)
            .expect("it is whole");
        assert_eq!(recalled.ended, Ended::Complete);
        assert_eq!(recalled.runs, 0);
        assert_eq!(recalled.findings, detected.findings);
    }
}

#[test]
fn the_answers_of_shards_together_give_the_findings_of_the_whole() {
    for observers in [Observers::None, Observers::Good] {
        let build = || {
            let mut suite = Simulated::new(700, 30, 200, observers);
            for test in suite.tests.values_mut() {
                test.fails = 0;
            }
            let before = TestName::from("test_0003");
            let dependent = TestName::from("test_0150");
            suite.tests.insert(before.clone(), Test::default());
            suite.tests.entry(dependent).or_default().after = Some(before);
            suite
        };
        let whole = build().detect(&options(), &mut Answers::default());
        let mut merged = Answers::default();
        for number in 1..=3 {
            let mut part = Records::default();
            let shard = Shard { number, of: 3 };
            build().detect(&Options { shard, ..options() }, &mut part);
            let missing = detection::recall(
                build().abilities(),
                &build().names(),
                &mut part.answers.clone(),
            )
            .expect("it is sound");
            assert_eq!(
                missing.ended,
                Ended::Interrupted,
                "a third is not the whole"
            );
            for record in part.records {
                merged.keep(record).expect("it is kept in memory");
            }
        }
        let recalled = detection::recall(build().abilities(), &build().names(), &mut merged)
            .expect("it is whole");
        assert_eq!(recalled.ended, Ended::Complete);
        assert_eq!(recalled.findings, whole.findings);
    }
}

#[test]
fn a_budget_ends_in_good_order_and_what_was_not_decided_is_unknown() {
    let mut suite = Simulated::new(500, 30, 100, Observers::None);
    let budget = Budget {
        executions: Some(900),
        time: None,
    };
    let options = Options {
        budget,
        ..options()
    };
    let detected = suite.detect(&options, &mut Answers::default());
    assert_eq!(detected.ended, Ended::OutOfBudget);
    assert!(!detected.findings.unknown.is_empty());
    assert!(detected.executions <= 1000);
}
