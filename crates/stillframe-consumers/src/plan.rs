//! What to retire, smallest verified fan-out first, cut into slices of reviewable size; a pure function of what was found, versioned, with a generated schema.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::matrix::{Matrix, Origin, Row};
use crate::name::{FixtureName, TestName};

/// The version of the document's format.
pub const FORMAT_VERSION: u32 = 1;
/// A seed is consumed by at least this part of the tests that consume anything, one in so many.
const SEED_SHARE: usize = 10;
/// By no fewer tests than these.
const SEED_CONSUMERS: usize = 3;
/// And is no larger than this.
const SEED_BYTES: u64 = 64 << 10;
/// And was changed by no more commits than this.
const SEED_CHANGES: usize = 10;

/// What to retire, in order.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "stillframe consumers plan")]
pub struct Plan {
    /// The version of this format: 1. It grows when a field is removed or changes its meaning.
    pub format_version: u32,
    /// From where the consumers are known.
    pub source: Origin,
    /// Slices, to be done in this order or in any other: none depends on another one.
    pub slices: Vec<Slice>,
    /// Fixtures under `[[keep]]`.
    pub kept: Vec<Kept>,
    /// Fixtures that may be worth keeping as a small committed seed, those with the most consumers first.
    pub seeds: Vec<Seed>,
    /// Fixtures whose consumers are not known, with the reason.
    pub not_known: BTreeMap<FixtureName, String>,
    /// How many tests are not fully known; what they consume is not in the plan.
    pub unknown_tests: usize,
}

/// Fixtures that are retired in one change.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Slice {
    /// The clusters, the smallest fan-out first.
    pub clusters: Vec<Cluster>,
    /// The tests that have to be changed.
    pub tests: BTreeSet<TestName>,
    /// The command that shows whether the slice is complete: it hides all of it and runs the suite.
    pub confirm: String,
}

/// A fixture, or several that go together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Cluster {
    /// The fixtures.
    pub fixtures: BTreeSet<FixtureName>,
    /// The tests that have to be changed.
    pub tests: BTreeSet<TestName>,
    /// Why several go together.
    pub because: BTreeSet<String>,
}

/// A fixture that stays because the definition says so.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Kept {
    /// Its name.
    pub name: FixtureName,
    /// The reason that is given.
    pub reason: String,
    /// How many tests consume it.
    pub consumers: usize,
}

/// A fixture that may be worth keeping.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Seed {
    /// Its name.
    pub name: FixtureName,
    /// How many tests consume it.
    pub consumers: usize,
    /// How large it is.
    pub facts: Facts,
}

/// What is known of a fixture besides its consumers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// Its rows; `null` where it has none, or they cannot be read.
    pub rows: Option<usize>,
    /// Its size in bytes; `null` where that is not known.
    pub bytes: Option<u64>,
    /// How many commits changed its files; `null` where that is not known.
    pub changes: Option<usize>,
}

impl Facts {
    /// Whether it is known to be small, and is not known to change often.
    fn is_small_and_calm(&self) -> bool {
        self.bytes.is_some_and(|bytes| bytes <= SEED_BYTES)
            && self.changes.is_none_or(|changes| changes <= SEED_CHANGES)
    }
}

/// Plans.
pub fn plan(
    matrix: &Matrix,
    keep: &BTreeMap<FixtureName, String>,
    facts: &BTreeMap<FixtureName, Facts>,
    most_tests: usize,
    confirm: impl Fn(&BTreeSet<&FixtureName>) -> String,
) -> Plan {
    let kept = matrix.fixtures.iter().filter_map(|row| {
        Some(Kept {
            name: row.name.clone(),
            reason: keep.get(&row.name)?.clone(),
            consumers: row.tests().len(),
        })
    });
    let free: Vec<&Row> = matrix
        .fixtures
        .iter()
        .filter(|row| row.unhidden.is_none() && !keep.contains_key(&row.name))
        .collect();
    let not_known = matrix.fixtures.iter().filter_map(|row| {
        let reason = row.unhidden.clone()?;
        Some((row.name.clone(), reason))
    });
    let mut clusters = clusters(&free, keep);
    clusters.sort_by(|one, other| {
        let key = |cluster: &Cluster| (cluster.tests.len(), cluster.fixtures.len());
        key(one)
            .cmp(&key(other))
            .then_with(|| one.fixtures.cmp(&other.fixtures))
    });
    Plan {
        format_version: FORMAT_VERSION,
        source: matrix.source,
        slices: slices(clusters, most_tests, confirm),
        kept: kept.collect(),
        seeds: seeds(matrix, &free, facts),
        not_known: not_known.collect(),
        unknown_tests: matrix.unknown.len(),
    }
}

