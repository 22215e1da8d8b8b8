//! Documents as text for people: aligned, short, and ending with the command that fixes a problem.

use std::io::{Result, Write};

use fixpoints::core::advice::Advice;
use fixpoints::core::excerpt::{excerpt, visible};
use terminal::{Line, style};

use crate::invocation::Invocation;
use crate::output::{
    Cell, ErrorOutput, ExportSchemasOutput, Finding, LeftOut, ListOutput, ListedFixpoint, Output,
    SequencesOutput, ShowOutput, SqlOutput, StoreOutput, StoreStatus, TreeNode, TreeOutput,
};

mod accept;
mod compare;
mod diff;
mod doctor;
mod import;
mod page;
mod rebase;
mod restore;
mod table;

pub(crate) use page::{Amount, Page};
use table::{Align, Columns};

/// How a text looks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Look {
    /// The columns of the terminal that `out` is.
    pub width: Option<usize>,
    /// The columns of the terminal that `err` is.
    pub width_of_errors: Option<usize>,
    pub amount: Amount,
}

/// Writes a document: data to `out`, failures to `err`.
pub(crate) fn write(
    output: &Output,
    typed: &Invocation,
    look: Look,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<()> {
    if let Output::Completions(completions) = output {
        return out.write_all(completions.script.as_bytes());
    }
    let out = &mut Page::new(out, look.width, look.amount);
    let err = &mut Page::new(err, look.width_of_errors, look.amount);
    match output {
        Output::Completions(_) => Ok(()),
        Output::Accept(found) => accept::write(found, typed, out),
        Output::Compare(compare) => {
            compare::write(compare, typed, out)?;
            skipped(
                &compare.skipped_tables,
                (compare.skipped_by, "not compared"),
                err,
            )
        }
        Output::Diff(found) => diff::write(found, typed, out),
        Output::Doctor(doctor) => doctor::write(doctor, out),
        Output::Error(error) => write_error(error, err),
        Output::ExportSchemas(schemas) => write_schemas(schemas, out),
        Output::Import(found) => import::write(found, typed, out),
        Output::List(list) => write_list(list, typed, out),
        Output::Rebase(found) => rebase::write(found, typed, out),
        Output::Remove(removed) => writeln!(out, "removed {}", removed.path),
        Output::Restore(found) => restore::write(found, out, err),
        Output::Sequences(sequences) => write_sequences(sequences, out),
        Output::Show(show) => write_show(show, out),
        Output::Sql(sql) => write_sql(sql, out),
        Output::Store(store) => write_store(store, typed, out),
        Output::Tree(tree) => write_tree(tree, out),
    }
}

fn write_error(error: &ErrorOutput, err: &mut Page<'_>) -> Result<()> {
    writeln!(err, "error: {}", visible(&error.message))?;
    for cause in &error.causes {
        writeln!(err, "  caused by: {}", visible(cause))?;
    }
    hint(error.hint.as_deref(), err)
}

fn hint(hint: Option<&str>, out: &mut Page<'_>) -> Result<()> {
    hint.map_or(Ok(()), |hint| writeln!(out, "hint: {}", visible(hint)))
}

/// Says what became of skipped tables, so that a variable left in a shell does not pass for a result.
fn skipped(tables: &[String], (variable, what): (&str, &str), err: &mut Page<'_>) -> Result<()> {
    if tables.is_empty() {
        return Ok(());
    }
    let tables = tables.join(", ");
    writeln!(
        err,
        "warning: {variable} is set, so that these were {what}: {}",
        visible(&tables)
    )
}

/// A verdict that nobody has to act upon.
fn good(verdict: String) -> Line {
    Line::new().with(style::GOOD, verdict).wrapping(2)
}

/// A verdict that somebody has to look at.
fn bad(verdict: String) -> Line {
    Line::new().with(style::BAD, verdict).wrapping(2)
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

fn write_sql(sql: &SqlOutput, out: &mut Page<'_>) -> Result<()> {
    let (statements, rows) = (
        plural(sql.statements, "statement"),
        plural(sql.rows_changed, "row"),
    );
    writeln!(
        out,
        "{}: {statements}, {rows} changed in {}",
        sql.script, sql.database
    )
}

/// What was stored, also where a comparison found nothing to compare with.
fn write_store(store: &StoreOutput, typed: &Invocation, out: &mut Page<'_>) -> Result<()> {
    let status = store_status(store.status);
    let parent = store
        .parent
        .as_ref()
        .map(|parent| format!(" on top of {}", parent.name))
        .unwrap_or_default();
    let (tables, rows) = (
        plural(store.tables_stored, "table"),
        plural(store.rows_stored, "row"),
    );
    let (path, bytes) = (&store.path, store.bytes);
    let line = Line::new()
        .with(style::GOOD, format!("{status} {path}"))
        .with(
            style::PLAIN,
            format!("{parent}: {tables}, {rows}, {bytes} bytes"),
        );
    out.line(&line.wrapping(2))?;
    if store.parent.is_some() {
        let mut columns = Columns::new(&[Align::Left, Align::Left]);
        for table in &store.tables {
            let counts = table.changes;
            if counts.inserted + counts.updated + counts.deleted > 0 {
                columns.row([table.name.clone(), compare::counts(counts)]);
            }
        }
        columns.write_aside("  ", out)?;
    }
    left_out(&store.left_out, out)?;
    warnings(&store.warnings, out)?;
    // What a warning says of a child is more than that it is stale.
    let is_said = |child: &&String| {
        let mut subjects = store.warnings.iter().map(|warning| &warning.subject);
        subjects.any(|subject| subject.as_ref() == Some(child))
    };
    let stale = store.stale_children.iter().filter(|child| !is_said(child));
    let stale: Vec<String> = stale.cloned().collect();
    stale_children(&store.fixpoint, &stale, typed, out)
}

/// What the database holds and a fixpoint of it does not.
pub(crate) fn left_out(left_out: &[LeftOut], out: &mut Page<'_>) -> Result<()> {
    let wanted = out.wants_everything();
    for LeftOut { table, reason } in left_out.iter().filter(|_| wanted) {
        writeln!(out, "  left out {}: {}", visible(table), visible(reason))?;
    }
    Ok(())
}

fn store_status(status: StoreStatus) -> &'static str {
    match status {
        StoreStatus::Created => "created",
        StoreStatus::Replaced => "replaced",
        StoreStatus::Unchanged => "unchanged",
        StoreStatus::Present => "already there",
    }
}

/// Fixpoints that stood on other bytes of this one.
fn stale_children(
    name: &str,
    children: &[String],
    typed: &Invocation,
    out: &mut Page<'_>,
) -> Result<()> {
    for child in children {
        writeln!(out, "warning: `{child}` stood on what `{name}` held before")?;
        let advice = Advice::from("run ").fixpoints(format!("rebase {child} --onto {name}"));
        hint(Some(&typed.complete(&advice)), out)?;
    }
    Ok(())
}

fn write_sequences(sequences: &SequencesOutput, out: &mut Page<'_>) -> Result<()> {
    let mut columns = Columns::new(&[Align::Left, Align::Left]);
    for sequence in &sequences.sequences {
        let place = format!("{}.{}", sequence.table, sequence.column);
        if sequence.new != Some(sequence.old) {
            let new = sequence
                .new
                .map_or_else(|| "not begun".to_owned(), |at| at.to_string());
            columns.row([place, format!("{} → {new}", sequence.old)]);
        }
    }
    columns.write_aside("", out)?;
    let (moved, all) = (
        sequences.moved,
        plural(sequences.sequences.len() as u64, "sequence"),
    );
    writeln!(out, "{moved} of {all} moved in {}", sequences.database)?;
    if sequences.free.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "left alone, because they feed no table: {}",
        visible(&sequences.free.join(", "))
    )
}

