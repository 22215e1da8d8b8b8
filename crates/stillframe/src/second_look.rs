//! Runs a POC with a new or changed fixture once more, elsewhere and later, and says what varies; two runs that differ are a verdict, never a second chance.

mod later;
mod settings;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use stillframe_core::compare::Committed;
use stillframe_core::config::Config;
use stillframe_core::json;
use stillframe_core::poc::{Capture, Poc};
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::varies::{
    Apart, Cause, OTHER_MEMBERS, Offer, Place, Renamed, Variation, merged, offers,
    variations_knowing,
};

use crate::capture::{self, Look, PocRun, Session};
use crate::freeze::{self, Frozen};
use crate::process;
use crate::progress::Progress;
use crate::rulebook::Rulebook;
use crate::sandbox::Cleaner;

use trial::Trial;

/// So much lies between the two runs of a POC at least, so that a clock of seconds shows another one.
const APART: Duration = Duration::from_millis(1100);

/// How often a POC with a new or changed fixture is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Looks {
    /// Twice, and what varies is reported.
    #[default]
    Twice,
    /// Twice, and what varies is covered by the rules that are offered.
    FixVarying,
    /// Once.
    Once,
}

/// A POC that is looked at twice, with what both runs gave.
pub(crate) struct Looked<'a> {
    pub poc: &'a Poc,
    pub first: &'a PocRun,
    pub second: &'a PocRun,
}

/// What the second look found.
#[derive(Debug, Default)]
pub struct Seen {
    /// One finding for each place that varies, and advice.
    pub problems: Vec<Problem>,
    /// Rules that cover what varies, as TOML, in the order in which they were found.
    pub rules: Vec<String>,
    /// Rules that cover the day on which a fixture was made, by the fixture's path.
    pub of_the_day: BTreeMap<String, Vec<String>>,
    /// How many POCs were run twice.
    pub pocs: usize,
}

/// Whether something of a POC is not as committed, so that it has been seen only once.
pub fn is_news(frozen: &Frozen, committed: &Committed) -> bool {
    let recorded = |path: &String| {
        committed
            .lock
            .as_ref()
            .and_then(|lock| lock.fixtures.get(path))
    };
    frozen.fixtures.iter().any(|fixture| {
        let now = &fixture.entry;
        // What was published counts, whatever became of the file since.
        recorded(&now.path).is_none_or(|was| was.blake3 != now.blake3 || was.exit != now.exit)
    })
}

/// Runs these POCs once more, one after the other, and holds both runs side by side; no rule is offered that would change
/// a fixture of another POC.
pub fn look(
    session: &Session<'_>,
    config: &Config,
    rulebook: &Rulebook,
    pocs: &[(&Poc, &PocRun)],
    unchanged: &[(&Poc, &Frozen)],
    looks: Looks,
    progress: &Progress,
) -> Seen {
    if pocs.is_empty() {
        return Seen::default();
    }
    progress.looking_again(pocs.len());
    wait(APART);
    let cleaner = Cleaner::start();
    let mut seconds = Vec::new();
    for (poc, _) in pocs {
        if process::cancelled() {
            return Seen::default();
        }
        seconds.push(capture::run(session, poc, Look::Second, &cleaner));
    }
    if process::cancelled() {
        return Seen::default();
    }
    let both = pocs.iter().zip(&seconds);
    let looked: Vec<Looked<'_>> = both
        .map(|((poc, first), second)| Looked { poc, first, second })
        .collect();
    let mut seen = judge(config, rulebook, &looked, unchanged, looks);
    seen.pocs = looked.len();
    later::look(
        session.workspace,
        config,
        rulebook,
        &looked,
        unchanged,
        looks,
        &mut seen,
    );
    seen
}

fn wait(time: Duration) {
    let end = Instant::now() + time;
    while !process::cancelled() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What varies between the runs of one fixture.
struct Varying<'a> {
    poc: &'a Poc,
    step: usize,
    path: String,
    found: Vec<Variation>,
}

/// The rules of a configuration, and these, which were tried before.
pub fn with_rules(config: &Config, rulebook: &Rulebook, rules: &[String]) -> Option<Rulebook> {
    let mut config = config.clone();
    for rule in rules {
        config.normalize.rule.extend(trial::parsed(rule)?);
    }
    rulebook.with_normalize(&config)
}

