//! The schemas that a project's target exports now, for whoever commits them; nothing is written outside the work folder.

use anyhow::Result;
use stillframe_core::problem::Problem;

use super::Options;
use crate::capture::Session;
use crate::corpus::SchemaFiles;
use crate::export;
use crate::run_lock::RunLock;
use crate::target;
use crate::work;

/// The schemas that a project's target exports now, or the findings that stand against it.
pub fn exported(options: &Options) -> Result<Result<SchemaFiles, Vec<Problem>>> {
    let workspace = match options.load_without_pocs() {
        Ok(workspace) => workspace,
        Err(problems) => return Ok(Err(problems)),
    };
    let work = match work::open(&workspace, options.work_folder().as_deref())? {
        Ok(work) => work,
        Err(problem) => return Ok(Err(vec![problem])),
    };
    let _lock = RunLock::acquire(work.path())?;
    let targets = match target::prepare(&workspace) {
        Ok(targets) => targets,
        Err(problem) => return Ok(Err(vec![problem])),
    };
    let session = Session {
        workspace: &workspace,
        targets: &targets,
        work: &work,
        progress: None,
    };
    let exported = export::export(&session)?;
    Ok(exported
        .map(Option::unwrap_or_default)
        .map_err(|problem| vec![problem]))
}
