//! One fact about the machine or the day, and where it stands in a text.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use super::quick::Hint;
use super::{Day, Machine};
use crate::normalize::{Needle, Stands};

/// A fact that can be looked for.
#[derive(Debug)]
pub enum Sign {
    /// The name of the host or of the user.
    Name {
        /// Whose it is.
        what: &'static str,
        name: String,
        /// Whether it is told from other words where it stands inside a text.
        distinct: bool,
    },
    /// A folder.
    Folder(Needle),
    /// Days of the run.
    Today(Box<Today>),
    /// The time of the run in seconds since 1970.
    Now(i64),
}

/// Days, and what finds them, which is made when it is first needed: few fixtures hold anything like one.
#[derive(Debug)]
pub struct Today {
    days: Vec<Day>,
    pattern: OnceLock<Regex>,
}

impl Today {
    fn pattern(&self) -> &Regex {
        self.pattern.get_or_init(|| {
            let days = self.days.iter();
            let patterns: Vec<String> = days.map(|day| day.pattern().to_string()).collect();
            Regex::new(&patterns.join("|")).expect("alternatives of regular expressions")
        })
    }
}

/// Numbers this close to the time of the run come from a clock.
const A_DAY: i64 = 86_400;
/// What a second is counted in: itself, ms, µs, ns.
const UNITS: [i64; 4] = [1, 1_000, 1_000_000, 1_000_000_000];

/// Names that mean something else as often as a machine or a person.
const COMMON: &str = "admin administrator agent alpha alpine android anonymous ansible apache apple april arch \
    archlinux august author backup base beta bill bitbucket book branch build builder buildkite cache centos chase \
    circle circleci client cloud code codespace coder computer conda connect container daemon data database debian \
    default demo deploy deployer desktop developer device docker dockerhost domain drew ec2-user example faith fedora \
    files frank frontend backend gateway gentoo gitea github gitlab gitlab-runner gitpod grace grant guest harbor home \
    hope host hostname http https internal jack jenkins june kali kube kubernetes laptop last library linux linuxbrew \
    local localdomain localhost login machine macbook mail main manager mark master mint monitor mysql name network \
    nginx nixos node nobody none null oracle owner page pass person pi plugin podman port postgres primary prod \
    production project proxy public python raspberrypi redis release remote repo rich robin root rose ruby rust \
    runner runneradmin sandbox scan secondary secret server service session shell site source staging storage \
    student super superuser support system target team temp test tester testing theme time tools travis true trusty \
    ubuntu unknown user username users utility vagrant vercel version virtual volume vscode watch webmaster will \
    windows work worker workspace workstation www-data young";

/// Whether a name alone tells that the machine or the person is meant.
fn is_distinct(name: &str) -> bool {
    let lower = name.to_lowercase();
    let letters = name.chars().count();
    letters >= 4
        && !name.chars().all(|letter| letter.is_ascii_digit())
        && !COMMON.split_whitespace().any(|word| word == lower)
}

/// The signs of these facts, each once.
pub fn of(machine: &Machine) -> Vec<Sign> {
    let mut signs = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    let hosts = machine.hosts.iter().map(|name| ("host", name));
    let users = machine.users.iter().map(|name| ("user", name));
    for (what, name) in hosts.chain(users) {
        if !name.is_empty() && !known.contains(&name.as_str()) {
            known.push(name);
            signs.push(Sign::Name {
                what,
                name: name.clone(),
                distinct: is_distinct(name),
            });
        }
    }
    for folder in &machine.folders {
        let needle = Needle::new(folder.trim_end_matches(['/', '\\']), "", Stands::Component);
        let is_known = |sign: &Sign| matches!(sign, Sign::Folder(other) if *other == needle);
        if needle.components() > 0 && !signs.iter().any(is_known) {
            signs.push(Sign::Folder(needle));
        }
    }
    if !machine.days.is_empty() {
        signs.push(Sign::Today(Box::new(Today {
            days: machine.days.clone(),
            pattern: OnceLock::new(),
        })));
    }
    signs.push(Sign::Now(machine.now));
    signs
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { what, name, .. } => write!(f, "the {what}'s name, {name}"),
            Self::Folder(needle) => write!(f, "the folder {}", needle.path()),
            Self::Today(_) => f.write_str("today's date"),
            Self::Now(_) => f.write_str("a point in time within a day of now"),
        }
    }
}