fn finding(word: &str, finding: &Finding, out: &mut Page<'_>) -> Result<()> {
    writeln!(out, "{word}: {}", visible(&finding.message))?;
    hint(finding.hint.as_deref(), out)
}

fn warnings(warnings: &[Finding], out: &mut Page<'_>) -> Result<()> {
    warnings
        .iter()
        .try_for_each(|warning| finding("warning", warning, out))
}

fn write_list(list: &ListOutput, typed: &Invocation, out: &mut Page<'_>) -> Result<()> {
    if list.fixpoints.is_empty() {
        writeln!(out, "no fixpoints in {}", list.folder)?;
        let advice = Advice::from("run ")
            .fixpoints("store NAME")
            .text(" to store the first one");
        return hint(Some(&typed.complete(&advice)), out);
    }
    let mut columns = Columns::new(&[
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Left,
    ]);
    for fixpoint in &list.fixpoints {
        let (of_last, cells) = match fixpoint {
            ListedFixpoint::Readable {
                name,
                tables,
                lines,
                bytes,
                parent,
                ..
            } => (
                style::PLAIN,
                [
                    name.clone(),
                    plural(*tables, "table"),
                    plural(*lines, if parent.is_some() { "change" } else { "row" }),
                    plural(*bytes, "byte"),
                    parent
                        .as_ref()
                        .map(|parent| format!("on {}", parent.name))
                        .unwrap_or_default(),
                ],
            ),
            ListedFixpoint::Unreadable { name, problem, .. } => (
                style::BAD,
                [
                    name.clone(),
                    String::new(),
                    String::new(),
                    String::new(),
                    problem.message.clone(),
                ],
            ),
        };
        let styles = [
            style::NAME,
            style::PLAIN,
            style::PLAIN,
            style::PLAIN,
            of_last,
        ];
        columns.styled_row(styles.into_iter().zip(cells));
    }
    columns.write("", out)
}

