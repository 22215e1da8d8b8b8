//! `poc new`: a POC from one command line; it runs nothing, and copies only what it is asked to.

use std::io::Write;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use stillframe_core::poc::{MANIFEST_NAME, Poc, check_id, plain_name};
use stillframe_core::problem::{Kind, Problem};

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
    /// The step's arguments.
    pub args: Vec<String>,
}

/// Runs `poc new`.
pub fn new(options: &Options, wanted: &NewPoc, out: &mut dyn Write) -> Result<ExitCode> {
    let finish = |problems, ending, out: &mut dyn Write| {
        options.finish("poc new", None, problems, ending, out)
    };
    let workspace = match options.load_without_pocs() {
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
        } = Typed::of(workspace, &wanted.args);
        let text = manifest(workspace, &id, wanted, target, &args);
        let poc = Poc::parse(&id, &text).map_err(|errors| {
            let words = errors.into_iter().map(|error| error.message);
            config("the arguments", "correct the argument")
                .lines(words.collect::<Vec<_>>().join("\n"))
        })?;
        let fixture = free_fixture(workspace, &poc)?;
        let seeds = seeds(&folder, &wanted.copy)?;
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
    fn of(workspace: &'a Workspace, args: &[String]) -> Typed<'a> {
        let first = args.first().map_or("", String::as_str);
        let mut programs = workspace.config.programs();
        if let Some((target, _)) = programs.find(|(_, target)| target.name() == first) {
            let note = format!("`{first}` is the target itself; the step holds its arguments");
            return Typed {
                target,
                args: args[1..].to_vec(),
                notes: vec![note],
            };
        }
        let mut named = workspace.config.targets.keys();
        let target = match (&workspace.config.target, named.next()) {
            (None, first) => first.map(String::as_str),
            (Some(_), _) => None,
        };
        let others: Vec<&str> = named.map(String::as_str).collect();
        let note = target.filter(|_| !others.is_empty()).map(|target| {
            let others = others.join(", ");
            format!("the step runs `{target}`; the other targets are: {others}")
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
    format!(
        "summary = {}\n\n[[step]]\ncapture = {} # → {fixtures}/{name}/{name}.json\n{target}run = {}\n",
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
