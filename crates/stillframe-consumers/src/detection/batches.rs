//! Arranges what tests want to be tried into as few runs as can be.

use std::collections::BTreeMap;

use crate::name::TestName;
use crate::record::Company;
use crate::set::FixtureSet;
use crate::suite::Abilities;

/// One run: some tests, what is hidden from all of them, and what from each besides.
pub(super) struct Batch {
    pub(super) company: Company,
    pub(super) hidden: FixtureSet,
    pub(super) tests: BTreeMap<TestName, FixtureSet>,
}

/// Arranges them; the runs with most tests come first.
pub(super) fn arrange(
    wanted: Vec<(TestName, Company, Vec<FixtureSet>)>,
    abilities: &Abilities,
) -> Vec<Batch> {
    let mut layers: BTreeMap<(Company, FixtureSet), Vec<BTreeMap<TestName, FixtureSet>>> =
        BTreeMap::new();
    for (test, company, sets) in wanted {
        for set in sets {
            let own = set.shared(&abilities.per_test);
            let common = set.without(&own);
            let runs = layers.entry((company, common)).or_default();
            // One run gives one answer for a test. One that needs others may need those whose fixtures are hidden in the same
            // run, so it shares no run in which tests have something of their own hidden.
            let shares = |run: &&mut BTreeMap<TestName, FixtureSet>| {
                !run.contains_key(&test)
                    && (company == Company::Selection
                        || (own.is_empty() && run.values().all(FixtureSet::is_empty)))
            };
            match runs.iter_mut().find(shares) {
                Some(run) => {
                    run.insert(test.clone(), own);
                }
                None => runs.push(BTreeMap::from([(test.clone(), own)])),
            }
        }
    }
    let mut batches: Vec<Batch> = layers
        .into_iter()
        .flat_map(|((company, hidden), runs)| {
            runs.into_iter().map(move |tests| Batch {
                company,
                hidden: hidden.clone(),
                tests,
            })
        })
        .collect();
    batches.sort_by_key(|batch| std::cmp::Reverse(batch.tests.len()));
    batches
}
