//! What holds for every database: states come back, changes compose, bytes repeat, a comparison says exactly what is.

use fixpoints::{Chain, CompareOptions, Comparison};
use proptest::prelude::*;

use super::acts::{Act, Rules, Single, Wreck, singles, wrecks};
use super::oracle::{Snapshot, expected, said};
use super::rows::{self, Dialect, State, states};
use super::{Menu, Schema, Table, schemas};

/// A database of one engine, and its fixpoints.
pub trait World: Dialect {
    /// Makes the schema in an empty database.
    fn create(&self, schema: &Schema);
    /// Runs statements with triggers and foreign keys off.
    fn run(&self, statements: &[String]);
    /// Runs what the constraints allow of some statements, with triggers off.
    fn dare(&self, statements: &[String], rules: Rules);
    /// Reads everything.
    fn read(&self, schema: &Schema) -> Snapshot;
    /// The statement that moves one of the sequences, where there is one.
    fn moving(&self, schema: &Schema, pick: usize, to: u16) -> Option<String>;
    /// What fixpoints call a table.
    fn called(&self, table: &Table) -> String;

    fn store(&self, fixpoint: &str, parent: Option<&str>);
    fn restore(&self, fixpoint: &str);
    /// Restores in a transaction of the caller, which is then committed.
    fn restore_within(&self, fixpoint: &str);
    fn compare(&self, fixpoint: &str) -> Comparison;
    fn chain(&self, fixpoint: &str) -> Chain;
    fn text(&self, fixpoint: &str) -> String;
}

/// So many cases, unless `PROPTEST_CASES` says otherwise.
pub fn cases(cases: u32) -> ProptestConfig {
    let set = ProptestConfig::default();
    let is_set = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if is_set { set.cases } else { cases },
        failure_persistence: None,
        ..set
    }
}

/// Two states, and what happens to a database that is in the second.
#[derive(Clone)]
pub struct Story {
    schema: Schema,
    before: State,
    after: State,
    wrecks: [Wreck; 2],
}

/// A case that failed is shown on few lines.
impl std::fmt::Debug for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (before, after) = (&self.before, &self.after);
        write!(
            f,
            "{:?}\n{before:?}\n{after:?}\n{:?}",
            self.schema, self.wrecks
        )
    }
}

pub fn stories(menu: &'static Menu) -> impl Strategy<Value = Story> {
    let parts = (schemas(menu), states(), states(), [wrecks(), wrecks()]);
    parts.prop_map(|(schema, before, after, wrecks)| Story {
        schema,
        before,
        after,
        wrecks,
    })
}

fn bring(world: &impl World, schema: &Schema, state: &State) -> Snapshot {
    world.run(&rows::fill(world, schema, state));
    let moves = state.moves.iter();
    let moves = moves.filter_map(|&(pick, to)| world.moving(schema, pick, to));
    world.run(&moves.collect::<Vec<_>>());
    world.read(schema)
}

fn wreck(world: &impl World, schema: &Schema, wreck: &Wreck) -> Snapshot {
    let statement = |act: &Act| match act {
        Act::Move(pick, to) => world.moving(schema, *pick, *to),
        other => other.statement(world, schema),
    };
    let statements: Vec<String> = wreck.acts.iter().filter_map(statement).collect();
    world.dare(&statements, wreck.rules);
    world.read(schema)
}

fn stored_twice(
    world: &impl World,
    name: &str,
    parent: Option<&str>,
) -> Result<String, TestCaseError> {
    world.store(name, parent);
    let text = world.text(name);
    world.store(name, parent);
    prop_assert_eq!(&text, &world.text(name));
    Ok(text)
}

fn compares(
    world: &impl World,
    schema: &Schema,
    name: &str,
    before: &Snapshot,
    after: &Snapshot,
) -> Result<(), TestCaseError> {
    let expected = expected(schema, |table| world.called(table), before, after);
    let comparison = world.compare(name);
    prop_assert_eq!(said(&comparison), &expected[..]);
    prop_assert_eq!(comparison.is_equal(), expected.is_empty());
    Ok(())
}

