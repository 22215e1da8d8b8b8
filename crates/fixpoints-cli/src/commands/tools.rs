//! The commands `sql`, `export-schemas` and `completions`.

use clap::CommandFactory as _;
use fixpoints::core::names::shown as shown_path;
use fixpoints::{Missing, Result, read_typed};

use crate::args::{Cli, CompletionsArgs, ExportSchemasArgs, SqlArgs};
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{
    self, CompletionsOutput, CompletionsWord, ExportSchemasOutput, ExportSchemasWord,
    FORMAT_VERSION, Output, SqlOutput, SqlWord, Transaction, WrittenSchema,
};

/// Runs a script of SQL.
pub(crate) fn sql(context: &Context, args: &SqlArgs) -> Result<(Output, Exit)> {
    let url = context.test_url()?;
    let script = read_typed(&args.file)?;
    let name = shown_path(&args.file);
    // Editors of some systems begin a file with a mark that is no SQL.
    let script = script.strip_prefix('\u{feff}').unwrap_or(&script);
    let mut database = context.open_test(&url, Missing::Create)?;
    let report = database.run_script(&name, script)?;
    let output = SqlOutput {
        command: SqlWord,
        format_version: FORMAT_VERSION,
        script: name,
        database: url.to_string(),
        statements: report.statements as u64,
        rows_changed: report.rows_changed,
        transaction: if report.one_transaction {
            Transaction::One
        } else {
            Transaction::Own
        },
        run: context.started.run(),
    };
    Ok((Output::Sql(output), Exit::Success))
}

/// Writes the schemas of all documents.
pub(crate) fn export_schemas(
    context: &Context,
    args: &ExportSchemasArgs,
) -> Result<(Output, Exit)> {
    let mut schemas = Vec::new();
    for (name, schema) in output::schemas() {
        let file = format!("{name}.schema.json");
        let mut text = serde_json::to_vec_pretty(&schema).expect("a schema is JSON");
        text.push(b'\n');
        let finished = fixpoints::write_file(&args.folder.join(&file), &text)?;
        schemas.push(WrittenSchema {
            name: name.to_owned(),
            file,
            status: finished.written,
        });
    }
    let output = ExportSchemasOutput {
        command: ExportSchemasWord,
        format_version: FORMAT_VERSION,
        folder: shown_path(&args.folder),
        schemas,
        run: context.started.run(),
    };
    Ok((Output::ExportSchemas(output), Exit::Success))
}

/// Writes a completion script.
pub(crate) fn completions(context: &Context, args: &CompletionsArgs) -> (Output, Exit) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "fixpoints", &mut script);
    let output = CompletionsOutput {
        command: CompletionsWord,
        format_version: FORMAT_VERSION,
        shell: args.shell.to_string(),
        script: String::from_utf8_lossy(&script).into_owned(),
        run: context.started.run(),
    };
    (Output::Completions(output), Exit::Success)
}
