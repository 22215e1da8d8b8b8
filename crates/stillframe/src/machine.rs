//! What this machine and this day are called: the facts that no fixture may depend on. It asks the system for them and judges nothing.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use stillframe_core::machine::{Day, Machine};

/// Folders and files of this machine that a fixture never names, each with what is written instead.
///
/// Each comes as it is written and, where a link leads there, as the system names it.
pub fn places(root: &Path, programs: &[&Path]) -> Vec<(PathBuf, &'static str)> {
    let homes = [std::env::home_dir(), account().map(|account| account.home)];
    let programs = programs
        .iter()
        .map(|program| (*program, "/stillframe/target"));
    let named = [(root, "/stillframe/root")]
        .into_iter()
        .chain(programs)
        .chain(
            homes
                .iter()
                .flatten()
                .map(|home| (home.as_path(), "/stillframe/user-home")),
        );
    let mut places = Vec::new();
    for (path, placeholder) in named.filter(|(path, _)| path.is_absolute()) {
        places.push((path.to_owned(), placeholder));
        if let Ok(real) = path.canonicalize()
            && real != path
        {
            places.push((real, placeholder));
        }
    }
    places
}

/// What a fixture of a run that began at this time may not hold.
pub fn facts(root: &Path, started: SystemTime) -> Machine {
    let (started, now) = (seconds(started), seconds(SystemTime::now()));
    let mut days: Vec<Day> = [started, now]
        .iter()
        .flat_map(|&time| [Day::of(time), Day::of(time + offset(time))])
        .collect();
    days.sort();
    days.dedup();
    let places = places(root, &[]).into_iter();
    Machine {
        hosts: hosts(),
        users: users(),
        folders: places
            .map(|(path, _)| path.to_string_lossy().into_owned())
            .collect(),
        days,
        now,
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The host's name, and the same without its domain.
fn hosts() -> Vec<String> {
    let full = host();
    let short = full.split('.').next().unwrap_or_default().to_owned();
    vec![full, short]
}

/// The names of the user in the environment and in the system's own list.
fn users() -> Vec<String> {
    let variables = ["USER", "LOGNAME", "USERNAME"].into_iter();
    let set = variables.filter_map(|name| std::env::var(name).ok());
    set.chain(account().map(|account| account.name)).collect()
}

/// The user as `/etc/passwd` has it.
struct Account {
    name: String,
    home: PathBuf,
}

#[cfg(unix)]
fn account() -> Option<Account> {
    let user = rustix::process::getuid().as_raw().to_string();
    let users = crate::disk::read_regular_text(Path::new("/etc/passwd")).ok()?;
    let mut lines = users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>());
    let line = lines.find(|fields| fields.get(2) == Some(&user.as_str()))?;
    Some(Account {
        name: (*line.first()?).to_owned(),
        home: PathBuf::from(line.get(5)?),
    })
}

#[cfg(not(unix))]
fn account() -> Option<Account> {
    None
}

#[cfg(unix)]
fn host() -> String {
    let system = rustix::system::uname();
    system.nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

/// How many seconds local time is ahead of UTC at a time.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the time zone is known to the C library only")]
#[allow(
    clippy::useless_conversion,
    reason = "the offset has 32 bits on some systems"
)]
fn offset(time: i64) -> i64 {
    let time = time as libc::time_t;
    let mut local = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are valid for the call; a zeroed `tm` is a value, also where the call fails.
    let local = unsafe {
        libc::localtime_r(&raw const time, local.as_mut_ptr());
        local.assume_init()
    };
    i64::from(local.tm_gmtoff)
}

/// Elsewhere only the day in UTC is known.
#[cfg(not(unix))]
fn offset(_time: i64) -> i64 {
    0
}