/// Two fixpoints, without a database.
fn differs(world: &impl World, old: &str, new: &str) -> Comparison {
    let (old, new) = (world.chain(old), world.chain(new));
    let difference = fixpoints::diff(&old, &new, &CompareOptions::default()).unwrap();
    assert!(difference.drifts.is_empty());
    Comparison {
        tables: difference.tables,
        sequences: difference.sequences,
        uncovered: [difference.only_old, difference.only_new].concat(),
        skipped: Vec::new(),
        left_out: Vec::new(),
        omissions: Vec::new(),
    }
}

fn restores(
    world: &impl World,
    schema: &Schema,
    name: &str,
    state: &Snapshot,
) -> Result<(), TestCaseError> {
    world.restore(name);
    is(world, schema, name, state)
}

fn is(
    world: &impl World,
    schema: &Schema,
    name: &str,
    state: &Snapshot,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(&world.read(schema), state);
    prop_assert!(world.compare(name).is_equal());
    Ok(())
}

/// Store, wreck, restore; a child on its parent is the second state; the same state has the same bytes.
pub fn states_come_back(world: &impl World, story: &Story) -> Result<(), TestCaseError> {
    let schema = &story.schema;
    world.create(schema);
    let before = bring(world, schema, &story.before);
    let base = stored_twice(world, "base", None)?;
    compares(world, schema, "base", &before, &before)?;

    let after = bring(world, schema, &story.after);
    let child = stored_twice(world, "child", Some("base"))?;
    world.store("full", None);
    prop_assert!(differs(world, "child", "full").is_equal());
    let changes = expected(schema, |table| world.called(table), &before, &after);
    prop_assert_eq!(said(&differs(world, "base", "child")), changes);
    compares(world, schema, "base", &before, &after)?;

    let wrecked = wreck(world, schema, &story.wrecks[0]);
    compares(world, schema, "base", &before, &wrecked)?;
    compares(world, schema, "child", &after, &wrecked)?;
    restores(world, schema, "base", &before)?;
    prop_assert_eq!(stored_twice(world, "again", None)?, base);
    restores(world, schema, "child", &after)?;
    prop_assert_eq!(stored_twice(world, "child", Some("base"))?, child);
    wreck(world, schema, &story.wrecks[1]);
    world.restore_within("child");
    is(world, schema, "child", &after)
}

/// A state, and one change of it.
#[derive(Clone)]
pub struct Step {
    schema: Schema,
    state: State,
    table: usize,
    single: Single,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (table, single) = (&self.table, &self.single);
        write!(
            f,
            "{:?}\n{:?}\n{table}: {single:?}",
            self.schema, self.state
        )
    }
}

pub fn steps(menu: &'static Menu) -> impl Strategy<Value = Step> {
    let parts = (schemas(menu), states(), any::<usize>(), singles());
    parts.prop_map(|(schema, state, table, single)| Step {
        schema,
        state,
        table,
        single,
    })
}

/// After a single change a comparison names exactly that change.
pub fn one_change_is_one_difference(world: &impl World, step: &Step) -> Result<(), TestCaseError> {
    let (schema, single) = (&step.schema, &step.single);
    world.create(schema);
    let before = bring(world, schema, &step.state);
    world.store("base", None);
    let at = step.table % schema.tables.len();
    let keys = rows::keys(schema, &step.state, at);
    let mut attempts = single.attempts(world, schema, at, &keys);
    if let Single::Move(pick, to) = single {
        attempts.extend(world.moving(schema, *pick, *to).map(|sql| vec![sql]));
    }
    let mut after = before.clone();
    for statements in attempts {
        world.run(&statements);
        after = world.read(schema);
        if after != before {
            break;
        }
    }
    let expected = expected(schema, |table| world.called(table), &before, &after);
    let signs: String = expected.iter().map(|line| &line[..1]).collect();
    // SQLite moves the counter of a table with its rows.
    let signs = if matches!(single, Single::Move(..)) {
        signs
    } else {
        signs.replace('#', "")
    };
    let may_be_none = !matches!(single, Single::Insert(_));
    prop_assert!(
        (may_be_none && signs.is_empty()) || single.shapes().contains(&signs.as_str()),
        "{:?}: {:?}",
        single,
        expected
    );
    compares(world, schema, "base", &before, &after)?;
    restores(world, schema, "base", &before)
}
