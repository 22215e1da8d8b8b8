//! Cancelling is for the whole process and for good, so this test has a process of its own.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use stillframe::process::{End, Invocation, cancel_all, cancelled, run};

#[test]
fn cancelling_ends_what_runs_and_forestalls_what_comes() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let env = BTreeMap::new();
    let deaf = [
        "--pid-file".into(),
        pid_file.clone().into(),
        "ignore-sigterm".into(),
    ];
    let invocation = Invocation {
        program: Path::new(env!("CARGO_BIN_EXE_fake-target")),
        args: &deaf,
        cwd: folder.path(),
        env: &env,
        stdin: None,
        timeout: Duration::from_secs(600),
        output_limit: 1024,
    };
    let outcome = std::thread::scope(|scope| {
        let running = scope.spawn(|| run(&invocation));
        while !pid_file.metadata().is_ok_and(|meta| meta.len() > 1) {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(!cancelled());
        cancel_all();
        running.join().unwrap().unwrap()
    });
    assert_eq!(outcome.end, End::Cancelled);
    let pid = std::fs::read_to_string(&pid_file)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    assert_eq!(
        rustix::process::test_kill_process(pid),
        Err(rustix::io::Errno::SRCH)
    );

    std::fs::remove_file(&pid_file).unwrap();
    assert_eq!(run(&invocation).unwrap().end, End::Cancelled);
    assert!(
        !pid_file.exists(),
        "a process was started after the cancellation"
    );
}
