//! Which sets of fixtures have to be hidden next to know what one test needs; a pure function of what is known already.
//!
//! Hiding more is taken to change a test whenever hiding less does. With that, a run that changes nothing answers for
//! every part of what was hidden in it, and most questions are never asked. What is reported was always run: each
//! fixture that a test needs was hidden alone, and each joint set was hidden as it is.

use crate::set::FixtureSet;

/// Whether a test ended as in the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Same,
    /// It did not.
    Changed,
}

/// The answers for one test.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    same: Vec<FixtureSet>,
    changed: Vec<FixtureSet>,
}

impl Knowledge {
    /// Adds what a run with these fixtures hidden showed.
    pub fn learn(&mut self, hidden: FixtureSet, verdict: Verdict) {
        let answers = match verdict {
            Verdict::Same => &mut self.same,
            Verdict::Changed => &mut self.changed,
        };
        if !answers.contains(&hidden) {
            answers.push(hidden);
        }
    }

    /// Whether exactly this set was hidden, and what came of it.
    pub fn seen(&self, hidden: &FixtureSet) -> Option<Verdict> {
        if self.changed.contains(hidden) {
            Some(Verdict::Changed)
        } else if self.same.contains(hidden) {
            Some(Verdict::Same)
        } else {
            None
        }
    }

    /// What follows for this set from all answers.
    fn implied(&self, hidden: &FixtureSet) -> Option<Verdict> {
        if hidden.is_empty() {
            return Some(Verdict::Same);
        }
        self.seen(hidden).or_else(|| {
            if self.same.iter().any(|same| hidden.is_within(same)) {
                Some(Verdict::Same)
            } else if self.changed.iter().any(|changed| changed.is_within(hidden)) {
                Some(Verdict::Changed)
            } else {
                None
            }
        })
    }
}

/// What one test needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Each of these changes the test when it alone is hidden.
    pub alone: FixtureSet,
    /// Minimal sets of the others, of which each changes the test when all of it is hidden. They do not overlap.
    pub joint: Vec<FixtureSet>,
}

/// How far the search for one test is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// These sets are to be hidden next, in any order, none of them answered yet.
    Try(Vec<FixtureSet>),
    /// It is known what the test needs.
    Known(Use),
    /// Hiding a set changed the test, and hiding it again, or what it consists of, did not.
    Contradicted(FixtureSet),
}

/// What may be expected before anything is known of a test.
#[derive(Debug, Clone, Copy)]
pub enum Expectation<'a> {
    /// An observer saw the test read these and no others, as far as it sees.
    Observed {
        /// What it saw.
        seen: &'a FixtureSet,
        /// What it does not see.
        blind: &'a FixtureSet,
        /// How many other tests needed each fixture.
        needed: &'a [usize],
        /// How many other tests that is of.
        tests: usize,
    },
    /// Nobody watched it.
    Likely {
        /// How many other tests needed each fixture.
        needed: &'a [usize],
        /// How many other tests that is of.
        tests: usize,
    },
}

/// Decides what to try next.
pub fn decide(known: &Knowledge, fixtures: &FixtureSet, expectation: Expectation<'_>) -> Decision {
    let mut search = Search {
        known,
        wanted: Vec::new(),
    };
    match search.complete(fixtures, expectation) {
        Ok(found) => Decision::Known(found),
        Err(Open::Asked) => Decision::Try(search.wanted),
        Err(Open::Contradicted(set)) => Decision::Contradicted(set),
    }
}

/// Decides what to try next to find a smallest part of `all` that, as a whole, changes a test; nothing of it can be left out.
pub fn smallest(known: &Knowledge, all: &FixtureSet) -> Decision {
    let mut search = Search {
        known,
        wanted: Vec::new(),
    };
    match search.one_minimal(all) {
        Ok(set) => Decision::Known(Use {
            alone: FixtureSet::none(all.capacity()),
            joint: vec![set],
        }),
        Err(Open::Asked) => Decision::Try(search.wanted),
        Err(Open::Contradicted(set)) => Decision::Contradicted(set),
    }
}

/// Why there is no answer yet.
enum Open {
    /// A set is wanted.
    Asked,
    Contradicted(FixtureSet),
}

type Answer<T> = Result<T, Open>;

