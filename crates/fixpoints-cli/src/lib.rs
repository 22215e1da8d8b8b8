//! The program `fixpoints` and the types of what it prints; the work is done by the library of that name.

pub mod args;
mod clock;
mod commands;
mod exit;
mod failure;
mod invocation;
mod json;
pub mod output;
mod text;
pub mod usage;

use std::io::Write;
use std::path::PathBuf;

use args::{Cli, Command, Format, SequencesCommand};
use clock::Started;
use fixpoints::{Config, Database, DatabaseUrl, Environment, Folder, Missing, Result, Scope, Skip};
use invocation::Invocation;
use output::Output;

pub use exit::Exit;
pub use fixpoints::Operator;

/// What the program takes from its surroundings besides its arguments.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `FIXPOINTS_DB`.
    pub db: Option<String>,
    /// `FIXPOINTS_DIR`.
    pub dir: Option<PathBuf>,
    /// Whether a person or a build server runs it.
    pub operator: Operator,
    /// The columns of the terminal that stdout is; none where lines may have any length.
    pub width: Option<usize>,
    /// The columns of the terminal that stderr is.
    pub width_of_errors: Option<usize>,
    /// `FIXPOINTS_SKIP_TABLES`: tables that a restore leaves empty, and that a comparison leaves out.
    pub skip: Skip,
}

impl Surroundings {
    /// Reads the environment of this process; empty variables count as unset.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Environment { operator, skip, .. } = Environment::of_process();
        Self {
            db: text("FIXPOINTS_DB"),
            dir: text("FIXPOINTS_DIR").map(PathBuf::from),
            operator,
            width: terminal::output_width(),
            width_of_errors: terminal::error_width(),
            skip,
        }
    }
}

/// Everything a command works with.
#[derive(Debug)]
pub(crate) struct Context {
    config: Config,
    folder: Folder,
    db: Option<String>,
    operator: Operator,
    skip: Skip,
    started: Started,
}

impl Context {
    fn new(cli: &Cli, surroundings: Surroundings, started: Started) -> Result<Self> {
        let config = Config::find()?;
        let dir = cli.dir.clone().or(surroundings.dir);
        let mut folder = Folder::new(dir.unwrap_or_else(|| config.folder()));
        let db = cli.db.clone().or(surroundings.db);
        if db.is_some() {
            // A wrong name is refused even where only files are read, of which it chooses some.
            config.database(db.as_deref())?;
        }
        if let Some(database) = config.one_of_several(db.as_deref()) {
            folder = folder.of_database(database);
        }
        Ok(Self {
            config,
            folder,
            db,
            operator: surroundings.operator,
            skip: surroundings.skip,
            started,
        })
    }

    fn url(&self) -> Result<DatabaseUrl> {
        self.config.database(self.db.as_deref())
    }

    /// The database, if its rows may be replaced or kept in files.
    fn test_url(&self) -> Result<DatabaseUrl> {
        let url = self.url()?;
        self.config.allow(&url)?;
        Ok(url)
    }

    /// The same database, open.
    fn open_test(&self, url: &DatabaseUrl, missing: Missing) -> Result<Box<dyn Database>> {
        fixpoints::open_test(url, missing, &self.config)
    }

    fn scope(&self) -> Scope {
        Scope::excluding(&self.config.exclude)
            .skipping(self.skip.clone())
            .about_broken_references(self.config.broken_references)
    }
}

/// Runs a command line: data to `out`, everything else to `err`. How it ends does not depend on whether they can be
/// written: what was found was found, and what was changed was changed.
pub fn run(
    cli: &Cli,
    surroundings: Surroundings,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Exit {
    let started = Started::now();
    let look = text::Look {
        width: surroundings.width,
        width_of_errors: surroundings.width_of_errors,
        amount: match cli.quiet {
            true => text::Amount::Findings,
            false => text::Amount::Everything,
        },
    };
    let done = Context::new(cli, surroundings, started)
        .and_then(|context| dispatch(&context, &cli.command));
    let (mut output, exit) = done.unwrap_or_else(|error| {
        let failed = failure::document(cli.command.word(), &error, started.run());
        (Output::Error(Box::new(failed)), Exit::Failed)
    });
    let invocation = Invocation::new(cli);
    invocation.complete_all(&mut output);
    let printed = print((cli.output, look), &output, &invocation, out, err);
    match printed {
        // A reader that has seen enough, as `head` does, is not worth a word.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let _ = writeln!(err, "warning: not everything was printed: {error}");
        }
        _ => {}
    }
    exit
}

fn print(
    (format, look): (Format, text::Look),
    output: &Output,
    invocation: &Invocation,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> std::io::Result<()> {
    match format {
        Format::Json => json::write(output, out)?,
        Format::Text => text::write(output, invocation, look, out, err)?,
    }
    out.flush()
}

fn dispatch(context: &Context, command: &Command) -> Result<(Output, Exit)> {
    match command {
        Command::Sql(args) => commands::sql(context, args),
        Command::Store(args) => commands::store(context, args),
        Command::Restore(args) => commands::restore(context, args),
        Command::Compare(args) => commands::compare(context, args),
        Command::List => commands::list(context),
        Command::Show(args) => commands::show(context, args),
        Command::Tree => commands::tree(context),
        Command::Diff(args) => commands::diff(context, args),
        Command::Doctor => commands::doctor(context),
        Command::Rebase(args) => commands::rebase(context, args),
        Command::Accept(args) => commands::accept(context, args),
        Command::Remove(args) => commands::remove(context, args),
        Command::Import(args) => commands::import(context, args),
        Command::Sequences(args) => {
            let SequencesCommand::Reset(args) = &args.command;
            commands::reset(context, args)
        }
        Command::ExportSchemas(args) => commands::export_schemas(context, args),
        Command::Completions(args) => Ok(commands::completions(context, args)),
    }
}
