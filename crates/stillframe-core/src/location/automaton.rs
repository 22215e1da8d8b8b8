//! All selectors of a plan as one automaton over locations; it refuses to look at values.

use super::{Path, Selector, Slice};
use regex::Regex;
use std::collections::BTreeSet;

/// A state of the automaton.
pub type State = u32;

/// Which child an edge follows.
#[derive(Debug, Clone)]
pub enum Test {
    /// Every member and element.
    Any,
    /// The member of this name.
    Name(Box<str>),
    /// Members whose name ends so.
    Suffix(Box<str>),
    /// Members whose name matches.
    Pattern(Regex),
    /// Members that are neither named nor matched.
    Others(Box<[Box<str>]>, Box<[Regex]>),
    /// Some elements.
    Elements(Slice),
}

/// What it means to be in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// One of a rule's conditions on the location holds.
    Part(usize, Part),
    /// An entry of a list keeps rules away from the value.
    Guard(usize),
    /// The value itself decides which further states hold.
    Choice(usize),
}

/// A condition of a rule on the location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `key` or `suffix`, which are tested against the same name.
    Key = 1,
    /// See `Key`.
    Suffix = 2,
    /// `path`, or the place of an annotation.
    Path = 4,
    /// `except`, which must not hold.
    Except = 8,
}

/// One node.
#[derive(Debug, Clone, Default)]
struct Node {
    edges: Vec<(Test, State)>,
    /// States that are entered together with this one.
    free: Vec<State>,
    marks: Vec<Mark>,
}

/// A nondeterministic automaton; state 0 is the root, state 1 is entered everywhere.
#[derive(Debug, Clone)]
pub struct Automaton {
    nodes: Vec<Node>,
}

/// The document itself.
pub const ROOT: State = 0;
/// Every place.
const EVERYWHERE: State = 1;

impl Default for Automaton {
    fn default() -> Self {
        let mut this = Self {
            nodes: vec![Node::default(), Node::default()],
        };
        this.edge(EVERYWHERE, Test::Any, EVERYWHERE);
        this.free(ROOT, EVERYWHERE);
        this
    }
}

impl Automaton {
    /// A new state.
    pub fn state(&mut self) -> State {
        self.nodes.push(Node::default());
        (self.nodes.len() - 1) as State
    }

    /// Leads from one state to another over a child.
    pub fn edge(&mut self, from: State, test: Test, to: State) {
        self.nodes[from as usize].edges.push((test, to));
    }

    /// Whoever is in `from` is in `to` as well.
    pub fn free(&mut self, from: State, to: State) {
        self.nodes[from as usize].free.push(to);
    }

    /// Gives a state a meaning.
    pub fn mark(&mut self, state: State, mark: Mark) {
        self.nodes[state as usize].marks.push(mark);
    }

    /// Gives a state, and everything below it, a meaning.
    pub fn mark_below(&mut self, state: State, mark: Mark) {
        let inside = self.state();
        self.free(state, inside);
        self.edge(inside, Test::Any, inside);
        self.mark(inside, mark);
    }

    /// The state of the members that pass the test, wherever they are.
    pub fn add_member(&mut self, test: Test) -> State {
        let to = self.state();
        self.edge(EVERYWHERE, test, to);
        to
    }

    /// The state of the places a path chooses.
    pub fn add_path(&mut self, path: &Path) -> State {
        let mut from = ROOT;
        for segment in &path.segments {
            if segment.descend {
                let deep = self.state();
                self.free(from, deep);
                self.edge(deep, Test::Any, deep);
                from = deep;
            }
            if segment.selectors.is_empty() {
                continue;
            }
            let to = self.state();
            for selector in &segment.selectors {
                self.edge(from, test(selector), to);
            }
            from = to;
        }
        from
    }

    /// The states at the root.
    pub fn start(&self) -> Vec<State> {
        self.closure([ROOT].into())
    }

    /// These states and another one.
    pub fn with(&self, states: &[State], other: State) -> Vec<State> {
        self.closure(states.iter().copied().chain([other]).collect())
    }

    /// The states at the member `name` of a place with the given states.
    pub fn member(&self, states: &[State], name: &str) -> Vec<State> {
        self.step(states, |test| match test {
            Test::Any => true,
            Test::Name(wanted) => **wanted == *name,
            Test::Suffix(wanted) => name.ends_with(&**wanted),
            Test::Pattern(regex) => regex.is_match(name),
            Test::Others(names, patterns) => {
                !names.iter().any(|known| **known == *name)
                    && !patterns.iter().any(|regex| regex.is_match(name))
            }
            Test::Elements(_) => false,
        })
    }

    /// The states at an element of a place with the given states.
    pub fn element(&self, states: &[State], index: u64) -> Vec<State> {
        self.step(states, |test| match test {
            Test::Any => true,
            Test::Elements(slice) => slice.holds(index),
            _ => false,
        })
    }

    /// Whether elements of such a place differ in their states.
    pub fn index_matters(&self, states: &[State]) -> bool {
        self.edges(states).any(|(test, _)| match test {
            Test::Elements(slice) => *slice != Slice::ALL,
            _ => false,
        })
    }

    /// The marks of all these states.
    pub fn marks(&self, states: &[State]) -> impl Iterator<Item = Mark> {
        states
            .iter()
            .flat_map(|&state| self.nodes[state as usize].marks.iter().copied())
    }

    fn edges(&self, states: &[State]) -> impl Iterator<Item = &(Test, State)> {
        states
            .iter()
            .flat_map(|&state| &self.nodes[state as usize].edges)
    }

    fn step(&self, states: &[State], passes: impl Fn(&Test) -> bool) -> Vec<State> {
        let reached = self
            .edges(states)
            .filter(|edge| passes(&edge.0))
            .map(|edge| edge.1);
        self.closure(reached.collect())
    }

    fn closure(&self, mut states: BTreeSet<State>) -> Vec<State> {
        let mut open: Vec<State> = states.iter().copied().collect();
        while let Some(state) = open.pop() {
            for &next in &self.nodes[state as usize].free {
                if states.insert(next) {
                    open.push(next);
                }
            }
        }
        states.into_iter().collect()
    }
}

fn test(selector: &Selector) -> Test {
    match *selector {
        Selector::Name(ref name) => Test::Name(name.as_str().into()),
        Selector::Wildcard => Test::Any,
        // No array has more elements than this.
        Selector::Index(index) => Test::Elements(Slice::one(index.try_into().unwrap_or(i64::MAX))),
        Selector::Slice(slice) => Test::Elements(slice),
    }
}
