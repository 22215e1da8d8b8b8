//! `poc new`: a POC from one command line; it runs nothing, and copies only what it is asked to.

use std::io::Write;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use stillframe_core::config::{CONFIG_NAME, Target};
use stillframe_core::normalize::Framing;
use stillframe_core::poc::{MANIFEST_NAME, Poc, check_id, plain_name};
use stillframe_core::problem::{Kind, Problem};
use stillframe_core::variable;

use super::{Ending, Options, shown};
use crate::disk::{self, ItemKind};
use crate::exit_code::ExitCode;
use crate::git;
use crate::inside;
use crate::workspace::{Workspace, load_pocs};

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct NewPoc {
    /// The folder below the POC folder; a path from the project's root will do as well.
    pub name: String,
    /// What it shows; made up from the arguments when not set.
    pub summary: Option<String>,
    /// Files and folders that are copied into it, from the current folder.
    pub copy: Vec<PathBuf>,
    /// What the step runs.
    pub program: Program,
    /// One document, or one a line.
    pub framing: Framing,
    /// The words of the command line, without the name of a target.
    pub args: Vec<String>,
}

/// What a step runs.
#[derive(Debug, Clone, Default)]
pub enum Program {
    /// The target, or the one that the words begin with.
    #[default]
    Target,
    /// One of `[targets]`.
    Named(String),
    /// Any program; the words begin with it.
    Any,
}

/// Runs `poc new`.
pub fn new(options: &Options, wanted: &NewPoc, out: &mut dyn Write) -> Result<ExitCode> {
    let finish = |problems, ending, out: &mut dyn Write| {
        options.finish("poc new", None, problems, ending, out)
    };
    let workspace = match options.load_without_values() {
        Ok(workspace) => workspace,
        Err(problems) => return finish(problems, Ending::default(), out),
    };
    let poc = match NewFolder::plan(&workspace, wanted) {
        Ok(poc) => poc,
        Err(problem) => {
            let problem = problem.detail("nothing was written");
            return finish(vec![problem], Ending::default(), out);
        }
    };
    let mut news = Vec::new();
    for seed in &poc.seeds {
        copy(seed)?;
        news.push(format!("copied {}", shown(&seed.to)));
    }
    disk::create_folder(&poc.folder)?;
    let manifest = poc.folder.join(MANIFEST_NAME);
    disk::create(&manifest, poc.text.as_bytes())?;
    news.push(format!("wrote {}", shown(&manifest)));
    news.extend(poc.notes);
    let fixture = workspace
        .root
        .join(&workspace.config.paths.fixtures)
        .join(&poc.fixture);
    let ending = Ending {
        news,
        hint: Some(format!(
            "run `stillframe regen --poc {}`, look at {}, and commit both",
            quoted(&poc.id),
            shown(&fixture)
        )),
        ..Ending::default()
    };
    finish(Vec::new(), ending, out)
}

/// A POC that can be written.
struct NewFolder {
    id: String,
    folder: PathBuf,
    text: String,
    fixture: String,
    seeds: Vec<Seed>,
    notes: Vec<String>,
}

/// One file to copy.
struct Seed {
    from: PathBuf,
    to: PathBuf,
}

impl NewFolder {
    fn plan(workspace: &Workspace, wanted: &NewPoc) -> Result<NewFolder, Problem> {
        let pocs = &workspace.config.paths.pocs;
        let id = id(pocs, &wanted.name)?;
        let folder = folder(workspace, &id)?;
        let Typed {
            target,
            args,
            mut notes,
        } = Typed::of(workspace, wanted)?;
        let text = manifest(workspace, &id, wanted, target, &args);
        let poc = Poc::parse(&id, &text).map_err(|errors| {
            let words = errors.into_iter().map(|error| error.message);
            config("the arguments", correction(&args)).lines(words.collect::<Vec<_>>().join("\n"))
        })?;
        let fixture = free_fixture(workspace, &poc)?;
        let seeds = seeds(&folder, &wanted.copy)?;
        notes.extend(unread(&args));
        notes.extend(left_behind(&folder, &args, &seeds));
        Ok(NewFolder {
            id,
            folder,
            text,
            fixture,
            seeds,
            notes,
        })
    }
}

