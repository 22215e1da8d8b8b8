//! The `stillframe` command: the command line only; what each subcommand does lies in the engine.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use stillframe::exit_code::ExitCode as Code;
use stillframe::process;
use stillframe_cli::{Args, Command, ScenarioCommand};

fn main() -> ExitCode {
    let args = Args::parse();
    if let Err(error) = process::end_all_on_interrupt() {
        eprintln!("error: {error}");
        return Code::Setup.into();
    }
    let mut out = std::io::stdout();
    let code = run(args, &mut out).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        if let Some(hint) = hint(&error) {
            eprintln!("hint: {hint}");
        }
        Code::Setup
    });
    match out.flush() {
        // A reader that has seen enough, as `head` does, is no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("error: writing the report: {error}");
            return Code::Broken.into();
        }
        _ => {}
    }
    code.into()
}

fn run(args: Args, out: &mut dyn Write) -> Result<Code> {
    use stillframe::commands::{accept, check, init, normalize, regen, scenario, validate};
    let root = args.root;
    match args.command {
        Command::Regen(args) => regen::run(&args.options(root), out),
        Command::Check(args) => check::run(&args.options(root), out),
        Command::Accept(args) => accept::run(&args.report.options(root), args.from, out),
        Command::Validate(args) => validate::run(&args.options(root), out),
        Command::Normalize(args) => {
            normalize::normalize(&args.request(root), out, &mut std::io::stderr())
        }
        Command::Scenario(ScenarioCommand::New(args)) => {
            scenario::new(&args.report.options(root), &args.request(), out)
        }
        Command::Scenario(ScenarioCommand::List(args)) => scenario::list(&args.options(root), out),
        Command::Scenario(ScenarioCommand::Check(args)) => {
            scenario::check(&args.options(root), out)
        }
        Command::Init(args) if args.print => init::print_config(out),
        Command::Init(args) => init::run(&args.options(root), out),
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut stillframe_cli::command(),
                "stillframe",
                &mut &mut *out,
            );
            Ok(Code::Fresh)
        }
    }
}

/// What to do about a file or folder that the system refuses; nothing was published then.
fn hint(error: &anyhow::Error) -> Option<&'static str> {
    let kind = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<std::io::Error>())?
        .kind();
    match kind {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Some(
            "make it writable, or name other folders under [paths] in stillframe.toml; the corpus is as it was",
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some("free some space and run again; the next run completes or undoes what was left")
        }
        ErrorKind::NotFound => Some("see that the folder exists; sandboxes are made in TMPDIR"),
        _ => None,
    }
}
