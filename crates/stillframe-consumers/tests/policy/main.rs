//! `hide = "policy"`: rows of a shared PostgreSQL database are hidden from the suite, and everything is as before afterwards.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use postgres::{Client, Config, NoTls};
use stillframe_consumers::definition::Definition;
use stillframe_consumers::hiding::{Hidden, Hiding, Proof, choice};
use stillframe_consumers::name::FixtureName;
use stillframe_consumers::place::Place;

#[path = "../../../fixpoints/tests/postgres/server.rs"]
mod server;

use server::Server;

const SHOP: &str = "
    CREATE TABLE authors (id int PRIMARY KEY, name text);
    CREATE TABLE books (id int PRIMARY KEY, author_id int REFERENCES authors, title text);
    CREATE TABLE \"we,ird name\" (id int);
    INSERT INTO authors VALUES (1, 'Austen'), (2, 'Joyce');
    INSERT INTO books VALUES (1, 1, 'Emma');
    INSERT INTO \"we,ird name\" VALUES (1);
";

/// Who owns the tables of the shop.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    /// The role that the suite connects as.
    Suite,
    /// A superuser.
    Other,
}

/// A database with a shop, a suite that uses it, and a definition.
struct Shop {
    folder: tempfile::TempDir,
    place: server::Place,
    role: String,
}

impl Shop {
    fn new(owner: Owner) -> Option<Shop> {
        let place = Server::get()?.database();
        let role = format!("suite_{}", place.name);
        let mut admin = place.connect("postgres");
        admin
            .batch_execute(&format!(
                "CREATE ROLE {role} LOGIN; GRANT ALL ON SCHEMA public TO {role}"
            ))
            .unwrap();
        match owner {
            Owner::Suite => place.connect(&role).batch_execute(SHOP).unwrap(),
            Owner::Other => {
                let grant = format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}");
                admin.batch_execute(&format!("{SHOP}; {grant}")).unwrap();
            }
        }
        let folder = tempfile::tempdir().unwrap();
        Some(Shop {
            folder,
            place,
            role,
        })
    }

    /// The means of a definition with this URL's user, and a role beside it.
    fn means(&self, user: &str, role: Option<&str>) -> Result<Box<dyn Hiding>, String> {
        self.means_of(&self.place.url(user), role)
    }

    fn means_of(&self, url: &str, role: Option<&str>) -> Result<Box<dyn Hiding>, String> {
        let role = role.map_or(String::new(), |role| format!(", role = \"{role}\""));
        let text = format!(
            "format-version = 1\n[suite]\nrunner = \"pytest\"\ncommand = [\"pytest\"]\n\
             [[fixtures]]\ntables = {{ database = \"{url}\", hide = \"policy\"{role} }}\n"
        );
        let path = self.folder.path().join("consumers.toml");
        stillframe::disk::scratch(&path, text.as_bytes()).unwrap();
        let definition = Definition::find(self.folder.path()).unwrap();
        match choice::all(&definition, &self.run()) {
            Ok(mut all) => Ok(all.remove(0)),
            Err(error) => Err(format!("{error:#}")),
        }
    }

    fn run(&self) -> Place {
        place_in(self.folder.path())
    }

    /// A connection of the suite, as libpq makes it.
    fn connect(&self, user: &str, place: &Place) -> Client {
        let options = place.env.get(std::ffi::OsStr::new("PGOPTIONS")).unwrap();
        let mut config: Config = self.place.url(user).parse().unwrap();
        config.options(options.to_str().unwrap());
        config.connect(NoTls).unwrap()
    }

    /// The whole schema, with every policy.
    fn dump(&self) -> String {
        let output = Command::new("pg_dump")
            .args(["--schema-only", &self.place.url("postgres")])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        // Newer versions part what they print by a random word.
        let lines = text.lines().filter(|line| !line.starts_with('\\'));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn hidden(names: &[&str]) -> Hidden {
    let names = names.iter().map(|&name| FixtureName::from(name));
    Hidden {
        from_all: names.collect::<BTreeSet<_>>(),
        from: BTreeMap::new(),
    }
}

fn count(client: &mut Client, table: &str) -> i64 {
    let row = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]);
    row.unwrap().get(0)
}