fn write_show(show: &ShowOutput, out: &mut Page<'_>) -> Result<()> {
    writeln!(
        out,
        "{}: {}, {} bytes",
        show.fixpoint, show.engine, show.bytes
    )?;
    if !show.ancestors.is_empty() {
        writeln!(out, "stands on {}", show.ancestors.join(", then "))?;
    }
    for table in &show.tables {
        let key = if table.key.is_empty() {
            "no key".to_owned()
        } else {
            format!("key {}", table.key.join(", "))
        };
        let changes = table
            .changes
            .map(|changes| format!(", {}", compare::counts(changes)))
            .unwrap_or_default();
        let sequence = show
            .sequences
            .get(&table.name)
            .map(|at| format!(", sequence at {at}"))
            .unwrap_or_default();
        writeln!(out)?;
        let rows = plural(table.rows, "row");
        let head = Line::new()
            .with(style::NAME, &table.name)
            .with(style::PLAIN, format!(" ({key}): {rows}{changes}{sequence}"));
        out.line(&head.wrapping(2))?;
        let mut columns = Columns::new(&vec![Align::Left; table.columns.len()]);
        if let Some(rows) = &table.data {
            let names = table.columns.iter().map(|column| column.name.clone());
            columns.styled_row(names.map(|name| (style::NAME, name)));
            rows.iter()
                .for_each(|row| columns.row(row.values().map(cell)));
        } else {
            columns = Columns::new(&[Align::Left, Align::Left]);
            table
                .columns
                .iter()
                .for_each(|column| columns.row([column.name.clone(), column.kind.clone()]));
        }
        columns.write("  ", out)?;
    }
    Ok(())
}

/// A value as in a fixpoint file, as far as it can be looked at.
fn cell(cell: &Cell) -> String {
    excerpt(&whole(cell))
}

fn whole(cell: &Cell) -> String {
    serde_json::to_string(cell).unwrap_or_default()
}

fn write_tree(tree: &TreeOutput, out: &mut Page<'_>) -> Result<()> {
    if tree.roots.is_empty() {
        return writeln!(out, "no fixpoints in {}", tree.folder);
    }
    tree.roots
        .iter()
        .try_for_each(|root| node(root, "", "", out))
}

fn node(node_: &TreeNode, own: &str, below: &str, out: &mut Page<'_>) -> Result<()> {
    use crate::output::NodeStatus;
    let problem = node_.problem.as_deref().unwrap_or_default();
    let status = match node_.status {
        NodeStatus::Ok => String::new(),
        NodeStatus::Missing => "  (missing)".to_owned(),
        NodeStatus::ParentMoved => "  (its parent changed)".to_owned(),
        NodeStatus::Unreadable => "  (unreadable)".to_owned(),
        NodeStatus::Cycle => "  (stands on itself)".to_owned(),
        NodeStatus::Blocked => format!("  ({problem})"),
    };
    let line = Line::plain(own)
        .with(style::NAME, &node_.name)
        .with(style::WARNING, status);
    out.line(&line)?;
    if node_.status == NodeStatus::Unreadable {
        out.line(&Line::plain(format!("{below}  {problem}")))?;
    }
    if let Some(advice) = &node_.hint {
        let line = Line::plain(format!("{below}  "));
        out.line(&line.and(Line::message(&format!("hint: {advice}"))))?;
    }
    let last = node_.children.len().saturating_sub(1);
    for (at, child) in node_.children.iter().enumerate() {
        let (own, more) = if at == last {
            ("└── ", "    ")
        } else {
            ("├── ", "│   ")
        };
        node(
            child,
            &format!("{below}{own}"),
            &format!("{below}{more}"),
            out,
        )?;
    }
    Ok(())
}

fn write_schemas(schemas: &ExportSchemasOutput, out: &mut Page<'_>) -> Result<()> {
    writeln!(
        out,
        "{} in {}",
        plural(schemas.schemas.len() as u64, "schema"),
        schemas.folder
    )
}