/// Fixtures of which a test needs one go together: with the last of them the test has to be changed. Where one of them
/// stays, the others go freely.
fn clusters(free: &[&Row], keep: &BTreeMap<FixtureName, String>) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for row in free {
        let binding = row
            .joint
            .iter()
            .filter(|cell| !cell.or.iter().any(|other| keep.contains_key(other)));
        let mut cluster = Cluster {
            fixtures: BTreeSet::from([row.name.clone()]),
            tests: row.consumers.iter().map(|cell| cell.test.clone()).collect(),
            because: BTreeSet::new(),
        };
        for cell in binding {
            cluster.fixtures.extend(cell.or.iter().cloned());
            cluster.tests.insert(cell.test.clone());
            let mut set: Vec<&FixtureName> = cell.or.iter().chain([&row.name]).collect();
            set.sort();
            let set: Vec<&str> = set.iter().map(|name| name.as_str()).collect();
            cluster
                .because
                .insert(format!("{} needs one of {}", cell.test, set.join(", ")));
        }
        // Everything that shares a fixture with it becomes one with it.
        let (touching, apart) = clusters
            .into_iter()
            .partition(|other: &Cluster| !other.fixtures.is_disjoint(&cluster.fixtures));
        clusters = apart;
        for other in touching {
            cluster.fixtures.extend(other.fixtures);
            cluster.tests.extend(other.tests);
            cluster.because.extend(other.because);
        }
        clusters.push(cluster);
    }
    clusters
}

/// What needs no change of a test is one slice; the others are filled up to a number of tests. A cluster is never cut.
fn slices(
    clusters: Vec<Cluster>,
    most_tests: usize,
    confirm: impl Fn(&BTreeSet<&FixtureName>) -> String,
) -> Vec<Slice> {
    let mut slices: Vec<Vec<Cluster>> = Vec::new();
    let (unused, mut used): (Vec<Cluster>, Vec<Cluster>) = clusters
        .into_iter()
        .partition(|cluster| cluster.tests.is_empty());
    if !unused.is_empty() {
        slices.push(unused);
    }
    while !used.is_empty() {
        let mut slice = vec![used.remove(0)];
        let mut tests = slice[0].tests.clone();
        // Tests that are changed anyhow cost nothing more.
        while let Some(next) = cheapest(&used, &tests)
            && tests.union(&used[next].tests).count() <= most_tests
        {
            let cluster = used.remove(next);
            tests.extend(cluster.tests.iter().cloned());
            slice.push(cluster);
        }
        slices.push(slice);
    }
    let slices = slices.into_iter().map(|clusters| {
        let fixtures = clusters.iter().flat_map(|cluster| &cluster.fixtures);
        let tests = clusters.iter().flat_map(|cluster| &cluster.tests);
        Slice {
            confirm: confirm(&fixtures.collect()),
            tests: tests.cloned().collect(),
            clusters,
        }
    });
    slices.collect()
}

/// The one that adds the fewest tests; of several the one that shares most.
fn cheapest(clusters: &[Cluster], tests: &BTreeSet<TestName>) -> Option<usize> {
    let places = 0..clusters.len();
    places.min_by_key(|&at| {
        let own = &clusters[at].tests;
        let shared = own.intersection(tests).count();
        (own.len() - shared, std::cmp::Reverse(shared))
    })
}