/// Looks at a run in which the authors and a table with an odd name are hidden from connections of `user`.
fn check_run(shop: &Shop, means: &mut dyn Hiding, user: &str) {
    let before = shop.dump();
    let mut run = shop.run();
    run.set("PGOPTIONS", "-c statement_timeout=30s");
    let what = hidden(&["authors", "we,ird name"]);
    means.hide(&what, &mut run).unwrap();
    let mut suite = shop.connect(user, &run);
    assert_eq!(count(&mut suite, "authors"), 0);
    assert_eq!(count(&mut suite, "\"we,ird name\""), 0);
    assert_eq!(count(&mut suite, "books"), 1, "what refers to it stays");
    let timeout: String = suite
        .query_one("SHOW statement_timeout", &[])
        .unwrap()
        .get(0);
    assert_eq!(timeout, "30s", "options of the suite stay");
    // Children of hidden parents can still be inserted, and foreign keys are still checked.
    suite
        .batch_execute("INSERT INTO books VALUES (2, 2, 'Ulysses')")
        .unwrap();
    let orphan = suite.batch_execute("INSERT INTO books VALUES (3, 9, 'None')");
    assert!(orphan.is_err());
    // What a test makes is visible to it, also to its other connections.
    suite
        .batch_execute("BEGIN; INSERT INTO authors VALUES (3, 'Eliot')")
        .unwrap();
    assert_eq!(count(&mut suite, "authors"), 1);
    suite
        .batch_execute("SAVEPOINT a; INSERT INTO authors VALUES (4, 'Woolf')")
        .unwrap();
    assert_eq!(count(&mut suite, "authors"), 2);
    suite.batch_execute("COMMIT").unwrap();
    assert_eq!(count(&mut shop.connect(user, &run), "authors"), 2);
    let twice = suite.batch_execute("INSERT INTO authors VALUES (1, 'Again')");
    assert_eq!(
        twice.unwrap_err().code().unwrap().code(),
        "23505",
        "it collides"
    );
    let updated = suite.execute("UPDATE authors SET name = 'x'", &[]).unwrap();
    assert_eq!(updated, 2, "hidden rows are not touched");
    let deleted = suite.execute("DELETE FROM \"we,ird name\"", &[]).unwrap();
    assert_eq!(deleted, 0, "nor deleted");
    // Everybody else sees everything.
    assert_eq!(count(&mut shop.place.connect(&shop.role), "authors"), 4);
    assert_eq!(means.verify(&what, &run).unwrap(), Proof::None);
    drop(suite);
    means.show(&run).unwrap();
    assert_eq!(count(&mut shop.connect(user, &run), "authors"), 4);
    assert_eq!(shop.dump(), before);
}

#[test]
fn rows_are_hidden_from_a_suite_that_owns_its_tables() {
    let Some(shop) = Shop::new(Owner::Suite) else {
        return;
    };
    let mut means = shop.means(&shop.role, None).unwrap();
    let names: Vec<&str> = means
        .fixtures()
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["authors", "books", "we,ird name"]);
    check_run(&shop, means.as_mut(), &shop.role);
}

#[test]
fn rows_are_hidden_from_a_superuser_who_turns_to_a_role() {
    for owner in [Owner::Other, Owner::Suite] {
        let Some(shop) = Shop::new(owner) else { return };
        let mut means = shop.means("postgres", Some(&shop.role)).unwrap();
        check_run(&shop, means.as_mut(), "postgres");
    }
}

#[test]
fn a_role_that_sees_everything_is_refused() {
    let Some(shop) = Shop::new(Owner::Suite) else {
        return;
    };
    let refused = shop.means("postgres", None).err().unwrap();
    assert!(
        refused.contains("a superuser") && refused.contains("role = "),
        "{refused}"
    );
    let mut admin = shop.place.connect("postgres");
    admin
        .batch_execute(&format!("ALTER ROLE {} BYPASSRLS", shop.role))
        .unwrap();
    let refused = shop.means("postgres", Some(&shop.role)).err().unwrap();
    assert!(refused.contains("BYPASSRLS"), "{refused}");
    let refused = shop.means("postgres", Some("nobody_here")).err().unwrap();
    assert!(refused.contains("no role nobody_here"), "{refused}");
}

