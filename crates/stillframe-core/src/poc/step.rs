//! One `[[step]]` from what is written to what it means; every mistake in it is reported, not only the first.

use std::collections::BTreeMap;

use super::manifest::{Argv, Lines, StepManifest};
use super::path::{is_plain, stays_inside};
use super::schema_choice::SchemaChoice;
use super::{Action, Capture, Channel, ExitPolicy, FixturePath, Seed, Step};
use crate::normalize::Framing;
use crate::select::Selector;
use crate::toml_value::TomlValue;
use crate::variable;

/// Reads a step; `known` are the variables that it can use.
pub(super) fn read(
    number: usize,
    dest: &str,
    written: StepManifest,
    known: &[String],
) -> Result<Step, Vec<String>> {
    let mut errors = Vec::new();
    let action = action(written.exec, written.run, &mut errors);
    for word in action.words() {
        check_variables(word, known, &mut errors);
    }
    if let (Some(name), Action::Exec(_)) = (&written.target, &action) {
        errors.push(format!(
            "`target = \"{name}\"` goes with `run`; `exec` names its program itself"
        ));
    }
    let cwd = written.cwd.filter(|folder| folder != ".");
    if let Some(folder) = &cwd {
        check_variables(folder, known, &mut errors);
        if !is_plain(folder) {
            errors.push(format!(
                "`cwd = \"{folder}\"` does not stay in the sandbox; write a folder of the POC, such as \"packages/api\""
            ));
        }
    }
    let stdin = written.stdin.and_then(|file| seed(&file, &mut errors));
    let save = selectors(written.save, &mut errors);
    let exit = exit(written.exit, written.capture.is_some(), &mut errors);
    let (channel, framing) = channel(written.stdout, written.stderr, written.file, &mut errors);
    if let Channel::File(file) = &channel {
        check_variables(file, known, &mut errors);
    }
    let capture = capture(
        dest,
        written.capture,
        framing,
        Claims {
            schema: written.schema,
            nonempty: written.nonempty,
            expect: written.expect,
        },
        &mut errors,
    );
    if capture.is_none() && save.is_empty() && channel != Channel::Stdout {
        errors.push("`stderr` and `file` belong to a step with `capture` or `save`".into());
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Step {
        number,
        action,
        target: written.target,
        cwd,
        stdin,
        exit,
        timeout: written.timeout.map(|seconds| seconds.0),
        channel,
        framing,
        save,
        capture,
    })
}

fn action(exec: Option<Argv>, run: Option<Argv>, errors: &mut Vec<String>) -> Action {
    match (exec, run) {
        (Some(Argv(words)), None) => {
            if words.is_empty() {
                errors.push("`exec = []` names no program".into());
            }
            Action::Exec(words)
        }
        (None, Some(Argv(words))) => Action::Run(words),
        (Some(_), Some(_)) => {
            errors.push("a step has either `run` or `exec`, not both; split it in two".into());
            Action::Run(Vec::new())
        }
        (None, None) => {
            errors.push(
                "a step needs `run = [\"…\"]` (the target) or `exec = [\"…\"]` (any program)"
                    .into(),
            );
            Action::Run(Vec::new())
        }
    }
}

fn seed(file: &str, errors: &mut Vec<String>) -> Option<Seed> {
    let seed = match file.strip_prefix("${root}/") {
        Some(rest) if is_plain(rest) => Seed::Root(rest.to_owned()),
        None if stays_inside(file) => Seed::Poc(file.to_owned()),
        _ => {
            errors.push(format!(
                "`stdin = \"{file}\"` is not a file of the POC; copy it there and write its path from the POC's folder, or write \"${{root}}/…\" for one of the repository"
            ));
            return None;
        }
    };
    Some(seed)
}

fn exit(codes: Option<Vec<i32>>, is_capture: bool, errors: &mut Vec<String>) -> ExitPolicy {
    match codes {
        Some(codes) if codes.is_empty() => {
            errors.push("`exit = []` allows no exit code; leave `exit` out to allow any".into());
            ExitPolicy::Any
        }
        Some(codes) => ExitPolicy::OneOf(codes),
        None if is_capture => ExitPolicy::Any,
        None => ExitPolicy::OneOf(vec![0]),
    }
}