impl Sign {
    /// Where it stands in a text.
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        match self {
            Self::Name { name, distinct, .. } => {
                if *distinct {
                    word(text, name)
                } else {
                    component(text, name)
                }
            }
            Self::Folder(needle) => {
                let found = text.contains(needle.anchor()).then(|| needle.find(text));
                Some(found?.next()?.range)
            }
            Self::Today(today) => {
                let groups = today.pattern().captures(text)?;
                let day = groups.iter().skip(1).flatten().next()?;
                Some(day.range())
            }
            Self::Now(now) => moment(text, *now),
        }
    }

    /// Where it stands in the name of a member. A generic name alone says what the member holds, as in `{"root": …}`.
    pub fn find_in_name(&self, name: &str) -> Option<Range<usize>> {
        let generic = matches!(self, Self::Name { distinct, .. } if !distinct);
        self.find(name)
            .filter(|found| !generic || found.len() < name.len())
    }

    /// Whether a JSON number is this.
    pub fn is_number(&self, token: &str) -> bool {
        match self {
            Self::Name { .. } | Self::Folder(_) => false,
            Self::Today(today) => today.pattern().is_match(token),
            Self::Now(now) => token.parse().is_ok_and(|number| is_near(number, *now)),
        }
    }

    /// Texts one of which stands wherever the sign does, in JSON as printed.
    pub fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Name { name, distinct, .. } if *distinct => {
                let lower = name.to_lowercase();
                let mut letters = lower.chars();
                let first = letters.next().into_iter().flat_map(char::to_uppercase);
                let title = first.chain(letters.clone()).collect();
                let forms = [name.clone(), name.to_uppercase(), title, lower];
                forms.map(without_first_letter).into()
            }
            Self::Name { name, .. } => {
                let texts = surrounded(name).into_iter();
                texts.map(|text| Hint::new(text, name)).collect()
            }
            Self::Folder(needle) if needle.components() > 1 => {
                vec![Hint::whole(needle.anchor().to_owned())]
            }
            Self::Folder(needle) => ["/", "\\", "2F", "2f", "5C", "5c"]
                .iter()
                .map(|separator| format!("{separator}{}", needle.anchor()))
                .map(|text| Hint::new(text, needle.anchor()))
                .collect(),
            Self::Today(today) => today.days.iter().flat_map(|day| day.hints()).collect(),
            Self::Now(now) => {
                let texts = beginnings(*now).into_iter();
                texts.map(|text| by_its_beginning(&text)).collect()
            }
        }
    }
}

/// A form of a name; those with a capital and with a small first letter share what is looked for.
fn without_first_letter(name: String) -> Hint {
    /// What is left is to be long enough to be rare.
    const SHORTEST: usize = 5;
    match name.char_indices().nth(1) {
        Some((second, _)) if name.len() >= SHORTEST => {
            let rest = name[second..].to_owned();
            Hint::new(name, &rest)
        }
        _ => Hint::whole(name),
    }
}

/// Digits; those that differ only in the last one share what is looked for.
fn by_its_beginning(digits: &str) -> Hint {
    Hint::new(digits.to_owned(), &digits[..digits.len() - 1])
}

/// A name as a whole value or as a component of a path.
fn surrounded(name: &str) -> Vec<String> {
    let ends = ["\"", "/", "\\"];
    let both = ends
        .iter()
        .flat_map(|before| ends.iter().map(move |after| (before, after)));
    both.map(|(before, after)| format!("{before}{name}{after}"))
        .collect()
}

/// The first digits of all numbers of a day around a time, in every unit, also with an exponent.
fn beginnings(now: i64) -> Vec<String> {
    /// Five of ten digits stay for a day.
    const BLOCK: i64 = 100_000;
    let blocks = (now - A_DAY) / BLOCK..=(now + A_DAY) / BLOCK;
    let both = blocks.flat_map(|block| {
        let digits = block.to_string();
        let (first, rest) = digits.split_at(1);
        [format!("{first}.{rest}"), digits]
    });
    both.collect()
}

fn is_near(number: f64, now: i64) -> bool {
    let distance = |unit: &i64| (number / *unit as f64 - now as f64).abs();
    UNITS.iter().any(|unit| distance(unit) <= A_DAY as f64)
}

/// The first run of digits that is a point in time near `now`.
fn moment(text: &str, now: i64) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let length = bytes[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let range = start..start + length;
        let is_fraction = start > 0 && bytes[start - 1] == b'.';
        if matches!(length, 10 | 13 | 16 | 19)
            && !is_fraction
            && text[range.clone()]
                .parse()
                .is_ok_and(|number| is_near(number, now))
        {
            return Some(range);
        }
        start += length + 1;
    }
    None
}

/// Where a name stands with no letter or digit beside it, in either case.
fn word(text: &str, name: &str) -> Option<Range<usize>> {
    let length = name.len();
    let inside = |at: usize| text.get(at..at + length);
    let is_part = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    (0..(text.len() + 1).saturating_sub(length))
        .filter(|&at| inside(at).is_some_and(|part| part.eq_ignore_ascii_case(name)))
        .find(|&at| {
            !is_part(text[..at].chars().next_back()) && !is_part(text[at + length..].chars().next())
        })
        .map(|at| at..at + length)
}

/// Where a name is the whole text or a component of a path in it.
fn component(text: &str, name: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for part in text.split(['/', '\\']) {
        if part == name {
            return Some(start..start + name.len());
        }
        start += part.len() + 1;
    }
    None
}
