//! The `stillframe` command: the command line only; what each subcommand does lies in the engine.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use stillframe::exit_code::ExitCode as Code;
use stillframe::print::{self, Lasting};
use stillframe::process;
use stillframe::sandbox;
use stillframe_cli::{Args, Command, PocCommand, ScenarioCommand};

fn main() -> ExitCode {
    let args: Args = match stillframe_cli::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    // A filter starts nothing that would have to be ended: there a signal does what it does to every program.
    if !starts_nothing(&args.command)
        && let Err(error) = process::end_all_on_interrupt(sandbox::remove_all)
    {
        print::note(&format!("error: {error}"));
        return Code::Setup.into();
    }
    let mut out = Lasting::stdout();
    let code = run(args, &mut out).unwrap_or_else(|error| {
        print::error(&error);
        if let Some(hint) = hint(&error) {
            print::note(&format!("hint: {hint}"));
        }
        Code::Setup
    });
    sandbox::name_what_is_left();
    out.finish();
    code.into()
}

/// Whether a command starts no other program, or becomes one itself.
fn starts_nothing(command: &Command) -> bool {
    match command {
        Command::Normalize(_) => true,
        #[cfg(feature = "consumers")]
        Command::Consumers(command) => command.becomes_another(),
        _ => false,
    }
}

fn run(args: Args, out: &mut dyn Write) -> Result<Code> {
    use stillframe::commands::{
        Options, accept, check, init, normalize, poc, regen, scenario, validate,
    };
    let look = args.look();
    let root = args.root;
    let with_look = |options: Options| Options { look, ..options };
    match args.command {
        Command::Regen(args) => regen::run(&with_look(args.options(root)), out),
        Command::Check(args) => check::run(&with_look(args.options(root)), out),
        Command::Accept(args) => accept::run(&with_look(args.options(root)), args.from, out),
        Command::Validate(args) => validate::run(&with_look(args.options(root)), out),
        Command::Normalize(args) => normalize::normalize(
            &args.request(root),
            &mut print::whole_pieces(),
            &mut Lasting::stderr(),
        ),
        Command::Scenario(ScenarioCommand::New(args)) => {
            scenario::new(&with_look(args.report.options(root)), &args.request(), out)
        }
        Command::Scenario(ScenarioCommand::List(args)) => {
            scenario::list(&with_look(args.options(root)), out)
        }
        Command::Scenario(ScenarioCommand::Check(args)) => {
            scenario::check(&with_look(args.options(root)), out)
        }
        Command::Poc(PocCommand::New(args)) => {
            poc::new(&with_look(args.report.options(root)), &args.request(), out)
        }
        #[cfg(feature = "consumers")]
        Command::Consumers(command) => command.run(root, look, out),
        Command::Init(args) if args.print => printed(init::REFERENCE.as_bytes()),
        Command::Init(args) => init::run(&args.options(root), out),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            let mut command = stillframe_cli::command();
            clap_complete::generate(shell, &mut command, "stillframe", &mut script);
            printed(&script)
        }
    }
}

/// Prints what was asked for. Unlike a report, of which the exit code is the gist, it is worth nothing unless it is whole.
fn printed(text: &[u8]) -> Result<Code> {
    let mut out = std::io::stdout();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("writing the output")
        }
        _ => Ok(Code::Fresh),
    }
}

/// What to do about a file or folder that the system refuses, where its number proves the cause.
fn hint(error: &anyhow::Error) -> Option<&'static str> {
    let kind = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<std::io::Error>())?
        .kind();
    match kind {
        ErrorKind::ReadOnlyFilesystem => Some(
            "name other folders under [paths] in stillframe.toml; this one cannot be written. `check` writes only into its work folder, which --work or STILLFRAME_WORK names",
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some("free some space and run again; the next run completes or undoes what was left")
        }
        _ => None,
    }
}
