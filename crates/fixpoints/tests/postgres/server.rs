//! A throw-away PostgreSQL for this test binary: begun by the first test that needs it, ended with the process.
//!
//! A shell stands guard over it: it waits until the test process is gone, however it went, then stops the server and
//! removes its folder. It touches nothing that was not begun here.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

/// A running server.
pub struct Server {
    socket: PathBuf,
    made: AtomicUsize,
    /// Closing it tells the guard that this process is done.
    _guard: Mutex<(Child, ChildStdin)>,
}

/// Where a skip is a failure.
const REQUIRED: &str = "FIXPOINTS_REQUIRE_SERVERS";

impl Server {
    /// The server of this process; `None`, said on stderr, where its programs are not installed.
    pub fn get() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(|| programs().map(|bin| Self::start(&bin, HASTY)));
        if server.is_none() {
            let required = std::env::var_os(REQUIRED).is_some_and(|value| value == "1");
            assert!(
                !required,
                "{REQUIRED}=1, and no initdb and postgres are installed: apt-get install postgresql"
            );
            eprintln!("skipped: no initdb and postgres are installed (apt-get install postgresql)");
        }
        server.as_ref()
    }

    /// A server that keeps what it is told as one that was just installed does; `None` where there are no programs.
    #[allow(dead_code, reason = "the bench uses it")]
    pub fn durable() -> Option<Self> {
        programs().map(|bin| Self::start(&bin, &[]))
    }

    /// A server on which nothing runs but what its holder does, as other transactions keep old versions of rows alive;
    /// `None` where there are no programs.
    #[allow(dead_code, reason = "the tests use it")]
    pub fn quiet() -> Option<MutexGuard<'static, Self>> {
        static QUIET: OnceLock<Option<Mutex<Server>>> = OnceLock::new();
        let server =
            QUIET.get_or_init(|| programs().map(|bin| Mutex::new(Self::start(&bin, HASTY))));
        // Without the programs the other one says so, or fails.
        let held = server.as_ref().or_else(|| Self::get().and(None))?.lock();
        Some(held.unwrap_or_else(PoisonError::into_inner))
    }

    /// A new database, and what a client needs to reach it.
    pub fn database(&self) -> Place {
        self.database_in("UTF8")
    }

    /// A new database in another encoding.
    pub fn database_in(&self, encoding: &str) -> Place {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("fixpoints_test_{number}");
        let place = |name: String| Place {
            socket: self.socket.clone(),
            name,
        };
        let mut client = place("postgres".to_owned()).connect("postgres");
        client
            .batch_execute(&format!(
                "CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"
            ))
            .unwrap();
        place(name)
    }

    fn start(bin: &Path, options: &[&str]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("fxpg")
            .tempdir_in("/tmp")
            .unwrap();
        let folder = folder.keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        let owner = unprivileged();
        if let Some((user, group)) = owner {
            std::os::unix::fs::chown(&folder, Some(user), Some(group)).unwrap();
        }
        let mut guard = as_user(Command::new("/bin/sh"), owner)
            .arg("-c")
            .arg(GUARD)
            .arg("guard")
            .args([bin, &folder])
            .args(options)
            .current_dir(&folder)
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let stdin = guard.stdin.take().unwrap();
        let server = Self {
            socket: folder.clone(),
            made: AtomicUsize::new(0),
            _guard: Mutex::new((guard, stdin)),
        };
        server.wait(&folder);
        server
    }

    fn wait(&self, folder: &Path) {
        let begun = Instant::now();
        loop {
            let place = Place {
                socket: self.socket.clone(),
                name: "postgres".to_owned(),
            };
            if place.try_connect("postgres").is_ok() {
                return;
            }
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the server did not start: {log}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// What a server that lives for one run need not do.
const HASTY: &[&str] = &[
    "-c",
    "fsync=off",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "autovacuum=off",
];

/// `read` returns when the other end of the pipe is closed, which the end of the test process does.
const GUARD: &str = r#"
bin=$1 folder=$2
shift 2
"$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1
"$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=60 "$@" \
  >>"$folder/log" 2>&1 </dev/null &
server=$!
read -r _
kill -INT "$server"
wait "$server"
cd /
rm -rf "$folder"
"#;

/// Where a database is.
#[derive(Debug, Clone)]
pub struct Place {
    socket: PathBuf,
    pub name: String,
}

impl Place {
    pub fn url(&self, user: &str) -> String {
        let host = self.socket.to_string_lossy().replace('/', "%2F");
        format!("postgres://{user}@{host}/{}", self.name)
    }

    pub fn connect(&self, user: &str) -> Client {
        self.try_connect(user).unwrap()
    }

    /// Where the server listens.
    #[allow(dead_code, reason = "not every test goes there by itself")]
    pub fn door(&self) -> PathBuf {
        self.socket.join(".s.PGSQL.5432")
    }

    fn try_connect(&self, user: &str) -> Result<Client, postgres::Error> {
        Client::connect(&self.url(user), NoTls)
    }
}

/// The folder of the server's programs: on the PATH, where `pg_config` says, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(
            String::from_utf8_lossy(&output.stdout).trim(),
        ));
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    let has = |folder: &PathBuf, program: &str| folder.join(program).is_file();
    let found = folders
        .into_iter()
        .filter(|folder| has(folder, "initdb") && has(folder, "postgres"));
    // A link on the PATH leads to where the server's other files are.
    found
        .map(|folder| {
            std::fs::canonicalize(folder.join("postgres")).unwrap_or(folder.join("postgres"))
        })
        .find_map(|postgres| postgres.parent().map(Path::to_path_buf))
}

/// The server refuses to run as root, so then it runs as somebody else.
fn unprivileged() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8_lossy(&output.stdout)
            .trim()
            .parse::<u32>()
            .ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    ["postgres", "nobody"]
        .iter()
        .find_map(|user| Some((id(&["-u", user])?, id(&["-g", user])?)))
}

fn as_user(mut command: Command, owner: Option<(u32, u32)>) -> Command {
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}