struct Search<'a> {
    known: &'a Knowledge,
    wanted: Vec<FixtureSet>,
}

impl Search<'_> {
    fn complete(&mut self, all: &FixtureSet, expectation: Expectation<'_>) -> Answer<Use> {
        let mut alone = match expectation {
            Expectation::Observed { seen, blind, .. } if blind.is_empty() => self.each(seen)?,
            Expectation::Observed {
                seen,
                needed,
                tests,
                ..
            } => {
                let alone = self.each(seen)?;
                self.nested(&all.without(seen), alone, all, needed, tests)?
            }
            Expectation::Likely { needed, tests } => {
                let nothing = FixtureSet::none(all.capacity());
                self.nested(all, nothing, all, needed, tests)?
            }
        };
        // One run with all the rest hidden proves that an observation was complete and that nothing is used jointly.
        let rest = all.without(&alone);
        if self.ask(&rest)? == Verdict::Same {
            return Ok(Use {
                alone,
                joint: Vec::new(),
            });
        }
        if let Expectation::Observed { seen, blind, .. } = expectation
            && blind.is_empty()
        {
            let missed = self.split(&all.without(seen), Presumed::Nothing)?;
            alone.insert_all(&missed);
        }
        let joint = self.joint(all.without(&alone))?;
        Ok(Use { alone, joint })
    }

    /// What a run with this set hidden shows; where it is not known, it is wanted.
    fn ask(&mut self, hidden: &FixtureSet) -> Answer<Verdict> {
        self.known.implied(hidden).ok_or_else(|| self.want(hidden))
    }

    /// The same, but never answered by what follows from other runs.
    fn see(&mut self, hidden: &FixtureSet) -> Answer<Verdict> {
        self.known.seen(hidden).ok_or_else(|| self.want(hidden))
    }

    fn want(&mut self, hidden: &FixtureSet) -> Open {
        if !self.wanted.contains(hidden) {
            self.wanted.push(hidden.clone());
        }
        Open::Asked
    }

    /// Those that change the test when hidden alone, each tried by itself.
    fn each(&mut self, set: &FixtureSet) -> Answer<FixtureSet> {
        let answers: Vec<_> = set
            .iter()
            .map(|one| (one, self.ask(&set.only(one))))
            .collect();
        let mut alone = FixtureSet::none(set.capacity());
        for (one, answer) in answers {
            if answer? == Verdict::Changed {
                alone.insert(one);
            }
        }
        Ok(alone)
    }

    /// The same for tests that nobody observed: what other tests need most is tried first and by itself, what they hardly
    /// need in groups that change the test about every second time.
    /// `alone` is what is known to be needed already.
    fn nested(
        &mut self,
        unknown: &FixtureSet,
        mut alone: FixtureSet,
        all: &FixtureSet,
        needed: &[usize],
        tests: usize,
    ) -> Answer<FixtureSet> {
        for group in groups(unknown, needed, tests) {
            // The last group is hidden with everything that was not needed: its answer is then the last one.
            let hidden = if group.is_last {
                all.without(&alone)
            } else {
                group.fixtures.clone()
            };
            if self.ask(&hidden)? == Verdict::Changed {
                let found = self.split(&group.fixtures, Presumed::Changed)?;
                alone.insert_all(&found);
            }
        }
        Ok(alone)
    }

    /// The same by halves: what changes nothing as a whole is not looked into.
    fn split(&mut self, set: &FixtureSet, presumed: Presumed) -> Answer<FixtureSet> {
        let nothing = || Ok(FixtureSet::none(set.capacity()));
        if set.is_empty() {
            return nothing();
        }
        if presumed == Presumed::Nothing || set.len() == 1 {
            match self.ask(set)? {
                Verdict::Same => return nothing(),
                Verdict::Changed if set.len() == 1 => return Ok(set.clone()),
                Verdict::Changed => {}
            }
        }
        let [left, right] = halves(set);
        match self.ask(&left)? {
            // Then it must be the other half, unless both are needed together; its last fixture is tried in any case.
            Verdict::Same => self.split(&right, Presumed::Changed),
            Verdict::Changed => {
                let left = self.split(&left, Presumed::Changed);
                let right = self.split(&right, Presumed::Nothing);
                Ok(left?.union(&right?))
            }
        }
    }

    /// Minimal sets that change the test only as a whole; no two of them overlap.
    fn joint(&mut self, mut rest: FixtureSet) -> Answer<Vec<FixtureSet>> {
        let mut sets = Vec::new();
        while self.ask(&rest)? == Verdict::Changed {
            let nothing = FixtureSet::none(rest.capacity());
            let set = self.minimal(&nothing, Grown::No, &rest)?;
            if set.len() < 2 || self.see(&set)? == Verdict::Same {
                return Err(Open::Contradicted(rest));
            }
            rest = rest.without(&set);
            sets.push(set);
        }
        Ok(sets)
    }

    /// A minimal part of a set, seen to change the test as it is.
    fn one_minimal(&mut self, all: &FixtureSet) -> Answer<FixtureSet> {
        if self.ask(all)? == Verdict::Same {
            return Err(Open::Contradicted(all.clone()));
        }
        // Mostly it is one alone: a half that is enough makes all further questions small.
        let mut enough = all.clone();
        while enough.len() > 1 {
            let [left, right] = halves(&enough);
            if self.ask(&left)? == Verdict::Changed {
                enough = left;
            } else if self.ask(&right)? == Verdict::Changed {
                enough = right;
            } else {
                break;
            }
        }
        let set = self.minimal(&FixtureSet::none(all.capacity()), Grown::No, &enough)?;
        match self.see(&set)? {
            Verdict::Changed => Ok(set),
            Verdict::Same => Err(Open::Contradicted(set)),
        }
    }

    /// QuickXplain (Junker 2004): a part of `set`, of which nothing can be left out, that changes the test when it is hidden
    /// together with `background`. All of `set` with the background does change it.
    fn minimal(
        &mut self,
        background: &FixtureSet,
        grown: Grown,
        set: &FixtureSet,
    ) -> Answer<FixtureSet> {
        if grown == Grown::Yes && self.ask(background)? == Verdict::Changed {
            return Ok(FixtureSet::none(set.capacity()));
        }
        if set.len() == 1 {
            return Ok(set.clone());
        }
        let [left, right] = halves(set);
        let of_right = self.minimal(&background.union(&left), Grown::Yes, &right)?;
        let grown = if of_right.is_empty() {
            Grown::No
        } else {
            Grown::Yes
        };
        let of_left = self.minimal(&background.union(&of_right), grown, &left)?;
        Ok(of_left.union(&of_right))
    }
}