fn seeds(matrix: &Matrix, free: &[&Row], facts: &BTreeMap<FixtureName, Facts>) -> Vec<Seed> {
    let consuming = matrix
        .tests
        .values()
        .filter(|uses| !uses.is_empty())
        .count();
    let least = (consuming / SEED_SHARE).max(SEED_CONSUMERS);
    let mut seeds: Vec<Seed> = free
        .iter()
        .filter_map(|row| {
            let facts = *facts.get(&row.name)?;
            let consumers = row.tests().len();
            (consumers >= least && facts.is_small_and_calm()).then(|| Seed {
                name: row.name.clone(),
                consumers,
                facts,
            })
        })
        .collect();
    seeds.sort_by(|one, other| {
        other
            .consumers
            .cmp(&one.consumers)
            .then_with(|| one.name.cmp(&other.name))
    });
    seeds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Edge, Findings, Joint};
    use crate::hiding::{Fixture, FixtureKind};
    use crate::outcome::Class;

    /// `a: t1 t2` is a fixture and its consumers; `t: a|b` a joint set.
    fn matrix(uses: &[(&str, &[&str])], joint: &[(&str, &[&str])]) -> Matrix {
        let mut findings = Findings::default();
        for (fixture, tests) in uses {
            for test in *tests {
                let edges = findings.edges.entry(TestName::from(*test)).or_default();
                let edge = Edge {
                    class: Class::Reads,
                    evidence: Vec::new(),
                };
                edges.insert(FixtureName::from(*fixture), edge);
                findings.tests.insert(TestName::from(*test));
            }
        }
        for (test, set) in joint {
            let joint = Joint {
                fixtures: set.iter().map(|name| FixtureName::from(*name)).collect(),
                evidence: Vec::new(),
            };
            let sets = findings.joint.entry(TestName::from(*test)).or_default();
            sets.push(joint);
            findings.tests.insert(TestName::from(*test));
        }
        let fixtures = uses.iter().map(|(name, _)| Fixture {
            name: FixtureName::from(*name),
            kind: FixtureKind::Table,
        });
        let fixtures: Vec<Fixture> = fixtures.collect();
        Matrix::of(&fixtures, &findings, Origin::Measured, |_, _| String::new())
    }

    /// The fixtures of each slice, clusters in brackets, and how many tests it changes.
    fn planned(matrix: &Matrix, keep: &[&str], most: usize) -> Vec<String> {
        let keep = keep
            .iter()
            .map(|name| (FixtureName::from(*name), String::new()));
        let plan = plan(matrix, &keep.collect(), &BTreeMap::new(), most, |_| {
            String::new()
        });
        let slices = plan.slices.iter().map(|slice| {
            let clusters = slice.clusters.iter().map(|cluster| {
                let names: Vec<&str> = cluster.fixtures.iter().map(FixtureName::as_str).collect();
                names.join("+")
            });
            let clusters: Vec<String> = clusters.collect();
            format!("{}: {}", clusters.join(" "), slice.tests.len())
        });
        slices.collect()
    }

    #[test]
    fn the_smallest_fan_out_comes_first_and_slices_hold_what_fits() {
        let matrix = matrix(
            &[
                ("core", &["t1", "t2", "t3", "t4", "t5"]),
                ("one", &["t1"]),
                ("other", &["t6"]),
                ("two", &["t1", "t2"]),
                ("unused", &[]),
            ],
            &[],
        );
        assert_eq!(
            planned(&matrix, &[], 2),
            ["unused: 0", "one two: 2", "other: 1", "core: 5"],
            "tests that are changed anyhow are free, and what is too large stands alone"
        );
        assert_eq!(
            planned(&matrix, &["core"], 100),
            ["unused: 0", "one two other: 3"]
        );
    }

    #[test]
    fn what_is_needed_jointly_goes_together_unless_one_of_it_stays() {
        let matrix = matrix(
            &[("a", &["t1"]), ("b", &[]), ("c", &[]), ("d", &[])],
            &[("t2", &["a", "b"]), ("t3", &["b", "c"])],
        );
        assert_eq!(planned(&matrix, &[], 9), ["d: 0", "a+b+c: 3"]);
        assert_eq!(planned(&matrix, &["b"], 9), ["c d: 0", "a: 1"]);
    }

    #[test]
    fn a_seed_is_needed_by_many_and_small_and_hardly_changed() {
        let tests = ["t1", "t2", "t3", "t4"];
        let matrix = matrix(
            &[
                ("small", &tests),
                ("large", &tests),
                ("busy", &tests),
                ("rare", &tests[..1]),
                ("dark", &tests),
            ],
            &[],
        );
        let of = |bytes, changes| Facts {
            rows: None,
            bytes: Some(bytes),
            changes: Some(changes),
        };
        let facts = [
            ("small", of(100, 1)),
            ("large", of(1 << 20, 1)),
            ("busy", of(100, 50)),
            ("rare", of(100, 1)),
            ("dark", Facts::default()),
        ];
        let facts = facts.map(|(name, facts)| (FixtureName::from(name), facts));
        let plan = plan(&matrix, &BTreeMap::new(), &facts.into(), 9, |_| {
            String::new()
        });
        let seeds: Vec<&str> = plan.seeds.iter().map(|seed| seed.name.as_str()).collect();
        assert_eq!(seeds, ["small"]);
    }
}