fn config(subject: impl Into<String>, fix: impl Into<String>) -> Problem {
    Problem::new(Kind::Config, subject, fix)
}

/// The folder below the POC folder, which a shell's completion writes in front.
fn id(pocs: &str, name: &str) -> Result<String, Problem> {
    let trimmed = name.trim_end_matches('/');
    let trimmed = trimmed.strip_prefix("./").unwrap_or(trimmed);
    let below = trimmed
        .strip_prefix(pocs)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(trimmed);
    check_id(below).map_err(|reason| {
        config(
            "NAME",
            format!("name a folder below {pocs}, such as lint or 01-basics/lint"),
        )
        .detail(reason)
    })?;
    Ok(below.to_owned())
}

/// Where it goes, if no POC is there, above it or below it.
fn folder(workspace: &Workspace, id: &str) -> Result<PathBuf, Problem> {
    let pocs = &workspace.config.paths.pocs;
    let subject = format!("{pocs}/{id}");
    let taken = |manifest: &str, what: &str| {
        let fix = format!("edit {manifest}, or choose another name");
        config(subject.clone(), fix).detail(what)
    };
    let name = format!("{subject}/{MANIFEST_NAME}");
    let path = inside::below(&workspace.root, &name).map_err(|obstacle| {
        config(&*subject, "choose another name").detail(obstacle.to_string())
    })?;
    if path.symlink_metadata().is_ok() {
        return Err(taken(&name, "the POC exists already"));
    }
    for (end, _) in id.match_indices('/') {
        let outer = format!("{pocs}/{}/{MANIFEST_NAME}", &id[..end]);
        if workspace.root.join(&outer).symlink_metadata().is_ok() {
            return Err(taken(&outer, "it would lie inside another POC"));
        }
    }
    let folder = workspace.root.join(&subject);
    let items = disk::list(&folder)
        .map_err(|error| config(&*subject, "choose another name").detail(format!("{error:#}")))?;
    let mut inner = items.iter().map(|item| &item.name);
    match inner.find(|name| name.ends_with(&format!("/{MANIFEST_NAME}"))) {
        Some(inner) => Err(taken(
            &format!("{subject}/{inner}"),
            "another POC lies inside it",
        )),
        None => Ok(folder),
    }
}

/// What a command line means.
struct Typed<'a> {
    /// The target, where it is not the one of `[target]`.
    target: Option<&'a str>,
    /// The arguments without the target's own name, which is easily typed in front of them.
    args: Vec<String>,
    notes: Vec<String>,
}

impl<'a> Typed<'a> {
    fn of(workspace: &'a Workspace, wanted: &NewPoc) -> Result<Typed<'a>, Problem> {
        match &wanted.program {
            Program::Target => Ok(Typed::of_the_target(workspace, &wanted.args)),
            Program::Named(name) => Typed::of_one_target(workspace, name, &wanted.args),
            Program::Any if wanted.args.is_empty() => {
                let fix = "write the program and its arguments, as in `--exec -- jq . data.json`";
                Err(config("--exec", fix).detail("no program follows `--`"))
            }
            Program::Any => Ok(Typed {
                target: None,
                args: wanted.args.clone(),
                notes: Vec::new(),
            }),
        }
    }

    fn of_one_target(
        workspace: &'a Workspace,
        name: &str,
        args: &[String],
    ) -> Result<Typed<'a>, Problem> {
        let targets = &workspace.config.targets;
        let Some((name, target)) = targets.get_key_value(name) else {
            let names: Vec<&str> = targets.keys().map(String::as_str).collect();
            let fix = match names.as_slice() {
                [] => format!("add [targets.NAME] to {CONFIG_NAME}, or leave the flag out"),
                names => format!("name one of them: {}", names.join(", ")),
            };
            let problem = config(format!("--target {name}"), fix);
            return Err(problem.detail(format!("{CONFIG_NAME} has no [targets.{name}]")));
        };
        Ok(
            Typed::of_program(Some(name), target, args).unwrap_or_else(|| Typed {
                target: Some(name),
                args: args.to_vec(),
                notes: Vec::new(),
            }),
        )
    }

