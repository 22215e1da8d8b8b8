//! A server or a connection that fails at every message of a store and a restore: all is as before or as after.

use fixpoints::engines::postgres::Postgres;
use fixpoints::{Environment, Fixpoints, Folder, Result, Scope, StoreOptions};
use postgres::Client;

use crate::playground::{Playground, name};
use crate::proxy::{Fault, Proxy, REFUSAL};

/// Everything that a restore has to leave as it was: rings, deferred, unvalidated and remarked foreign keys, triggers,
/// rules and sequences.
const TABLES: &str = "
    CREATE TABLE a (id int PRIMARY KEY, z int, self int REFERENCES a, n int UNIQUE DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE z (id serial PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE);
    CREATE TABLE m (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED, z int);
    CREATE TABLE log (n int); CREATE TABLE other (n int); CREATE SEQUENCE free;
    ALTER TABLE a ADD CONSTRAINT ring FOREIGN KEY (z) REFERENCES z ON DELETE CASCADE;
    ALTER TABLE m ADD CONSTRAINT loose FOREIGN KEY (z) REFERENCES z DEFERRABLE NOT VALID;
    COMMENT ON CONSTRAINT ring ON a IS 'it''s a ring';
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (1); RETURN NULL; END';
    CREATE TRIGGER origin AFTER INSERT OR DELETE ON a EXECUTE FUNCTION note();
    CREATE TRIGGER always AFTER INSERT OR DELETE ON z EXECUTE FUNCTION note(); ALTER TABLE z ENABLE ALWAYS TRIGGER always;
    CREATE TRIGGER off AFTER INSERT OR DELETE ON z EXECUTE FUNCTION note(); ALTER TABLE z DISABLE TRIGGER off;
    CREATE RULE never AS ON DELETE TO m DO INSTEAD NOTHING;
    INSERT INTO a VALUES (1, 1, 2, 1), (2, 2, 1, 2), (3, NULL, 3, 3); INSERT INTO z (a) VALUES (2), (1), (NULL);
    INSERT INTO m VALUES (1, 1), (3, 3), (NULL, 2); SELECT nextval('free');";

/// Every table is to be written, one of them from the start, and every sequence is to be moved.
const WRECK: &str = "DELETE FROM a WHERE id = 1; UPDATE z SET a = NULL; INSERT INTO z (a) VALUES (2);
    UPDATE a SET n = n + 1, z = NULL, self = NULL; ALTER TABLE m DISABLE RULE never; DELETE FROM m; ALTER TABLE m ENABLE RULE never;
    INSERT INTO m VALUES (2, 2); SELECT nextval('free');";

/// Rows, constraints with what they are called and whether they hold, triggers, rules and sequences.
const PICTURE: &str = "SELECT string_agg(x, E'\\n' ORDER BY x) FROM (
    SELECT concat(c.oid::regclass, query_to_xml(format(CASE relkind WHEN 'r' THEN 'SELECT * FROM %s t ORDER BY t::text'
            ELSE 'SELECT last_value + is_called::int AS next FROM %s' END, c.oid::regclass), true, true, ''))
        FROM pg_class c WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat(conrelid::regclass, ' ', conname, ' ', pg_get_constraintdef(oid), convalidated, condeferrable, condeferred,
        obj_description(oid, 'pg_constraint')) FROM pg_constraint WHERE conrelid >= 16384
    UNION ALL SELECT concat(tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT concat(tgrelid::regclass, tgtype, tgenabled, tgdeferrable, tginitdeferred) FROM pg_trigger WHERE tgisinternal
    UNION ALL SELECT concat(rulename, ev_enabled) FROM pg_rewrite WHERE ev_class >= 16384) s (x)";

/// Who restores.
const USERS: [&str; 2] = ["postgres", "faulty"];

/// A wrecked database with `base` and `wreck` stored, and the door to it.
struct Ward {
    playground: Playground,
    proxy: Proxy,
    watcher: Client,
    before: String,
    after: String,
}

impl Ward {
    fn new(user: &'static str) -> Option<Self> {
        let mut playground = Playground::new(TABLES)?;
        playground.sql("DO $$ BEGIN CREATE ROLE faulty LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            LOOP EXECUTE format('ALTER TABLE %I OWNER TO faulty', t); END LOOP; END $$;
            ALTER SEQUENCE free OWNER TO faulty; ALTER FUNCTION note() OWNER TO faulty; GRANT ALL ON SCHEMA public TO faulty");
        let mut watcher = playground.client();
        playground.store("base").unwrap();
        let after = picture(&mut watcher);
        playground.sql(WRECK);
        playground.store("wreck").unwrap();
        let before = picture(&mut watcher);
        playground.user = user;
        Some(Self {
            proxy: Proxy::to(&playground.place),
            playground,
            watcher,
            before,
            after,
        })
    }

    /// A restore through the door.
    fn restore(&self) -> Result<()> {
        let mut database = Postgres::open(&self.proxy.url(self.playground.user))?;
        let chain = self.playground.chain("base")?;
        fixpoints::restore(&mut database, &chain, &self.playground.scope).map(drop)
    }

    /// What the database holds when every session but that of the watcher is over.
    fn left(&mut self) -> String {
        let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        while self
            .watcher
            .query_one(others, &[])
            .unwrap()
            .get::<_, i64>(0)
            > 0
        {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        picture(&mut self.watcher)
    }

    /// Holds what is left against what was said, and makes everything as before.
    fn judge(&mut self, case: &str, said: &Result<()>) -> Judgement {
        let left = self.left();
        let judgement = match said {
            Ok(()) => Judgement::Done,
            Err(error) if left == self.after => {
                let text = error.to_string();
                assert!(text.contains("may have been committed"), "{case}: {text}");
                Judgement::Lost
            }
            Err(_) => Judgement::Undone,
        };
        let expected = match judgement {
            Judgement::Undone => &self.before,
            Judgement::Done | Judgement::Lost => &self.after,
        };
        assert_eq!(&left, expected, "{case}: {said:?}");
        if let Err(error) = said {
            let text = format!("{error:?}");
            assert!(!text.contains("s3cret"), "{case}: {text}");
            assert!(
                error.hint().is_some() || text.contains(REFUSAL),
                "{case}: nothing to do about it: {text}"
            );
        }
        self.playground.restore("base").unwrap();
        assert_eq!(
            self.left(),
            self.after,
            "{case}: the next restore does not mend it"
        );
        let wreck = self.playground.chain("wreck").unwrap();
        {
            let mut database = Postgres::on(&mut self.watcher);
            fixpoints::restore(&mut database, &wreck, &Scope::default()).unwrap();
        }
        assert_eq!(picture(&mut self.watcher), self.before, "{case}");
        judgement
    }

    /// Restores with a fault at each message in turn; gives how many came, and how often a commit's answer was lost.
    fn restore_at_every(&mut self, fault: fn(usize) -> Fault) -> (usize, usize) {
        let mut lost = 0;
        for n in 1.. {
            let fault = fault(n);
            self.proxy.arm(fault);
            let said = self.restore();
            let happened = self.proxy.disarm();
            let judgement = self.judge(&format!("{} {fault:?}", self.playground.user), &said);
            lost += usize::from(judgement == Judgement::Lost);
            if !happened {
                said.unwrap();
                return (n - 1, lost);
            }
        }
        unreachable!("a restore has an end")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    Done,
    /// It was done, and nobody could know.
    Lost,
    Undone,
}

fn picture(client: &mut Client) -> String {
    client.query_one(PICTURE, &[]).unwrap().get(0)
}

#[test]
fn a_restore_cut_off_after_any_question_is_all_or_nothing() {
    for user in USERS {
        let Some(mut ward) = Ward::new(user) else {
            return;
        };
        let (happened, lost) = ward.restore_at_every(Fault::CutAfterAsking);
        assert!(
            happened > 20 && lost > 0,
            "{happened} questions, {lost} lost"
        );
    }
}

#[test]
fn a_restore_cut_off_before_any_answer_is_all_or_nothing() {
    for user in USERS {
        let Some(mut ward) = Ward::new(user) else {
            return;
        };
        let (happened, lost) = ward.restore_at_every(Fault::CutBeforeAnswer);
        assert!(
            happened > 100 && lost > 0,
            "{happened} answers, {lost} lost"
        );
    }
}

#[test]
fn a_restore_whose_server_process_ends_at_any_question_is_all_or_nothing() {
    for user in USERS {
        let Some(mut ward) = Ward::new(user) else {
            return;
        };
        let (happened, _) = ward.restore_at_every(Fault::Terminate);
        assert!(happened > 20, "{happened} questions");
    }
}

#[test]
fn a_restore_refused_at_any_statement_is_undone() {
    for user in USERS {
        let Some(mut ward) = Ward::new(user) else {
            return;
        };
        let (happened, lost) = ward.restore_at_every(Fault::Refuse);
        assert!(
            happened > 10 && lost == 0,
            "{happened} statements, {lost} lost"
        );
    }
}

/// The client is the caller's own: it must be as good as before, without a transaction that nobody began.
#[test]
fn a_refused_restore_leaves_the_callers_connection_usable() {
    for user in USERS {
        let Some(ward) = Ward::new(user) else {
            return;
        };
        let mut client = Client::connect(&ward.proxy.url(user), postgres::NoTls).unwrap();
        let chain = ward.playground.chain("base").unwrap();
        for n in 1.. {
            ward.proxy.arm(Fault::Refuse(n));
            let said =
                fixpoints::restore(&mut Postgres::on(&mut client), &chain, &Scope::default());
            let happened = ward.proxy.disarm();
            client
                .batch_execute("BEGIN; UPDATE other SET n = n; COMMIT")
                .unwrap();
            assert_eq!(said.is_err(), happened, "{user} {n}");
            if !happened {
                break;
            }
            assert!(
                said.unwrap_err().to_string().contains(REFUSAL),
                "{user} {n}"
            );
            assert_eq!(picture(&mut client), ward.before, "{user} {n}");
        }
    }
}

#[test]
fn a_refused_restore_lets_the_callers_transaction_go_on() {
    for user in USERS {
        let Some(mut ward) = Ward::new(user) else {
            return;
        };
        let mut client = Client::connect(&ward.proxy.url(user), postgres::NoTls).unwrap();
        let chain = ward.playground.chain("base").unwrap();
        for n in 1.. {
            let mut transaction = client.transaction().unwrap();
            transaction
                .batch_execute("INSERT INTO other VALUES (1)")
                .unwrap();
            let seen = |transaction: &mut postgres::Transaction<'_>| -> String {
                let settings = "SELECT string_agg(concat(name, '=', setting), ' ' ORDER BY name) FROM pg_settings WHERE name NOT LIKE 'plpgsql%'";
                let settings: String = transaction.query_one(settings, &[]).unwrap().get(0);
                let picture: String = transaction.query_one(PICTURE, &[]).unwrap().get(0);
                format!("{settings}\n{picture}")
            };
            let before = seen(&mut transaction);
            ward.proxy.arm(Fault::Refuse(n));
            let said = fixpoints::restore(
                &mut Postgres::within(&mut transaction),
                &chain,
                &Scope::default(),
            );
            let happened = ward.proxy.disarm();
            assert_eq!(said.is_err(), happened, "{user} {n}");
            if happened {
                assert_eq!(seen(&mut transaction), before, "{user} {n}");
            }
            transaction.batch_execute("DELETE FROM other").unwrap();
            transaction.commit().unwrap();
            let wanted = if happened { &ward.before } else { &ward.after };
            assert_eq!(&picture(&mut ward.watcher), wanted, "{user} {n}");
            if !happened {
                break;
            }
        }
    }
}

/// A suite's restores know what the last one left: a fault in between must not make the next one believe it.
#[test]
fn what_a_suite_remembers_survives_a_fault_at_any_question() {
    for user in USERS {
        let Some(mut ward) = Ward::new(user) else {
            return;
        };
        let fixpoints = Fixpoints::new(ward.playground.fixpoints().path())
            .in_environment(Environment::default());
        let through = |url: &str| Client::connect(url, postgres::NoTls).unwrap();
        for fault in [Fault::CutAfterAsking as fn(usize) -> Fault, Fault::Refuse] {
            for n in 1.. {
                let mut client = ward.playground.place.connect(user);
                fixpoints.restore(&mut client, "base").unwrap();
                client
                    .batch_execute("UPDATE z SET a = NULL; DELETE FROM m")
                    .unwrap();
                let wrecked = picture(&mut ward.watcher);
                let mut cut = through(&ward.proxy.url(user));
                ward.proxy.arm(fault(n));
                let said = fixpoints.restore(&mut cut, "base");
                let happened = ward.proxy.disarm();
                drop((client, cut));
                let left = ward.left();
                let case = format!("{user} {:?}: {said:?}", fault(n));
                assert!(
                    left == ward.after || (said.is_err() && left == wrecked),
                    "{case}"
                );
                let mut client = ward.playground.place.connect(user);
                fixpoints.restore(&mut client, "base").unwrap();
                drop(client);
                assert_eq!(ward.left(), ward.after, "{case}");
                if !happened {
                    break;
                }
            }
        }
    }
}

/// Every file of a folder with its bytes, hidden ones too.
fn files(folder: &Folder) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = std::fs::read_dir(folder.path()).unwrap().map(|entry| {
        let entry = entry.unwrap();
        (entry.file_name(), std::fs::read(entry.path()).unwrap())
    });
    let mut files: Vec<_> = entries.collect();
    files.sort();
    files
}

#[test]
fn a_store_that_fails_at_any_message_leaves_the_file_as_it_was() {
    let Some(mut ward) = Ward::new("faulty") else {
        return;
    };
    let folder = ward.playground.fixpoints();
    let before = files(&folder);
    let good = ward.playground.text("base");
    let faults = [
        Fault::CutAfterAsking as fn(usize) -> Fault,
        Fault::CutBeforeAnswer,
        Fault::Terminate,
        Fault::Refuse,
    ];
    for (fault, parent) in faults
        .into_iter()
        .flat_map(|fault| [(fault, None), (fault, Some(name("wreck")))])
    {
        let options = StoreOptions {
            parent,
            exclude: Vec::new(),
            ..StoreOptions::default()
        };
        for n in 1.. {
            ward.proxy.arm(fault(n));
            let said = Postgres::open(&ward.proxy.url("faulty")).and_then(|mut database| {
                fixpoints::store(
                    &mut database,
                    &folder,
                    &name("base"),
                    &Scope::default(),
                    &options,
                )
            });
            let happened = ward.proxy.disarm();
            match said {
                Ok(_) => assert_ne!(ward.playground.text("base"), good),
                Err(error) => {
                    assert_eq!(files(&folder), before, "{:?}: {error:?}", fault(n));
                    let text = format!("{error:?}");
                    let is_known = !text.contains(REFUSAL);
                    assert!(!text.contains("s3cret"), "{text}");
                    assert!(error.hint().is_some() || !is_known, "{text}");
                }
            }
            ward.playground.write("base", &good);
            if !happened {
                assert!(n > 5, "{n}");
                break;
            }
        }
    }
    assert_eq!(ward.left(), ward.before);
}

/// What a restore says that runs out of patience while another session does `sql` and stays.
fn said_while(ward: &Ward, sql: &str) -> String {
    let mut other = ward.playground.client();
    let mut transaction = other.transaction().unwrap();
    transaction.batch_execute(sql).unwrap();
    let mut client = ward.playground.place.connect(ward.playground.user);
    let mut database = Postgres::on(&mut client).waiting(
        std::time::Duration::from_millis(50),
        std::time::Duration::from_secs(60),
    );
    let chain = ward.playground.chain("base").unwrap();
    let said = fixpoints::restore(&mut database, &chain, &Scope::default()).unwrap_err();
    drop(database);
    transaction.rollback().unwrap();
    client.batch_execute("DELETE FROM other").unwrap();
    format!("{said:?}")
}

#[test]
fn who_holds_what_a_restore_waits_for_is_said() {
    for user in USERS {
        let Some(mut ward) = Ward::new(user) else {
            return;
        };
        let waited = "canceling statement due to lock timeout; process ";
        for (sql, act, held) in [
            (
                "UPDATE a SET n = n; LOCK z IN SHARE MODE",
                "cannot lock the tables",
                "a, z",
            ),
            ("LOCK z", "cannot lock the tables", "z"),
            (
                "SELECT nextval('free')",
                "cannot set the sequences free, z_id_seq",
                "free",
            ),
        ] {
            ward.playground.restore("wreck").unwrap();
            let text = said_while(&ward, &format!("SET application_name = 'app'; {sql}"));
            // What another session does is for superusers to know.
            let doing = if user == "postgres" {
                ", idle in transaction"
            } else {
                ""
            };
            let end = format!(" (app, postgres{doing}) holds {held}\nhint: ");
            assert!(
                text.starts_with(&format!("{act}: {waited}")) && text.contains(&end),
                "{user} {sql}: {text}"
            );
        }
        ward.playground.restore("wreck").unwrap();
        assert_eq!(ward.left(), ward.before);
    }
}

#[test]
fn a_statement_that_takes_too_long_blames_no_row() {
    for user in USERS {
        let Some(mut ward) = Ward::new(user) else {
            return;
        };
        ward.playground.sql(
            "CREATE FUNCTION slow(int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN true; END';
             ALTER TABLE log ADD CHECK (slow(n)) NOT VALID; DELETE FROM log",
        );
        let before = ward.left();
        let mut client = ward.playground.place.connect(user);
        let mut database = Postgres::on(&mut client).waiting(
            std::time::Duration::from_secs(60),
            std::time::Duration::from_secs(1),
        );
        let chain = ward.playground.chain("base").unwrap();
        let said = fixpoints::restore(&mut database, &chain, &Scope::default()).unwrap_err();
        drop(database);
        drop(client);
        let text = format!("{said:?}");
        assert!(
            text.starts_with(
                "cannot insert into log: canceling statement due to statement timeout\nhint: "
            ),
            "{text}"
        );
        assert_eq!(ward.left(), before);
    }
}

#[test]
fn a_row_that_a_constraint_refuses_is_named_and_everything_stays() {
    for user in USERS {
        let Some(mut ward) = Ward::new(user) else {
            return;
        };
        ward.playground
            .sql("ALTER TABLE z ADD CHECK (id <> 2) NOT VALID");
        let before = ward.left();
        let said = ward.restore().unwrap_err();
        assert!(
            matches!(&said, fixpoints::Error::Row { table, row, .. } if table == "z" && row.to_string() == r#"{"id": 2}"#),
            "{said:?}"
        );
        assert_eq!(ward.left(), before);
    }
}
