//! A stand-in program that misbehaves on request: its arguments choose exit code, output and crime; it has no other purpose.

use std::io::{self, Write};
use std::process::ExitCode;

mod documents;
mod misdeeds;

const HELP: &str = "\
A stand-in program that misbehaves on request

Usage: fake-target [OPTIONS] BEHAVIOUR [ARGUMENTS]

Documents:
  json                  print one document with a duration and a timestamp
  echo TEXT             print TEXT and a line feed
  env                   print the environment as a document
  cwd                   print the working folder as a document
  args [ARGUMENT]...    print the arguments as a document
  stdin                 print what stdin holds as a document
  ndjson [N]            print N documents, one a line (default 3)
  counter FILE          print how often this was called with FILE
  export-schemas DIR    write a JSON Schema for each of these documents

Misbehaviour:
  empty                 print nothing
  log-before-json       print a log line, then the document
  log-after-json        print the document, then a log line
  nan                   print a number JSON does not have
  duplicate-keys        print an object with one key twice
  invalid-utf8          print a string that is not UTF-8
  bom                   print a byte-order mark before the document
  lone-surrogate        print half of an escaped surrogate pair
  truncated             print a document without its end
  garbage               print bytes that are no text at all
  nest N                print N nested arrays
  flood N               print N bytes
  flood-stderr N        print N bytes on stderr
  hang [SECONDS]        print nothing and end after SECONDS (default 3600)
  ignore-sigterm [SECONDS]
                        the same, deaf to SIGTERM
  grandchild-holds-pipe [SECONDS]
                        print the document and leave a process behind that keeps stdout open
  grandchild-leaves-group [SECONDS]
                        the same, in a session of its own
  grandchild-is-late    leave a process behind that prints the document a moment later
  kill-self SIGNAL      end by the signal with this number

Options, before the behaviour:
  --exit CODE           exit with CODE instead of 0
  --stderr TEXT         print TEXT and a line feed on stderr first
  --pid-file FILE       append the ids of this process and of those it leaves behind to FILE
  --output FORMAT       accepted and ignored
  --help                print this
";

/// What stands before the behaviour.
#[derive(Default)]
struct Options {
    exit: u8,
    stderr: Option<String>,
    pid_file: Option<String>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    match run(&args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("fake-target: {error}");
            ExitCode::from(64)
        }
    }
}

fn run(args: &[String]) -> io::Result<u8> {
    let (options, rest) = options(args)?;
    if let Some(text) = &options.stderr {
        eprintln!("{text}");
    }
    if let Some(path) = &options.pid_file {
        misdeeds::note_pid(path, std::process::id())?;
    }
    let Some((behaviour, arguments)) = rest.split_first() else {
        return Err(usage("no behaviour given"));
    };
    let out = &mut io::stdout().lock();
    if !documents::print(behaviour, arguments, out)?
        && !misdeeds::commit(behaviour, arguments, options.pid_file.as_deref(), out)?
    {
        return Err(usage(&format!("unknown behaviour `{behaviour}`")));
    }
    out.flush()?;
    Ok(options.exit)
}

fn options(args: &[String]) -> io::Result<(Options, &[String])> {
    let mut options = Options::default();
    let mut rest = args;
    while let Some((name, after)) = rest
        .split_first()
        .filter(|(name, _)| name.starts_with("--"))
    {
        if name == "--help" {
            print!("{HELP}");
            std::process::exit(0);
        }
        let (value, after) = after
            .split_first()
            .ok_or_else(|| usage(&format!("`{name}` needs a value")))?;
        match name.as_str() {
            "--exit" => options.exit = number(value)?,
            "--stderr" => options.stderr = Some(value.clone()),
            "--pid-file" => options.pid_file = Some(value.clone()),
            "--output" => {}
            _ => return Err(usage(&format!("unknown option `{name}`"))),
        }
        rest = after;
    }
    Ok((options, rest))
}

/// A number among the arguments.
fn number<T: std::str::FromStr>(text: &str) -> io::Result<T> {
    text.parse()
        .map_err(|_| usage(&format!("`{text}` is not a number that fits here")))
}

fn usage(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("{what}; see `fake-target --help`"),
    )
}