    /// The command line of a target, if it begins with the target's own name.
    fn of_program(name: Option<&'a str>, target: &Target, args: &[String]) -> Option<Typed<'a>> {
        let (first, rest) = args.split_first()?;
        (target.name() == first).then(|| Typed {
            target: name,
            args: rest.to_vec(),
            notes: vec![format!(
                "`{first}` is the target itself; the step holds its arguments"
            )],
        })
    }

    fn of_the_target(workspace: &'a Workspace, args: &[String]) -> Typed<'a> {
        let mut programs = workspace.config.programs();
        if let Some(typed) =
            programs.find_map(|(name, target)| Typed::of_program(name, target, args))
        {
            return typed;
        }
        let mut named = workspace.config.targets.keys();
        let target = match (&workspace.config.target, named.next()) {
            (None, first) => first.map(String::as_str),
            (Some(_), _) => None,
        };
        let others: Vec<&str> = named.map(String::as_str).collect();
        let note = target.filter(|_| !others.is_empty()).map(|target| {
            let others = others.join(", ");
            format!("the step runs `{target}`; for another target: --target ({others})")
        });
        Typed {
            target,
            args: args.to_vec(),
            notes: note.into_iter().collect(),
        }
    }
}

fn manifest(
    workspace: &Workspace,
    id: &str,
    wanted: &NewPoc,
    target: Option<&str>,
    args: &[String],
) -> String {
    let name = plain_name(id.rsplit('/').next().unwrap_or(id));
    let summary = wanted.summary.clone().unwrap_or_else(|| match args {
        [] => "What the program prints without arguments".to_owned(),
        _ => format!("What `{}` prints", args.join(" ")),
    });
    let fixtures = &workspace.config.paths.fixtures;
    let target = target.map_or(String::new(), |target| format!("target = {target:?}\n"));
    let key = match wanted.program {
        Program::Any => "exec",
        Program::Target | Program::Named(_) => "run",
    };
    let (ending, stdout) = match wanted.framing {
        Framing::Json => ("json", ""),
        Framing::Ndjson => ("ndjson", "stdout = \"ndjson\"\n"),
    };
    format!(
        "summary = {}\n\n[[step]]\ncapture = {} # → {fixtures}/{name}/{name}.{ending}\n{target}{key} = {}\n{stdout}",
        toml::Value::from(summary),
        toml::Value::from(name),
        toml::Value::from(args.to_vec()),
    )
}

/// The path of its fixture, if no other POC writes it.
fn free_fixture(workspace: &Workspace, poc: &Poc) -> Result<String, Problem> {
    let name = &workspace.config.paths.pocs;
    // What is wrong with other POCs is for `regen` to report.
    let (others, _) = load_pocs(&workspace.root.join(name), name);
    let mine = poc
        .captures()
        .map(|(_, capture)| capture.path.clone())
        .next();
    let mine = mine.expect("the manifest has one capture");
    let writes = |other: &Poc| {
        let paths = other.captures().map(|(_, capture)| capture.path.folded());
        paths.into_iter().any(|path| path == mine.folded())
    };
    match others.iter().find(|other| writes(other)) {
        Some(other) => Err(config(
            format!("{name}/{}", poc.id),
            format!(
                "choose another name, or add a step to {name}/{}/{MANIFEST_NAME}",
                other.id
            ),
        )
        .detail(format!("{name}/{} writes {mine} already", other.id))),
        None => Ok(mine.to_string()),
    }
}

/// Every file that `--copy` names, with its place in the POC. What git ignores stays behind, as a fresh clone lacks it.
fn seeds(folder: &Path, copy: &[PathBuf]) -> Result<Vec<Seed>, Problem> {
    let mut seeds = Vec::new();
    for path in copy {
        let found = files_of(folder, path).map_err(|reason| {
            let fix = "name a file or folder of this project";
            config(format!("--copy {}", path.display()), fix).detail(reason)
        })?;
        seeds.extend(found);
    }
    let is_taken = |seed: &&Seed| seed.to == folder.join(MANIFEST_NAME) || seed.to.exists();
    match seeds.iter().find(is_taken) {
        Some(seed) => Err(config(shown(&seed.to), "move it away, or copy less")
            .detail(format!("{} would be copied there", seed.from.display()))),
        None => Ok(seeds),
    }
}

fn files_of(folder: &Path, path: &Path) -> Result<Vec<Seed>, String> {
    let inner = inner_path(path).ok_or("it has no name of its own")?;
    let to = folder.join(inner);
    let meta = path.symlink_metadata().map_err(|error| error.to_string())?;
    if meta.is_file() {
        let from = path.to_owned();
        return Ok(vec![Seed { from, to }]);
    }
    if !meta.is_dir() {
        return Err("it is neither a file nor a folder".into());
    }
    let from = std::path::absolute(path).map_err(|error| error.to_string())?;
    if folder.starts_with(&from) {
        return Err("the POC itself would lie in it".into());
    }
    let ignored =
        git::ignored(&from, &[PathBuf::from(".")]).map_err(|problem| problem.details.join("; "))?;
    let is_left_out =
        |path: &Path| ignored.contains(path) || path.file_name().is_some_and(|name| name == ".git");
    let items = disk::list(&from).map_err(|error| format!("{error:#}"))?;
    let kept = items
        .into_iter()
        .filter(|item| item.kind == ItemKind::File && !item.path.ancestors().any(is_left_out));
    let seed = |item: disk::Item| Seed {
        to: to.join(&item.name),
        from: item.path,
    };
    Ok(kept.map(seed).collect())
}

/// The place in the POC that keeps the words of the command line true: the same relative path, else the last part.
fn inner_path(path: &Path) -> Option<PathBuf> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let plain = path.is_relative()
        && parts
            .clone()
            .all(|part| matches!(part, Component::Normal(_)));
    let inner: PathBuf = if plain {
        parts.collect()
    } else {
        path.file_name()?.into()
    };
    (inner != Path::new("")).then_some(inner)
}

fn copy(seed: &Seed) -> Result<()> {
    disk::create_folder(seed.to.parent().unwrap_or(Path::new(".")))?;
    // With its mode, for it may be a program.
    std::fs::copy(&seed.from, &seed.to)
        .map(|_| ())
        .with_context(|| format!("copying {}", seed.from.display()))
}

/// What to do about arguments that a manifest cannot hold.
pub(super) fn correction(args: &[String]) -> &'static str {
    let names: Vec<&str> = args.iter().flat_map(|word| variable::names(word)).collect();
    if names.iter().any(|name| name.starts_with(variable::CALLERS)) {
        "give the program the variable instead: in its poc.toml, env = { NAME = \"${env.NAME}\" }"
    } else if !names.is_empty() {
        "write the value itself, or let the shell do it: without single quotes around `$`"
    } else {
        "correct the argument"
    }
}

/// Arguments that were meant to be something else, as far as they show it.
fn unread(args: &[String]) -> impl Iterator<Item = String> {
    let is_variable = |word: &str| {
        word.split('$').skip(1).any(|rest| {
            rest.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        })
    };
    (1..).zip(args).filter_map(move |(number, word)| {
        if word.is_empty() {
            Some(format!("note: argument {number} is empty, as an unset variable of a shell is; if it was one, correct poc.toml"))
        } else if is_variable(word) {
            Some(format!("note: the program gets `{word}` as it is, for no shell reads it; `env` in poc.toml sets variables"))
        } else {
            None
        }
    })
}

/// Arguments that are files here, but not in the POC, which is all that the program sees.
fn left_behind(folder: &Path, args: &[String], seeds: &[Seed]) -> Vec<String> {
    let is_seen = |path: &Path| path.exists() || seeds.iter().any(|seed| seed.to.starts_with(path));
    args.iter()
        .filter(|word| !word.starts_with('-') && Path::new(word).exists())
        .filter(|word| Path::new(word).is_absolute() || !is_seen(&folder.join(word)))
        .map(|word| {
            format!("note: `{word}` is not in the POC, and the program sees nothing else; if it reads it, put it there")
        })
        .collect()
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
