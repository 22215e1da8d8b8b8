//! Cases for paths inside strings, before and after.

use super::*;

#[track_caller]
fn check(path: &str, text: &str, expected: &str) {
    let paths = Scrub::new([(path, "/stillframe/poc"), ("/home/ada", "/stillframe/home")]);
    let scrubbed = |text| scrub(text, &paths, &[], &[], &mut Gauges::new()).unwrap();
    let done = scrubbed(text);
    assert_eq!(done.as_ref().map_or(text, |done| &done.text), expected);
    let again = scrubbed(expected);
    assert!(
        again.is_none_or(|again| again.text == expected),
        "scrubbed twice"
    );
}

#[test]
fn a_path_is_replaced_at_component_boundaries() {
    let sandbox = "/tmp/sf-1a2b/poc";
    for (text, expected) in [
        ("/tmp/sf-1a2b/poc", "/stillframe/poc"),
        ("/tmp/sf-1a2b/poc/a/b.txt", "/stillframe/poc/a/b.txt"),
        (
            "cannot open '/tmp/sf-1a2b/poc/x': no",
            "cannot open '/stillframe/poc/x': no",
        ),
        (
            "PATH=/tmp/sf-1a2b/poc/bin:/home/ada/bin",
            "PATH=/stillframe/poc/bin:/stillframe/home/bin",
        ),
        ("in /tmp/sf-1a2b/poc.", "in /stillframe/poc."),
        ("(/tmp/sf-1a2b/poc)", "(/stillframe/poc)"),
        ("/tmp/sf-1a2b/pocket", "/tmp/sf-1a2b/pocket"),
        ("/tmp/sf-1a2b/poc-2", "/tmp/sf-1a2b/poc-2"),
        ("/tmp/sf-1a2b/poc.lock", "/tmp/sf-1a2b/poc.lock"),
        ("x/tmp/sf-1a2b/poc", "x/tmp/sf-1a2b/poc"),
        ("/a/tmp/sf-1a2b/poc", "/a/tmp/sf-1a2b/poc"),
        ("/home/adam", "/home/adam"),
    ] {
        check(sandbox, text, expected);
    }
}

#[test]
fn a_file_url_is_found_encoded_or_not() {
    check(
        "/tmp/sf/poc",
        "file:///tmp/sf/poc/a",
        "file:///stillframe/poc/a",
    );
    check(
        "/tmp/sf/poc",
        "see FILE://localhost/tmp/sf/poc",
        "see FILE://localhost/stillframe/poc",
    );
    check(
        "/tmp/my dir/poc",
        "file:///tmp/my%20dir/poc/a%20b",
        "file:///stillframe/poc/a%20b",
    );
    check("/tmp/my dir/poc", "'/tmp/my dir/poc'", "'/stillframe/poc'");
    check(
        "/tmp/é/poc",
        "file:///tmp/%C3%A9/poc",
        "file:///stillframe/poc",
    );
}

#[test]
fn windows_paths_are_found_with_either_separator() {
    let sandbox = r"C:\Temp\sf-1\poc";
    check(
        sandbox,
        r"C:\Temp\sf-1\poc\a\b.txt: no",
        "/stillframe/poc/a/b.txt: no",
    );
    check(sandbox, "C:/Temp/sf-1/poc/a", "/stillframe/poc/a");
    check(sandbox, r"\\?\C:\Temp\sf-1\poc\a", "/stillframe/poc/a");
    check(sandbox, r"C:\Temp\sf-1\pocket", r"C:\Temp\sf-1\pocket");
}

#[test]
fn the_longest_path_wins() {
    let paths = Scrub::new([
        ("/tmp", "/stillframe/tmp"),
        ("/tmp/sf/poc", "/stillframe/poc"),
    ]);
    let text = "/tmp/sf/poc/a /tmp/b";
    let done = scrub(text, &paths, &[], &[], &mut Gauges::new())
        .unwrap()
        .unwrap();
    assert_eq!(done.text, "/stillframe/poc/a /stillframe/tmp/b");
    assert_eq!(done.rules, [SANDBOX]);
}

#[test]
fn a_root_is_no_folder_to_look_for() {
    assert!(Scrub::new([("/", "/x"), ("", "/x"), (r"C:\", "/x")]).is_empty());
}
