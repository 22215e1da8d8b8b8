//! Jest and ExUnit by command templates, as the guide shows them, where they are installed.

use stillframe_consumers::suite::Selection;

use super::installed;
use super::project::{Project, Suite, only};

/// The files of the guide, so that what it shows is what runs.
const GUIDE: &str = include_str!("../../../../docs/src/consumers.md");

/// The code block of the guide whose first line is this comment.
fn block(first: &str) -> String {
    let (_, rest) = GUIDE
        .split_once(&format!("\n{first}\n"))
        .unwrap_or_else(|| panic!("the guide has no block that begins with {first}"));
    rest.split("\n```").next().unwrap().to_owned()
}

/// The `[suite]` table of the guide under this comment.
fn table(first: &str) -> String {
    block(first).trim_start_matches("[suite]").to_owned()
}

const JEST: &str = r#"
const fs = require('fs');
describe('cart', () => {
  test('adds (1+1)', () => expect(1 + 1).toBe(2));
  test('reads', () => expect(fs.existsSync('data/a.json')).toBe(true));
  test('hangs', () => { while (process.env.HANG) {} });
});
"#;

fn jest() -> Option<(Project, Suite)> {
    let tools = std::env::var("STILLFRAME_TEST_TOOLS").unwrap_or_default();
    // CI installs Node with pip.
    let path = format!(
        "{tools}/jest/node_modules/.bin:{tools}/pip/bin:{}",
        std::env::var("PATH").unwrap()
    );
    let help = "npm install --prefix DIR/jest jest jest-junit, and STILLFRAME_TEST_TOOLS=DIR";
    installed::has_on(&path, "jest", help).then(|| {
        let project = Project::new();
        std::os::unix::fs::symlink(
            format!("{tools}/jest/node_modules"),
            project.path("node_modules"),
        )
        .unwrap();
        project.write("package.json", "{}");
        project.write("cart.test.js", JEST);
        project.write("other.test.js", "test('alone', () => {});");
        project.write("data/a.json", "{}");
        project.write("jest-select.js", &block("// jest-select.js"));
        let suite = project.suite(&table("# Jest")).with("PATH", &path);
        (project, suite)
    })
}

#[test]
fn jest_runs_and_selects() {
    let Some((project, mut suite)) = jest() else {
        return;
    };
    let ends = [
        "alone: passed",
        "cart adds (1+1): passed",
        "cart hangs: passed",
        "cart reads: passed",
    ];
    assert_eq!(suite.ends(&Selection::Whole), ends);
    assert_eq!(suite.ends(&only(&["cart adds (1+1)", "alone"])), ends[..2]);
    std::fs::remove_file(project.path("data/a.json")).unwrap();
    let end = suite.ends(&only(&["cart reads"]));
    assert!(end[0].starts_with("cart reads: Body, "), "{end:?}");
    let mut suite = suite.with("HANG", "1").ended_after(15);
    let end = suite.ends(&only(&["cart hangs", "cart adds (1+1)"]));
    assert_eq!(end, ["cart adds (1+1): passed", "cart hangs: timed out"]);
}

const CART: &str = r#"
defmodule CartTest do
  use ExUnit.Case

  test "adds, (1)" do
    assert 1 + 1 == 2
  end

  test "reads" do
    assert File.exists?("data/a.json")
  end

  @tag :skip
  test "waits" do
  end

  describe "empty" do
    setup do
      if System.get_env("FAIL"), do: raise("no rows")
      :ok
    end

    test "hangs" do
      if System.get_env("HANG"), do: Process.sleep(:infinity)
    end
  end
end
"#;

const MIX: &str = r#"
defmodule Shop.MixProject do
  use Mix.Project
  def project, do: [app: :shop, version: "0.1.0"]
end
"#;

fn exunit() -> Option<(Project, Suite)> {
    installed::has("mix", "apt-get install elixir").then(|| {
        let project = Project::new();
        project.write("mix.exs", MIX);
        project.write("lib/shop.ex", "defmodule Shop do\nend\n");
        project.write("test/test_helper.exs", &block("# test/test_helper.exs"));
        project.write("test/cart_test.exs", CART);
        project.write("data/a.json", "{}");
        let suite = project.suite(&table("# ExUnit"));
        (project, suite)
    })
}

#[test]
fn exunit_runs_and_selects() {
    let Some((project, mut suite)) = exunit() else {
        return;
    };
    let ends = [
        "test adds, (1): passed",
        "test empty hangs: passed",
        "test reads: passed",
        "test waits: skipped",
    ];
    assert_eq!(suite.ends(&Selection::Whole), ends);
    let two = only(&["test adds, (1)", "test reads"]);
    assert_eq!(suite.ends(&two), [ends[0], ends[2]]);
    std::fs::remove_file(project.path("data/a.json")).unwrap();
    let end = suite.ends(&two);
    assert!(end[1].starts_with("test reads: Body, "), "{end:?}");
    let mut suite = suite.with("HANG", "1").ended_after(10);
    let end = suite.ends(&only(&["test adds, (1)", "test empty hangs"]));
    assert_eq!(end, [ends[0], "test empty hangs: timed out"]);
}