fn judge(
    config: &Config,
    rulebook: &Rulebook,
    looked: &[Looked<'_>],
    unchanged: &[(&Poc, &Frozen)],
    looks: Looks,
) -> Seen {
    let mut seen = Seen::default();
    let mut varying = Vec::new();
    for one in looked {
        seen.problems.extend(other_endings(one));
        varying.extend(varying_fixtures(rulebook, one));
        seen.problems.extend(settings::maybe(rulebook, one));
    }
    let all = merged(varying.iter().flat_map(|one| one.found.iter().cloned()));
    let offers = offers_for(config, &all, &varying, Apart::Runs);
    let trial = Trial::new(config, rulebook, looked, unchanged);
    let covered = cover(trial, &offers, &mut seen.rules);
    let preserved = preserved(config, rulebook, looked, &offers, &covered);
    // As findings are printed, so that a rule stands with the first place that it covers.
    varying.sort_by(|one, other| one.path.cmp(&other.path));
    let mut shown = BTreeSet::new();
    for one in &varying {
        let uncovered = |variation: &&Variation| {
            looks != Looks::FixVarying || !covered.contains_key(&variation.place)
        };
        let found: Vec<&Variation> = one.found.iter().filter(uncovered).collect();
        for alike in together(&found, &covered) {
            let cover = covered.get(&alike[0].place);
            let finding = finding(one, &alike, cover, &preserved, &mut shown);
            seen.problems.push(finding);
        }
    }
    seen
}

/// Each place by itself; where very many have the same rule, they are one finding.
fn together<'v>(
    found: &[&'v Variation],
    covered: &BTreeMap<Place, Cover>,
) -> Vec<Vec<&'v Variation>> {
    let rule = |variation: &Variation| covered.get(&variation.place).map(|cover| &cover.rule);
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for rule in found.iter().filter_map(|variation| rule(variation)) {
        *counts.entry(rule).or_default() += 1;
    }
    let mut groups: Vec<Vec<&Variation>> = Vec::new();
    for &variation in found {
        let many = rule(variation).filter(|rule| counts[rule] > MANY);
        let group = groups
            .iter_mut()
            .find(|group| many.is_some() && rule(group[0]) == many);
        match group {
            Some(group) => group.push(variation),
            None => groups.push(vec![variation]),
        }
    }
    groups
}

/// The captures of a POC whose fixtures are not the same in both runs.
fn varying_fixtures<'a>(rulebook: &Rulebook, looked: &Looked<'a>) -> Vec<Varying<'a>> {
    let first = freeze::freeze(rulebook, looked.poc, looked.first);
    let second = freeze::freeze(rulebook, looked.poc, looked.second);
    let mut found = Vec::new();
    for (step, capture) in looked.poc.captures() {
        let path = capture.path.to_string();
        let variations = between(capture, &first, &second);
        if !variations.is_empty() {
            let (poc, step) = (looked.poc, step.number);
            found.push(Varying {
                poc,
                step,
                path,
                found: variations,
            });
        }
    }
    found
}

/// What differs between two runs' fixtures of one capture.
pub(crate) fn between(capture: &Capture, first: &Frozen, second: &Frozen) -> Vec<Variation> {
    between_knowing(&Renamed::default(), capture, first, second)
}

/// As [`between`], where some objects are known whose members have other names in each run.
fn between_knowing(
    renamed: &Renamed,
    capture: &Capture,
    first: &Frozen,
    second: &Frozen,
) -> Vec<Variation> {
    let path = capture.path.to_string();
    let (Some(one), Some(two)) = (bytes_of(first, &path), bytes_of(second, &path)) else {
        return Vec::new();
    };
    if one == two {
        return Vec::new();
    }
    let (Ok(first), Ok(second)) = (
        json::parse(capture.framing, one),
        json::parse(capture.framing, two),
    ) else {
        return Vec::new();
    };
    let found = variations_knowing(renamed, first.node(), second.node());
    if found.is_empty() {
        return vec![Variation {
            place: Place {
                pattern: "$".to_owned(),
                of: String::new(),
                key: None,
            },
            first: "one order of keys or spelling of numbers".to_owned(),
            second: "another".to_owned(),
            cause: Cause::Structure("the values are the same, and are printed differently"),
        }];
    }
    found
}

/// What a capture's fixture holds.
fn bytes_of<'a>(frozen: &'a Frozen, path: &str) -> Option<&'a [u8]> {
    let mut fixtures = frozen.fixtures.iter();
    let found = fixtures.find(|fixture| fixture.entry.path == path);
    found.map(|fixture| fixture.bytes.as_slice())
}

/// Captures that ended otherwise the second time, or did not end at all.
fn other_endings(looked: &Looked<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let fix = "let the program print and end the same in every run; `--once` skips the second look";
    for (step, capture) in looked.poc.captures() {
        let exit = |run: &PocRun| {
            run.outputs
                .iter()
                .find(|output| output.step == step.number)
                .map(|output| output.exit)
        };
        if let (Some(first), Some(second)) = (exit(looked.first), exit(looked.second))
            && first != second
        {
            let problem = Problem::new(Kind::Varies, capture.path.to_string(), fix);
            let words = format!("exit code {first} in one run, {second} in the other");
            problems.push(problem.at(&looked.poc.id, Some(step.number)).detail(words));
        }
    }
    for failed in &looked.second.problems {
        if looked.first.problems.contains(failed) {
            continue;
        }
        let mut problem = Problem::new(Kind::Varies, failed.subject.clone(), fix);
        problem.place = failed.place.clone();
        problem = problem.detail("the first run went well, the second one did not:");
        problem.details.extend(failed.details.iter().cloned());
        problems.push(problem);
    }
    problems
}

/// The rule that covers a place, and what stands there.
struct Cover {
    rule: String,
    words: String,
}

