//! The program `fixpoints` and the types of what it prints; the work is done by the library of that name.

pub mod args;
mod clock;
mod commands;
mod context;
mod exit;
mod failure;
mod invocation;
mod json;
pub mod output;
mod text;
pub mod usage;

use std::io::Write;

use args::{Cli, Command, Format, SequencesCommand};
use clock::Started;
use context::Context;
use fixpoints::Result;
use invocation::Invocation;
use output::Output;

pub use context::Surroundings;
pub use exit::Exit;
pub use fixpoints::Operator;

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
    let invocation = Invocation::new(cli);
    let (output, exit) = done.unwrap_or_else(|error| {
        let failed = failure::document(cli.command.word(), &error, &invocation, started.run());
        (Output::Error(Box::new(failed)), Exit::Failed)
    });
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
