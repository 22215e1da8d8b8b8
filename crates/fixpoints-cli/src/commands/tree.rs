//! The command `tree`: which fixpoint stands on which.

use std::collections::{BTreeMap, BTreeSet};

use fixpoints::{Chain, Document, Error, FixpointName, Result};

use super::inspect::lines;
use crate::output::{FORMAT_VERSION, NodeStatus, Output, TreeNode, TreeOutput, TreeWord};
use crate::{Context, Exit};

type Family = BTreeMap<Option<String>, Vec<FixpointName>>;

/// Shows every fixpoint below the one it stands on.
pub(crate) fn tree(context: &Context) -> Result<(Output, Exit)> {
    let names = context.folder.names()?;
    let documents: BTreeMap<&FixpointName, Result<Document>> = names
        .iter()
        .map(|name| (name, context.folder.open(name)))
        .collect();
    let mut family = Family::new();
    for (name, document) in &documents {
        let parent = document
            .as_ref()
            .ok()
            .and_then(|document| document.header.parent.as_ref());
        family
            .entry(parent.map(|parent| parent.name.clone()))
            .or_default()
            .push((*name).clone());
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
        roots.push(nodes.missing(parent, &mut seen));
    }
    // What is left stands on itself; each ring is shown from its first name.
    for name in &names {
        if !seen.contains(name.as_str()) {
            roots.push(nodes.node(name, &mut seen));
        }
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

struct Nodes<'a> {
    context: &'a Context,
    documents: &'a BTreeMap<&'a FixpointName, Result<Document>>,
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
        let (status, hint) = self.status(name);
        TreeNode {
            name: name.to_string(),
            status,
            lines: self
                .documents
                .get(name)
                .and_then(|document| document.as_ref().ok())
                .map_or(0, lines),
            hint,
            children: self.below(Some(name.as_str()), seen),
        }
    }

    fn missing(&self, name: &str, seen: &mut BTreeSet<String>) -> TreeNode {
        let hint = Some(format!(
            "bring `{name}` back, or store what stands on it again without `--parent`"
        ));
        let children = self.below(Some(name), seen);
        TreeNode {
            name: name.to_owned(),
            status: NodeStatus::Missing,
            lines: 0,
            hint,
            children,
        }
    }

    /// Whether the fixpoint itself is sound; what is wrong with an ancestor is said there.
    fn status(&self, name: &FixpointName) -> (NodeStatus, Option<String>) {
        let error = match self.documents.get(name) {
            Some(Err(error)) => return (NodeStatus::Unreadable, error.hint()),
            _ => match Chain::open(&self.context.folder, name) {
                Ok(_) => return (NodeStatus::Ok, None),
                Err(error) => error,
            },
        };
        let status = match &error {
            Error::ParentMoved { child, .. } if child == name.as_str() => NodeStatus::ParentMoved,
            Error::ParentCycle { .. } => NodeStatus::Cycle,
            Error::ParentMoved { .. } | Error::ParentMissing { .. } => {
                return (NodeStatus::Ok, None);
            }
            _ => NodeStatus::Unreadable,
        };
        (status, error.hint())
    }
}

fn depth(node: &TreeNode) -> u64 {
    1 + node.children.iter().map(depth).max().unwrap_or_default()
}