/// Rules that might help, each with a name that no rule of the configuration has.
fn offers_for(
    config: &Config,
    variations: &[Variation],
    varying: &[Varying<'_>],
    apart: Apart,
) -> Vec<Offer> {
    let mut fixtures: BTreeMap<Place, BTreeSet<String>> = BTreeMap::new();
    for one in varying {
        for variation in &one.found {
            let named = fixtures.entry(variation.place.clone()).or_default();
            named.insert(one.path.clone());
        }
    }
    let rules = config.normalize.rule.iter();
    let taken = rules.map(|rule| rule.name.clone()).collect();
    let timestamp = &config.normalize.timestamp;
    offers(variations, &taken, timestamp, &fixtures, apart)
}

/// Tries the rules that might help, and keeps those that do. What one rule evens out may be what another one waits for,
/// so those that failed are tried again, and in the end each place by itself.
fn cover(
    mut trial: Trial<'_>,
    offers: &[Offer],
    rules: &mut Vec<String>,
) -> BTreeMap<Place, Cover> {
    let mut covered = BTreeMap::new();
    let mut open: Vec<&Offer> = offers.iter().collect();
    loop {
        let before = open.len();
        open.retain(|offer| {
            let mut tried = offer.rules.iter();
            let Some(rule) = tried.find(|rule| trial.works(rule, &offer.places)) else {
                return true;
            };
            trial.keep(rule, &offer.places);
            rules.push(rule.clone());
            for place in offer.places.keys() {
                let (rule, words) = (rule.clone(), offer.words.clone());
                covered.insert(place.clone(), Cover { rule, words });
            }
            false
        });
        if open.len() < before {
            continue;
        }
        if open.iter().all(|offer| offer.instead.is_empty()) {
            return covered;
        }
        open = open.into_iter().flat_map(one_by_one).collect();
    }
}

/// The offers for each place of one, or the one.
fn one_by_one(offer: &Offer) -> Vec<&Offer> {
    if offer.instead.is_empty() {
        vec![offer]
    } else {
        offer.instead.iter().collect()
    }
}

/// Places that a rule would cover if `preserve` did not keep it away.
fn preserved(
    config: &Config,
    rulebook: &Rulebook,
    looked: &[Looked<'_>],
    offers: &[Offer],
    covered: &BTreeMap<Place, Cover>,
) -> BTreeSet<Place> {
    let open = |offer: &&Offer| !offer.places.keys().all(|place| covered.contains_key(place));
    let mut without = config.clone();
    without.normalize.preserve = Vec::new();
    if config.normalize.preserve.is_empty() || !offers.iter().any(|offer| open(&offer)) {
        return BTreeSet::new();
    }
    let trial = Trial::new(&without, rulebook, looked, &[]);
    // A rule that works where no other was kept before it is not kept away by `preserve`.
    let preserving = Trial::new(config, rulebook, looked, &[]);
    offers
        .iter()
        .flat_map(|offer| std::iter::once(offer).chain(&offer.instead))
        .filter(open)
        .filter(|offer| {
            offer.rules.iter().any(|rule| {
                trial.works(rule, &offer.places) && !preserving.works(rule, &offer.places)
            })
        })
        .flat_map(|offer| offer.places.keys().cloned())
        .collect()
}

/// More places than this with the same rule are one finding.
const MANY: usize = 8;

fn finding(
    one: &Varying<'_>,
    alike: &[&Variation],
    cover: Option<&Cover>,
    preserved: &BTreeSet<Place>,
    shown: &mut BTreeSet<String>,
) -> Problem {
    let Variation {
        place,
        first,
        second,
        cause,
    } = alike[0];
    let fix = match cover {
        Some(_) => "run `stillframe regen --fix-varying`, or add the rule to stillframe.toml",
        None if preserved.contains(place) => {
            "let the program print the same in every run, or take the place out of `preserve`"
        }
        None => "let the program print the same in every run, or write a rule",
    };
    let what = format!("{place}: {first} in one run, {second} in the other");
    let mut problem = Problem::new(Kind::Varies, one.path.clone(), fix)
        .at(&one.poc.id, Some(one.step))
        .detail(match cover {
            Some(cover) => format!("{what} ({})", cover.words),
            None => what,
        });
    if alike.len() > 1 {
        let more = alike.len() - 1;
        problem = problem.detail(format!("and {more} other places, with the same rule"));
    }
    match (cover, cause) {
        (Some(cover), _) if shown.insert(cover.rule.clone()) => {
            problem.rule = Some(cover.rule.clone());
        }
        (Some(_), _) => problem = problem.detail("the rule above covers it"),
        (None, Cause::Structure(words)) => {
            problem = problem.detail(format!("no rule is offered: {words}"));
        }
        (None, _) if preserved.contains(place) => {
            problem = problem
                .detail("no rule is offered: `preserve` of stillframe.toml keeps every rule away");
        }
        (None, Cause::Names(_)) => {
            problem = problem.detail(format!("no rule is offered: {OTHER_MEMBERS}"));
        }
        (None, _) => {
            let words = "no rule is offered: none that was tried makes both runs equal and changes nothing else";
            problem = problem.detail(words);
        }
    }
    problem
}