/// Which of its outputs a step is about, and how it is laid out.
fn channel(
    stdout: Option<Lines>,
    stderr: Option<Lines>,
    file: Option<String>,
    errors: &mut Vec<String>,
) -> (Channel, Framing) {
    let framing = |lines: Option<Lines>| match lines {
        Some(Lines::Ndjson) => Framing::Ndjson,
        Some(Lines::Json) | None => Framing::Json,
    };
    match (stdout, stderr, file) {
        (stdout, None, None) => (Channel::Stdout, framing(stdout)),
        (None, Some(lines), None) => (Channel::Stderr, framing(Some(lines))),
        (None, None, Some(file)) => {
            if !is_plain(&file) {
                errors.push(format!(
                    "`file = \"{file}\"` is not a file of the sandbox; write its path from the POC's folder"
                ));
            }
            let framing = file_framing(&file);
            (Channel::File(file), framing)
        }
        _ => {
            errors.push(
                "a step has one output: write `stdout`, `stderr` or `file`, and a step for each"
                    .into(),
            );
            (Channel::Stdout, Framing::Json)
        }
    }
}

fn file_framing(file: &str) -> Framing {
    if file.ends_with(".ndjson") || file.ends_with(".jsonl") {
        Framing::Ndjson
    } else {
        Framing::Json
    }
}

/// What a step states about its fixture.
struct Claims {
    schema: Option<SchemaChoice>,
    nonempty: Option<Vec<String>>,
    expect: BTreeMap<String, TomlValue>,
}

fn capture(
    dest: &str,
    name: Option<String>,
    framing: Framing,
    claims: Claims,
    errors: &mut Vec<String>,
) -> Option<Capture> {
    let Claims {
        schema,
        nonempty,
        expect,
    } = claims;
    let Some(name) = name else {
        if schema.is_some() || nonempty.is_some() || !expect.is_empty() {
            errors.push("`schema`, `nonempty` and `expect` belong to a step with `capture`".into());
        }
        return None;
    };
    let path = fixture_path(dest, &name, framing, errors);
    let nonempty = nonempty.map(|paths| {
        paths
            .iter()
            .filter_map(|path| selector(path, errors))
            .collect()
    });
    let expect = expect
        .into_iter()
        .filter_map(|(path, value)| Some((selector(&path, errors)?, value.0)))
        .collect();
    Some(Capture {
        path: path?,
        schema: schema.unwrap_or_default(),
        framing,
        nonempty,
        expect,
    })
}

fn fixture_path(
    dest: &str,
    name: &str,
    framing: Framing,
    errors: &mut Vec<String>,
) -> Option<FixturePath> {
    let extension = match framing {
        Framing::Json => "json",
        Framing::Ndjson => "ndjson",
    };
    let path = match dest {
        "." => format!("{name}.{extension}"),
        dest => format!("{dest}/{name}.{extension}"),
    };
    FixturePath::new(&path)
        .map_err(|reason| {
            errors.push(format!(
                "`dest` and `capture` give no usable path: {reason}"
            ));
        })
        .ok()
}

fn selectors(
    written: BTreeMap<String, String>,
    errors: &mut Vec<String>,
) -> BTreeMap<String, Selector> {
    written
        .into_iter()
        .filter_map(|(name, path)| {
            check_name(&name, errors);
            let selector = selector(&path, errors)?;
            Some((name, selector))
        })
        .collect()
}

fn selector(path: &str, errors: &mut Vec<String>) -> Option<Selector> {
    Selector::parse(path)
        .map_err(|error| errors.push(error))
        .ok()
}

fn check_name(name: &str, errors: &mut Vec<String>) {
    let plain = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !plain {
        errors.push(format!(
            "`{name}` is not a variable's name; use letters, digits, `_` and `-`"
        ));
    }
    if name == variable::ROOT {
        errors.push(
            "`${root}` is the folder of stillframe.toml; `save` the value under another name"
                .into(),
        );
    }
}

fn check_variables(word: &str, known: &[String], errors: &mut Vec<String>) {
    let saved: Vec<&str> = known
        .iter()
        .map(String::as_str)
        .filter(|name| *name != variable::ROOT)
        .collect();
    for name in variable::names(word).filter(|name| !known.iter().any(|k| k == name)) {
        let have = match saved.as_slice() {
            [] => "no earlier step saves one".to_owned(),
            saved => format!("earlier steps save: {}", saved.join(", ")),
        };
        errors.push(format!(
            "unknown variable `${{{name}}}`; {have}, and `${{root}}` is the folder of stillframe.toml"
        ));
    }
}
