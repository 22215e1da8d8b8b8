//! Paths that documents name: each exists, as far as it is one of this repository and not of a reader's.

use std::path::Path;

use stillframe_core::config::Paths;

use crate::Audience;
use crate::markdown::Document;

/// Folders that every build or run makes anew.
const NEVER_COMMITTED: &[&str] = &["target"];

/// What is named and does not exist.
pub fn check(root: &Path, audience: Audience, document: &Document) -> Vec<String> {
    let mut findings = Vec::new();
    for (line, target) in document.links() {
        if !link_exists(root, &document.path, &target) {
            findings.push(format!(
                "{}:{line}: the link leads nowhere: {target}",
                document.path
            ));
        }
    }
    for (line, span) in document.spans() {
        if let Some(path) = path_in(root, audience, &span)
            && !root.join(path).exists()
        {
            findings.push(format!("{}:{line}: no such path: `{span}`", document.path));
        }
    }
    findings
}

fn link_exists(root: &Path, from: &str, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    if target.starts_with("https://") || path.is_empty() {
        return true;
    }
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    root.join(folder).join(path).exists()
}

/// The part of a code span that must exist in this repository: up to the first placeholder.
fn path_in<'a>(root: &Path, audience: Audience, span: &'a str) -> Option<&'a str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "./_-<>*".contains(c);
    if !span.contains('/') || !span.chars().all(plain) {
        return None;
    }
    let first = span.split('/').next().unwrap_or_default();
    if first.is_empty() || first == "~" || NEVER_COMMITTED.contains(&first) {
        return None;
    }
    let theirs = Paths::default()
        .named()
        .iter()
        .any(|(_, path)| *path == first)
        || span == ".github/workflows/stillframe.yml"
        || !root.join(first).exists();
    if audience == Audience::Users && theirs {
        return None;
    }
    Some(before_placeholder(span))
}

/// `scenarios/COMMAND/NAME.json` → `scenarios`
fn before_placeholder(span: &str) -> &str {
    let mut end = 0;
    for part in span.split_inclusive('/') {
        let stem = part
            .trim_end_matches('/')
            .split('.')
            .next()
            .unwrap_or_default();
        let letters = stem.chars().any(|c| c.is_ascii_alphabetic());
        let capitals = letters && !stem.chars().any(|c| c.is_ascii_lowercase());
        if part.contains(['<', '*']) || (capitals && end > 0) {
            break;
        }
        end += part.len();
    }
    &span[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository;

    #[track_caller]
    fn findings(audience: Audience, text: &str) -> usize {
        let document = Document {
            path: "docs/x.md".into(),
            text: text.to_owned(),
        };
        check(&repository(), audience, &document).len()
    }

    #[test]
    fn a_path_that_is_gone_is_found() {
        use Audience::{Contributors, Users};
        assert_eq!(findings(Contributors, "`crates/gone/src`"), 1);
        assert_eq!(findings(Contributors, "`gone/lib.rs`"), 1);
        assert_eq!(findings(Contributors, "[a](../gone.md)"), 1);
        assert_eq!(findings(Users, "`crates/gone/src`"), 1);
    }

    #[test]
    fn what_is_no_path_of_ours_is_left_alone() {
        use Audience::{Contributors, Users};
        assert_eq!(
            findings(Users, "`pocs/02-busy/poc.toml`, `data/seed.sql`"),
            0
        );
        assert_eq!(findings(Contributors, "`target/gone`, `a b/c`, `$.a/b`"), 0);
        assert_eq!(
            findings(Contributors, "`crates/<name>/src`, `xtask/*.rs`"),
            0
        );
        assert_eq!(findings(Contributors, "[a](../README.md#part), [b](#c)"), 0);
    }
}