/// Whether a set is taken to change the test before it is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presumed {
    Nothing,
    Changed,
}

/// Whether something was added to the background since it was last tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grown {
    Yes,
    No,
}

fn halves(set: &FixtureSet) -> [FixtureSet; 2] {
    let middle = set.len().div_ceil(2);
    let count = set.capacity();
    [
        FixtureSet::of(count, set.iter().take(middle)),
        FixtureSet::of(count, set.iter().skip(middle)),
    ]
}

struct Group {
    fixtures: FixtureSet,
    is_last: bool,
}

/// Cuts the fixtures into groups, those that others need most first. A group is as large as it can be while a test still
/// needs nothing of it with a probability of one half.
fn groups(all: &FixtureSet, needed: &[usize], tests: usize) -> Vec<Group> {
    let mut ordered: Vec<usize> = all.iter().collect();
    ordered.sort_by_key(|&one| (std::cmp::Reverse(needed[one]), one));
    let mut groups: Vec<Group> = Vec::new();
    // In parts of 1/(tests + 1), so that no two machines round differently.
    let whole = tests as u128 + 1;
    let (mut free, mut total) = (1_u128, 1_u128);
    for one in ordered {
        let spare = whole - (needed[one] as u128).min(whole - 1);
        let fits = tests == 0 || 2 * free * spare >= total * whole;
        match groups.last_mut() {
            Some(group) if fits => group.fixtures.insert(one),
            _ => {
                (free, total) = (1, 1);
                groups.push(Group {
                    fixtures: all.only(one),
                    is_last: false,
                });
            }
        }
        (free, total) = (free * spare, total * whole);
        // Only the ratio counts; keep it within its type.
        while total > 1 << 60 {
            (free, total) = (free >> 1, total >> 1);
        }
    }
    if let Some(last) = groups.last_mut() {
        last.is_last = true;
    }
    groups
}
