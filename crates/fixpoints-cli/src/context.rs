//! What a command works with: what was typed, the environment and the configuration; it opens a database only when asked.

use std::path::PathBuf;

use fixpoints::{
    Chain, Config, Database, Environment, Folder, Hiding, Location, Missing, Operator,
    RestoreReport, Result, Scope, Skip,
};

use crate::args::Cli;
use crate::clock::Started;
use crate::invocation::Invocation;

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
    /// `FIXPOINTS_HIDE_PLAN`: tables that are hidden from the running test.
    pub hiding: Hiding,
}

impl Surroundings {
    /// Reads the environment of this process; empty variables count as unset.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Environment {
            operator,
            skip,
            hiding,
            ..
        } = Environment::of_process();
        Self {
            db: text("FIXPOINTS_DB"),
            dir: text("FIXPOINTS_DIR").map(PathBuf::from),
            operator,
            width: terminal::output_width(),
            width_of_errors: terminal::error_width(),
            skip,
            hiding,
        }
    }
}

/// Everything a command works with.
#[derive(Debug)]
pub(crate) struct Context {
    pub config: Config,
    pub folder: Folder,
    db: Option<String>,
    pub operator: Operator,
    skip: Skip,
    hiding: Hiding,
    pub started: Started,
    /// What was typed, for the commands in hints.
    pub typed: Invocation,
}

impl Context {
    pub fn new(cli: &Cli, surroundings: Surroundings, started: Started) -> Result<Self> {
        let mut config = Config::find()?;
        let dir = cli.dir.clone().or(surroundings.dir);
        let mut folder = Folder::new(dir.clone().unwrap_or_else(|| config.folder()));
        // A path that was typed begins in the current folder, one of the configuration in the project.
        config.dir = dir
            .and_then(|dir| std::path::absolute(dir).ok())
            .or(config.dir);
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
            hiding: surroundings.hiding,
            started,
            typed: Invocation::new(cli),
        })
    }

    pub fn url(&self) -> Result<Location> {
        self.config.database(self.db.as_deref())
    }

    /// The database, if its rows may be replaced or kept in files.
    pub fn test_url(&self) -> Result<Location> {
        let url = self.url()?;
        self.config.allow(&url)?;
        Ok(url)
    }

    /// The same database, open.
    pub fn open_test(&self, url: &Location, missing: Missing) -> Result<Box<dyn Database>> {
        self.config.open_test(url, missing)
    }

    /// What is covered, without what is skipped for the running test.
    pub fn scope(&self) -> Result<Scope> {
        Ok(self.scope_skipping(self.hiding.skip(&self.skip)?))
    }

    /// Restores without what is skipped for the running test.
    pub fn restore(&self, database: &mut dyn Database, chain: &Chain) -> Result<RestoreReport> {
        self.hiding.restore(chain, &self.skip, |skip| {
            fixpoints::restore(database, chain, &self.scope_skipping(skip))
        })
    }

    /// The variable that tables are skipped by.
    pub fn skipped_by(&self) -> &'static str {
        match self.hiding.plan {
            Some(_) => Hiding::PLAN,
            None => Skip::TABLES,
        }
    }

    fn scope_skipping(&self, skip: Skip) -> Scope {
        self.config.scope(self.db.as_deref()).skipping(skip)
    }

    /// The database that was chosen, as it was typed.
    pub fn chosen(&self) -> Option<&str> {
        self.db.as_deref()
    }

    /// Columns that comparisons leave out.
    pub fn ignored(&self) -> Vec<String> {
        self.config.ignored(self.db.as_deref())
    }
}