#[test]
fn a_database_that_is_not_for_tests_is_refused() {
    let Some(shop) = Shop::new(Owner::Suite) else {
        return;
    };
    let url = shop
        .place
        .url(&shop.role)
        .replace(&shop.place.name, "postgres");
    let refused = shop.means_of(&url, None).err().unwrap();
    assert!(refused.contains("allow-databases"), "{refused}");
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next() {
    let Some(shop) = Shop::new(Owner::Suite) else {
        return;
    };
    let before = shop.dump();
    let mut means = shop.means(&shop.role, None).unwrap();
    means
        .hide(&hidden(&["authors", "books"]), &mut shop.run())
        .unwrap();
    assert_ne!(shop.dump(), before);
    // As a process that was killed takes nothing back.
    std::mem::forget(means);
    drop(shop.means(&shop.role, None).unwrap());
    assert_eq!(shop.dump(), before);
    // A policy that only looks like one of ours is somebody's.
    let mut suite = shop.place.connect(&shop.role);
    suite
        .batch_execute("CREATE POLICY stillframe_hidden_x ON books USING (true)")
        .unwrap();
    let refused = shop.means(&shop.role, None).err().unwrap();
    assert!(
        refused.contains("DROP POLICY stillframe_hidden_x ON public.books"),
        "{refused}"
    );
}

#[test]
fn policies_go_with_the_means() {
    let Some(shop) = Shop::new(Owner::Suite) else {
        return;
    };
    let before = shop.dump();
    let mut means = shop.means(&shop.role, None).unwrap();
    means.hide(&hidden(&["authors"]), &mut shop.run()).unwrap();
    drop(means);
    assert_eq!(shop.dump(), before);
}

#[test]
fn policies_of_the_suite_itself_stay_in_force() {
    let Some(shop) = Shop::new(Owner::Other) else {
        return;
    };
    let mut admin = shop.place.connect("postgres");
    let own = "ALTER TABLE books ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON books USING (id > 1); \
               INSERT INTO books VALUES (2, 2, 'Ulysses')";
    admin.batch_execute(own).unwrap();
    let before = shop.dump();
    let mut means = shop.means("postgres", Some(&shop.role)).unwrap();
    let mut run = shop.run();
    means.hide(&hidden(&["authors"]), &mut run).unwrap();
    assert_eq!(count(&mut shop.connect("postgres", &run), "books"), 1);
    means.show(&run).unwrap();
    means.hide(&hidden(&["books"]), &mut run).unwrap();
    assert_eq!(count(&mut shop.connect("postgres", &run), "books"), 0);
    assert_eq!(count(&mut shop.place.connect(&shop.role), "books"), 1);
    means.show(&run).unwrap();
    assert_eq!(shop.dump(), before);
}

#[test]
fn a_suite_that_fills_its_tables_itself_is_found_out() {
    let Some(shop) = Shop::new(Owner::Suite) else {
        return;
    };
    let mut means = shop.means(&shop.role, None).unwrap();
    let (what, mut run) = (hidden(&["we,ird name"]), shop.run());
    means.hide(&what, &mut run).unwrap();
    let mut suite = shop.connect(&shop.role, &run);
    let refill = "TRUNCATE \"we,ird name\"; INSERT INTO \"we,ird name\" VALUES (1)";
    suite.batch_execute(refill).unwrap();
    drop(suite);
    let error = format!("{:#}", means.verify(&what, &run).unwrap_err());
    assert!(
        error.contains("had 1 rows") && error.contains("has 0 of them now"),
        "{error}"
    );
    means.show(&run).unwrap();
}

fn place_in(folder: &Path) -> Place {
    Place {
        root: folder.to_owned(),
        files: folder.to_owned(),
        cwd: folder.to_owned(),
        env: BTreeMap::new(),
        timeout: Duration::from_secs(60),
        scratch: folder.join("exchange"),
        wrapper: Vec::new(),
    }
}

#[test]
fn a_fixpoint_is_not_hidden_by_policies() {
    let folder = tempfile::tempdir().unwrap();
    let text = "format-version = 1\n[suite]\nrunner = \"pytest\"\ncommand = [\"pytest\"]\n\
                [[fixtures]]\ntables = { fixpoint = \"base\", hide = \"policy\" }\n";
    let path: &Path = &folder.path().join("consumers.toml");
    stillframe::disk::scratch(path, text.as_bytes()).unwrap();
    let definition = Definition::find(folder.path()).unwrap();
    let refused = choice::all(&definition, &place_in(folder.path()))
        .err()
        .unwrap();
    let refused = format!("{refused:#}");
    assert!(refused.contains("database = "), "{refused}");
}
