//! Cases for paths inside strings, before and after.

use super::*;
use crate::normalize::inside::{Context, Gauges, rewrite};
use crate::rule::predicate::Scalar;

fn scrubbed(paths: &Scrub, text: &str) -> String {
    let context = Context::new(paths, &[], "");
    let done = rewrite(Scalar::Text(text), &context, &[], &mut Gauges::new()).unwrap();
    done.map_or(text.to_owned(), |done| {
        assert_eq!(done.rules, [SANDBOX]);
        done.text.text
    })
}

#[track_caller]
fn check(path: &str, text: &str, expected: &str) {
    let paths = Scrub::new([(path, "/stillframe/poc"), ("/home/ada", "/stillframe/home")]);
    assert_eq!(scrubbed(&paths, text), expected);
    assert_eq!(scrubbed(&paths, expected), expected, "scrubbed twice");
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
fn every_spelling_of_a_path_is_found_and_kept() {
    let path = "/tmp/my dir/é@b/poc";
    for (text, expected) in [
        // A document inside a string, and one inside that.
        (
            r#"{"a":"\/tmp\/my dir\/é@b\/poc\/x"}"#,
            r#"{"a":"\/stillframe\/poc\/x"}"#,
        ),
        (
            r"\\\/tmp\\\/my dir\\\/\\u00e9@b\\\/poc\\\/x",
            r"\\\/stillframe\\\/poc\\\/x",
        ),
        (r"\/tmp\/my dir\/\u00E9@b\/poc", r"\/stillframe\/poc"),
        (r"in:\n/tmp/my dir/é@b/poc\n", r"in:\n/stillframe/poc\n"),
        (
            r"\u003c/tmp/my dir/é@b/poc\u003e",
            r"\u003c/stillframe/poc\u003e",
        ),
        (r"cd /tmp/my\ dir/é@b/poc", "cd /stillframe/poc"),
        // Encoders differ in what they encode, and in the case of the digits.
        ("/tmp/my%20dir/%c3%a9%40b/poc/x", "/stillframe/poc/x"),
        (
            "?a=%2Ftmp%2Fmy%20dir%2F%C3%A9%40b%2Fpoc%2Fx",
            "?a=%2Fstillframe%2Fpoc%2Fx",
        ),
        (
            "%2ftmp%2fmy%20dir%2f%c3%a9%40b%2fpoc&b",
            "%2fstillframe%2fpoc&b",
        ),
        (
            "a%3D%2Ftmp%2Fmy%20dir%2F%C3%A9%40b%2Fpoc%20%2Fx",
            "a%3D%2Fstillframe%2Fpoc%20%2Fx",
        ),
        (
            "%252Ftmp%252Fmy%2520dir%252F%25C3%25A9%2540b%252Fpoc",
            "%252Fstillframe%252Fpoc",
        ),
        (
            "file%3A%2F%2F%2Ftmp%2Fmy%20dir%2F%C3%A9%40b%2Fpoc",
            "file%3A%2F%2F%2Fstillframe%2Fpoc",
        ),
        (
            r"file:\/\/\/tmp\/my dir\/é@b\/poc",
            r"file:\/\/\/stillframe\/poc",
        ),
        (
            "sqlite:////tmp/my dir/é@b/poc/a.db",
            "sqlite:////stillframe/poc/a.db",
        ),
        (
            "vscode://file/tmp/my dir/é@b/poc:3",
            "vscode://file/stillframe/poc:3",
        ),
        ("cc -I/tmp/my dir/é@b/poc/inc", "cc -I/stillframe/poc/inc"),
        ("@/tmp/my dir/é@b/poc/args", "@/stillframe/poc/args"),
    ] {
        check(path, text, expected);
    }
}

#[test]
fn another_folder_is_left_in_every_spelling() {
    for text in [
        "/tmp/my%20dir/%C3%A9%40b/poc%20x",
        r"/tmp/my\ dir/é@b/poc\u00e9",
        r"/tmp/my\ dir/é@b/poc\ x",
        r"\/tmp\/my dir\/é@b\/pocket",
        r"x\/tmp\/my dir\/é@b\/poc",
        "%2Ftmp%2Fmy%20dir%2F%C3%A9%40b%2Fpocket",
        "a%2Ftmp%2Fmy%20dir%2F%C3%A9%40b%2Fpoc",
        "http://localhost/tmp/my dir/é@b/poc",
        "x-I/tmp/my dir/é@b/poc",
        "/tmp/my dir/é@b/po",
        "my dir %",
        r"my dir \",
        "my dir %2",
        r"my dir /tmp/my dir/\u00",
    ] {
        check("/tmp/my dir/é@b/poc", text, text);
    }
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
    check(
        sandbox,
        r#"{"a":"c:\\Temp\\sf-1\\poc\\a"}"#,
        r#"{"a":"/stillframe/poc/a"}"#,
    );
    check(
        sandbox,
        r#"{\"a\":\"C:\\\\Temp\\\\sf-1\\\\poc\\\\a\"}"#,
        r#"{\"a\":\"/stillframe/poc/a\"}"#,
    );
    for url in ["file:///c%3A/Temp/sf-1/poc/a", "file:///C:/Temp/sf-1/poc/a"] {
        check(sandbox, url, "file:///stillframe/poc/a");
    }
    check(
        sandbox,
        "C%3A%5CTemp%5Csf-1%5Cpoc%5Ca",
        "%2Fstillframe%2Fpoc%2Fa",
    );
    check(
        r"\\server\share\poc",
        r"in \\server\share\poc\a",
        "in /stillframe/poc/a",
    );
    check(sandbox, r"C:\Temp\sf-1\pocket", r"C:\Temp\sf-1\pocket");
}

#[test]
fn the_longest_path_wins() {
    let paths = Scrub::new([
        ("/tmp/sf", "/stillframe/tmp"),
        ("/tmp/sf/poc", "/stillframe/poc"),
    ]);
    let text = "/tmp/sf/poc/a /tmp/sf/b";
    assert_eq!(
        scrubbed(&paths, text),
        "/stillframe/poc/a /stillframe/tmp/b"
    );
}

#[test]
fn a_root_is_no_folder_to_look_for() {
    assert!(Scrub::new([("/", "/x"), ("", "/x"), (r"C:\", "/x")]).is_empty());
}

#[test]
fn a_folder_right_below_the_root_may_be_a_literal() {
    assert!(Scrub::new([("/app", "/x"), ("/root/", "/x"), (r"C:\app", "/x")]).is_empty());
}

#[test]
fn a_folder_with_a_unique_name_is_found_before_one_around_it() {
    let paths = Scrub::new([("/home/ada", "/stillframe/user-home")])
        .anywhere([("/home/ada/tmp/x9", "/stillframe")]);
    let text = "/home/ada/tmp/x9/other x/home/ada/tmp/x9/poc /home/ada/a";
    assert_eq!(
        scrubbed(&paths, text),
        "/stillframe/other x/stillframe/poc /stillframe/user-home/a"
    );
}
