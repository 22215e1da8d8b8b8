//! The command `tree`: which fixpoint stands on which.

use std::collections::{BTreeMap, BTreeSet};

use fixpoints::core::names::shown as shown_path;
use fixpoints::{Chain, Document, Error, FixpointName, Folder, Result};

use super::parts::path;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure;
use crate::output::{FORMAT_VERSION, NodeStatus, Output, Problem, TreeNode, TreeOutput, TreeWord};

type Family = BTreeMap<Option<String>, Vec<FixpointName>>;

/// Shows every fixpoint below the one it stands on.
pub(crate) fn tree(context: &Context) -> Result<(Output, Exit)> {
    let names = context.folder.own_names()?;
    // Files are closed again: there may be more than a program may have open.
    let read = |name| {
        context
            .folder
            .open(name)
            .map(|document| Read::of(&document))
    };
    let documents: BTreeMap<&FixpointName, Result<Read>> =
        names.iter().map(|name| (name, read(name))).collect();
    let mut family = Family::new();
    for (name, document) in &documents {
        let parent = document.as_ref().ok().and_then(|read| read.parent.clone());
        family.entry(parent).or_default().push((*name).clone());
    }
    let nodes = Nodes {
        context,
        documents: &documents,
        family: &family,
    };
    let mut seen = BTreeSet::new();
    let mut roots: Vec<TreeNode> = nodes.below(None, &mut seen);
    let known: BTreeSet<String> = names.iter().map(ToString::to_string).collect();
    for parent in family
        .keys()
        .flatten()
        .filter(|parent| !known.contains(*parent))
    {
        roots.push(match FixpointName::parse(parent) {
            // A fixpoint of another database.
            Ok(name) if context.folder.exists(&name)? => nodes.node(&name, &mut seen),
            _ => nodes.missing(parent, &mut seen),
        });
    }
    // What is left stands on itself; each ring is shown from its first name.
    for name in &names {
        if !seen.contains(name.as_str()) {
            roots.push(nodes.node(name, &mut seen));
        }
    }
    for (name, path) in context.folder.links()? {
        let verdict = nodes.of(NodeStatus::Unreadable, &Folder::linked(&path));
        roots.push(verdict.node(name, 0, Vec::new()));
    }
    roots.sort_by(|a, b| a.name.cmp(&b.name));
    let output = TreeOutput {
        command: TreeWord,
        format_version: FORMAT_VERSION,
        folder: context.folder.shown(),
        fixpoints: names.len() as u64,
        depth: roots.iter().map(depth).max().unwrap_or_default(),
        roots,
        run: context.started.run(),
    };
    Ok((Output::Tree(output), Exit::Success))
}

/// What a node tells of a file.
struct Read {
    /// What is no name is nobody's, and said of the child.
    parent: Option<String>,
    lines: u64,
}

impl Read {
    fn of(document: &Document) -> Self {
        let parent = document.header.parent.as_ref().map(|parent| &parent.name);
        Self {
            parent: parent
                .filter(|name| FixpointName::parse(name).is_ok())
                .cloned(),
            lines: document.all_lines(),
        }
    }
}

struct Nodes<'a> {
    context: &'a Context,
    documents: &'a BTreeMap<&'a FixpointName, Result<Read>>,
    family: &'a Family,
}

impl Nodes<'_> {
    fn below(&self, parent: Option<&str>, seen: &mut BTreeSet<String>) -> Vec<TreeNode> {
        let children = self
            .family
            .get(&parent.map(str::to_owned))
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut nodes = Vec::new();
        for child in children {
            if !seen.contains(child.as_str()) {
                nodes.push(self.node(child, seen));
            }
        }
        nodes
    }

    fn node(&self, name: &FixpointName, seen: &mut BTreeSet<String>) -> TreeNode {
        seen.insert(name.to_string());
        let verdict = self.verdict(name);
        let document = self.documents.get(name);
        let lines = document
            .and_then(|document| document.as_ref().ok())
            .map_or(0, |read| read.lines);
        verdict.node(
            name.to_string(),
            lines,
            self.below(Some(name.as_str()), seen),
        )
    }

    fn missing(&self, name: &str, seen: &mut BTreeSet<String>) -> TreeNode {
        let folder = self.context.folder.shown();
        TreeNode {
            name: name.to_owned(),
            status: NodeStatus::Missing,
            lines: 0,
            problem: Some(format!("it does not exist in {folder}")),
            hint: Some(fixpoints::core::error::missing_parent_hint(&folder, name)),
            children: self.below(Some(name), seen),
        }
    }

    /// Whether the fixpoint can be restored; of what it stands on only the name is said, the rest is said there.
    fn verdict(&self, name: &FixpointName) -> Verdict {
        let error = match self.documents.get(name) {
            Some(Err(error)) => return self.of(NodeStatus::Unreadable, error),
            _ => match Chain::open(&self.context.folder, name) {
                Ok(_) => return Verdict::SOUND,
                Err(error) => error,
            },
        };
        let own = name.as_str();
        match &error {
            Error::ParentMoved { child, .. } if child == own => {
                self.of(NodeStatus::ParentMoved, &error)
            }
            Error::ParentCycle { name } if name == own => self.of(NodeStatus::Cycle, &error),
            Error::ParentMoved { child, .. } => Verdict::blocked(child, "whose parent changed"),
            Error::ParentMissing { parent, .. } => Verdict::blocked(parent, "which does not exist"),
            Error::ParentCycle { name } => Verdict::blocked(name, "which stands on itself"),
            _ => match self.culprit(name, &error) {
                Some(other) => Verdict::blocked(other.as_str(), "which cannot be read"),
                None => self.of(NodeStatus::Unreadable, &error),
            },
        }
    }

    fn of(&self, status: NodeStatus, error: &Error) -> Verdict {
        let Problem { message, hint, .. } = failure::problem(error, &self.context.typed);
        Verdict {
            status,
            problem: Some(message),
            hint,
        }
    }

    /// The other fixpoint whose file an error is about.
    fn culprit(&self, name: &FixpointName, error: &Error) -> Option<&FixpointName> {
        let place = match error {
            Error::Corrupt { path, .. }
            | Error::Unsigned { path, .. }
            | Error::UnsupportedFormat { path, .. } => path.clone(),
            Error::Io { path, .. } => shown_path(path),
            _ => return None,
        };
        let mut others = self.documents.keys().filter(|other| **other != name);
        others
            .find(|other| path(self.context, other) == place)
            .copied()
    }
}

/// What is to be said of one fixpoint.
struct Verdict {
    status: NodeStatus,
    problem: Option<String>,
    hint: Option<String>,
}

impl Verdict {
    const SOUND: Self = Self {
        status: NodeStatus::Ok,
        problem: None,
        hint: None,
    };

    fn node(self, name: String, lines: u64, children: Vec<TreeNode>) -> TreeNode {
        TreeNode {
            name,
            status: self.status,
            lines,
            problem: self.problem,
            hint: self.hint,
            children,
        }
    }

    fn blocked(other: &str, what: &str) -> Self {
        Self {
            status: NodeStatus::Blocked,
            problem: Some(format!("it stands on `{other}`, {what}")),
            hint: None,
        }
    }
}

fn depth(node: &TreeNode) -> u64 {
    1 + node.children.iter().map(depth).max().unwrap_or_default()
}
