//! What can be typed; it reads nothing but the command line.

use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

/// Save, restore and compare the state of a test database as reviewable YAML
#[derive(Debug, Parser)]
#[command(name = "fixpoints", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 equal, healthy or done, 1 different, in conflict or doctor warns, 2 doctor critical or usage, 3 failed.\n\nThe configuration is the nearest fixpoints.toml, in this folder or above it, up to the one that holds .git; its paths begin there.\n\nWith FIXPOINTS_SKIP_TABLES=a,b `restore` leaves these tables, and what depends on them, empty, and `compare` leaves them out."
)]
pub struct Cli {
    /// Name the database, as in sqlite:test.db, or one configured in fixpoints.toml [env: FIXPOINTS_DB]
    #[arg(long, global = true, value_name = "URL")]
    pub db: Option<String>,
    /// Name the folder of fixpoints [env: FIXPOINTS_DIR] [default: fixpoints]
    #[arg(long, global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Choose what is printed
    #[arg(long, global = true, value_enum, default_value_t)]
    pub output: Format,
    /// Use colours; NO_COLOR and CLICOLOR_FORCE count too
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Print only findings and the verdict
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people
    #[default]
    Text,
    /// One JSON document, whatever the outcome
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a script of SQL against the database
    Sql(SqlArgs),
    /// Store the state of the database as a fixpoint
    Store(StoreArgs),
    /// Bring the database back to a fixpoint
    Restore(RestoreArgs),
    /// Compare the database with a fixpoint
    Compare(CompareArgs),
    /// List the fixpoints
    List,
    /// Show what a fixpoint holds
    Show(ShowArgs),
    /// Show which fixpoint stands on which
    Tree,
    /// Compare two fixpoints
    Diff(DiffArgs),
    /// Put a fixpoint onto a changed parent, or onto another one
    Rebase(RebaseArgs),
    /// Sign a fixpoint that was edited or merged by hand, and show what changed
    Accept(AcceptArgs),
    /// Remove a fixpoint that nothing stands on
    Remove(RemoveArgs),
    /// Take over fixpoints of the Ruby gem, or a folder of one YAML file per table
    Import(ImportArgs),
    /// Work on the sequences of the database
    Sequences(SequencesArgs),
    /// Look for what is wrong or could be better
    Doctor,
    /// Write the JSON Schemas of everything `--output json` prints
    ExportSchemas(ExportSchemasArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// Arguments of `sql`.
#[derive(Debug, Args)]
pub struct SqlArgs {
    /// The script; one transaction, unless a line of it begins with BEGIN, PRAGMA or the like
    pub file: PathBuf,
}

/// Arguments of `store`.
#[derive(Debug, Args)]
pub struct StoreArgs {
    /// The name of the fixpoint, as in `base` or `orders/paid`
    pub name: String,
    /// Store only what differs from this fixpoint
    #[arg(long, value_name = "NAME")]
    pub parent: Option<String>,
    /// Do nothing when the fixpoint exists
    #[arg(long)]
    pub if_missing: bool,
    /// Leave out a table; may be repeated
    #[arg(long, value_name = "TABLE")]
    pub exclude_table: Vec<String>,
    /// Replace rows by none, and rows of another kind of database
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The name of the fixpoint
    pub name: String,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The name of the fixpoint
    pub name: String,
    /// Leave out a column, in every table or in one; may be repeated
    #[arg(long, value_name = "COLUMN|TABLE.COLUMN")]
    pub ignore: Vec<String>,
    /// Compare only this table; may be repeated
    #[arg(long, value_name = "TABLE")]
    pub table: Vec<String>,
    /// Leave out a table; may be repeated
    #[arg(long, value_name = "TABLE")]
    pub exclude_table: Vec<String>,
    /// Show at most this many rows of each table, all with 0; JSON has them all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Store the state when the fixpoint is missing, and exit with 1
    #[arg(long)]
    pub or_store: bool,
    /// With --or-store: store only what differs from this fixpoint
    #[arg(long, value_name = "NAME", requires = "or_store")]
    pub parent: Option<String>,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The name of the fixpoint
    pub name: String,
    /// Show only this table; may be repeated
    #[arg(long, value_name = "TABLE")]
    pub table: Vec<String>,
    /// Show the rows too, parents included
    #[arg(long)]
    pub rows: bool,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The name of the first fixpoint
    pub old: String,
    /// The name of the second fixpoint
    pub new: String,
    /// Leave out a column, in every table or in one; may be repeated
    #[arg(long, value_name = "COLUMN|TABLE.COLUMN")]
    pub ignore: Vec<String>,
    /// Compare only this table; may be repeated
    #[arg(long, value_name = "TABLE")]
    pub table: Vec<String>,
    /// Leave out a table; may be repeated
    #[arg(long, value_name = "TABLE")]
    pub exclude_table: Vec<String>,
    /// Show at most this many rows of each table, all with 0; JSON has them all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}

/// Arguments of `rebase`.
#[derive(Debug, Args)]
pub struct RebaseArgs {
    /// The name of the fixpoint
    pub child: String,
    /// The fixpoint it is to stand on
    #[arg(long, value_name = "NAME")]
    pub onto: String,
    /// Settle conflicts in favour of one side; without it nothing is written where there are any
    #[arg(long, value_name = "SIDE", value_enum)]
    pub prefer: Option<Side>,
}

/// A side of a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// The fixpoint that is rebased
    Child,
    /// The fixpoint it is to stand on
    Parent,
}

/// Arguments of `accept`.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// The name of the fixpoint
    pub name: String,
    /// Show at most this many rows of each table, all with 0; JSON has them all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}

/// Arguments of `remove`.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// The name of the fixpoint
    pub name: String,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The files or folders; all of them are imported, or nothing is written
    #[arg(value_name = "FILE|DIR", required = true)]
    pub sources: Vec<PathBuf>,
    /// Name the fixpoint; without it the file or folder does
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Name the file that maps names to tables and columns [default: mapping.yml in DIR]
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
}

/// Arguments of `sequences`.
#[derive(Debug, Args)]
pub struct SequencesArgs {
    /// What to do with them
    #[command(subcommand)]
    pub command: SequencesCommand,
}

/// What to do with sequences.
#[derive(Debug, Subcommand)]
pub enum SequencesCommand {
    /// Put each sequence right behind the highest key of its table
    Reset(ResetArgs),
}

/// Arguments of `sequences reset`.
#[derive(Debug, Args)]
pub struct ResetArgs {
    /// Only the sequences of this table; may be repeated
    #[arg(long, value_name = "TABLE")]
    pub table: Vec<String>,
}

/// Arguments of `export-schemas`.
#[derive(Debug, Args)]
pub struct ExportSchemasArgs {
    /// The folder to write them into
    pub folder: PathBuf,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

impl Command {
    /// The word a person typed for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Sql(_) => "sql",
            Self::Store(_) => "store",
            Self::Restore(_) => "restore",
            Self::Compare(_) => "compare",
            Self::List => "list",
            Self::Show(_) => "show",
            Self::Tree => "tree",
            Self::Diff(_) => "diff",
            Self::Rebase(_) => "rebase",
            Self::Accept(_) => "accept",
            Self::Remove(_) => "remove",
            Self::Import(_) => "import",
            Self::Sequences(_) => "sequences",
            Self::Doctor => "doctor",
            Self::ExportSchemas(_) => "export-schemas",
            Self::Completions(_) => "completions",
        }
    }
}
