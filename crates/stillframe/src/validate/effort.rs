//! Counts how often a validator follows a reference, and ends it at a bound; it keeps no time, so that every machine ends at the same step.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use jsonschema::{Keyword, ValidationError, ValidationOptions};
use serde_json::{Map, Value};
use stillframe_core::schema::STEP;

/// As many references as may be followed to say whether a small document is valid.
const VERDICT: Allowance = Allowance {
    any: 1 << 20,
    each: 1 << 8,
};
/// As many to say why it is not. Each of them may be a reason, and is held in memory.
const REASONS: Allowance = Allowance {
    any: 1 << 15,
    each: 1 << 6,
};
/// As many as are looked at to say where a validator was lost.
const SAMPLE: usize = 1 << 16;

/// What may be spent on a document.
struct Allowance {
    any: u64,
    /// As much again for each value in it.
    each: u64,
}

impl Allowance {
    fn on(&self, document: &Value) -> u64 {
        self.any + self.each * values(document)
    }
}

thread_local! {
    /// How many references this thread may still follow. A keyword is given a value and nothing else.
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
    /// The references that were followed, by target and address of the value, while a sample is taken.
    static SAMPLED: RefCell<Option<Vec<(String, usize)>>> = const { RefCell::new(None) };
}

/// Ends a validator from within one of its keywords.
struct Exhausted;

/// The validator follows no reference without counting it.
pub(super) fn counting(options: ValidationOptions<'_>) -> ValidationOptions<'_> {
    options.with_keyword(STEP, |_: &Map<String, Value>, place: &Value, _| {
        let target = place.as_str().unwrap_or_default().to_owned();
        Ok(Box::new(Step { target }) as Box<dyn for<'i> Keyword<'i>>)
    })
}

/// Whether a document is valid, as `judge` says; nothing where it does not come to an end.
pub(super) fn verdict<T>(document: &Value, judge: impl FnOnce() -> T) -> Option<T> {
    within(VERDICT.on(document), judge)
}

/// Why a document is not valid, as `explain` says; nothing where there are too many reasons.
pub(super) fn reasons<T>(document: &Value, explain: impl FnOnce() -> T) -> Option<T> {
    within(REASONS.on(document), explain)
}

/// The reference that a validator followed most often for one value, and the address of that value.
pub(super) fn busiest(judge: impl FnOnce()) -> Option<(String, usize)> {
    let before = SAMPLED.replace(Some(Vec::new()));
    // With nothing left, every step asks what to do.
    within(0, judge);
    let sample = SAMPLED.replace(before).unwrap_or_default();
    let mut counts: BTreeMap<(String, usize), (usize, usize)> = BTreeMap::new();
    for (index, step) in sample.into_iter().enumerate() {
        // The first of those that are met equally often: addresses are different in every run.
        let count = counts.entry(step).or_insert((0, usize::MAX - index));
        count.0 += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map(|(step, _)| step)
}

fn within<T>(most: u64, work: impl FnOnce() -> T) -> Option<T> {
    let before = LEFT.replace(most);
    // A validator cannot be told to stop; it holds nothing that outlives it.
    let done = catch_unwind(AssertUnwindSafe(work));
    LEFT.set(before);
    match done {
        Ok(done) => Some(done),
        Err(end) if end.is::<Exhausted>() => None,
        Err(panic) => resume_unwind(panic),
    }
}

/// One reference.
struct Step {
    target: String,
}

impl<'i> Keyword<'i> for Step {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        self.is_valid(instance);
        Ok(())
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        match LEFT.get() {
            0 => self.sample(instance),
            left => LEFT.set(left - 1),
        }
        true
    }
}

impl Step {
    #[cold]
    fn sample(&self, instance: &Value) {
        let is_sampled = SAMPLED.with_borrow_mut(|sampled| {
            let sampled = sampled.as_mut().filter(|sampled| sampled.len() < SAMPLE);
            sampled.map(|sampled| sampled.push((self.target.clone(), address(instance))))
        });
        if is_sampled.is_none() {
            // Not a panic: no hook is called, and nothing is printed.
            resume_unwind(Box::new(Exhausted));
        }
    }
}

pub(super) fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

fn values(document: &Value) -> u64 {
    1 + match document {
        Value::Array(list) => list.iter().map(values).sum(),
        Value::Object(members) => members.values().map(values).sum(),
        _ => 0,
    }
}
