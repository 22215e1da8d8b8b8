//! Which file of a crate uses names of which other one, read from its text; it compiles nothing.

use std::collections::{BTreeMap, BTreeSet};

/// A module, by its path from the root of its crate, which is empty.
pub type Module = Vec<String>;

/// The modules of one crate, by the files that hold them.
#[derive(Default)]
pub struct Crate {
    uses: BTreeMap<Module, Vec<Vec<String>>>,
    /// What a module calls by a name of its own: `use a::b as c` makes `c` mean `a::b`; `None` is another crate's.
    aliases: BTreeMap<Module, BTreeMap<String, Option<Vec<String>>>>,
}

impl Crate {
    /// Reads the files of a crate: the path below its `src`, and the text.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files: Vec<(Module, &str)> = files
            .into_iter()
            .map(|(path, text)| (module_of(path), text))
            .collect();
        let mut read = Self::default();
        for (module, _) in &files {
            read.uses.insert(module.clone(), Vec::new());
        }
        for (module, text) in &files {
            Reader::new(&mut read, module, text).read();
        }
        read
    }

    /// For each module, those whose definitions it uses, through whatever re-exports.
    pub fn arrows(&self) -> BTreeMap<&Module, BTreeSet<&Module>> {
        let used = |module, paths: &Vec<Vec<String>>| {
            let found = paths.iter().filter_map(|path| self.definer(path, 0));
            found.filter(|found| *found != module).collect()
        };
        let each = self.uses.iter();
        each.map(|(module, paths)| (module, used(module, paths)))
            .collect()
    }

    /// The module in which the last name of a path is defined.
    fn definer(&self, path: &[String], depth: usize) -> Option<&Module> {
        const DEEPEST: usize = 16;
        let mut at = 0;
        while at < path.len() && self.uses.contains_key(&path[..=at]) {
            at += 1;
        }
        let (module, _) = self.uses.get_key_value(&path[..at])?;
        let Some(name) = path.get(at).filter(|_| depth < DEEPEST) else {
            return Some(module);
        };
        if let Some(meant) = self.aliases.get(module).and_then(|names| names.get(name)) {
            let meant = meant.as_ref()?;
            let further: Vec<String> = meant.iter().chain(&path[at + 1..]).cloned().collect();
            return self.definer(&further, depth + 1);
        }
        Some(module)
    }

    fn is_child(&self, module: &[String], name: &str) -> bool {
        let mut path = module.to_vec();
        path.push(name.to_owned());
        self.uses.contains_key(&path)
    }
}

fn module_of(path: &str) -> Module {
    let path = path.trim_end_matches(".rs");
    match path {
        "lib" | "main" => Vec::new(),
        _ => path.split('/').map(str::to_owned).collect(),
    }
}

/// Walks through the tokens of one file.
struct Reader<'a> {
    read: &'a mut Crate,
    file: &'a Module,
    tokens: Vec<String>,
    at: usize,
    /// Modules inside the file, each with how many braces were open before it.
    inside: Vec<(String, usize)>,
}

impl<'a> Reader<'a> {
    fn new(read: &'a mut Crate, file: &'a Module, text: &str) -> Self {
        let tokens = tokens(without_tests(text));
        Self {
            read,
            file,
            tokens,
            at: 0,
            inside: Vec::new(),
        }
    }

    fn read(mut self) {
        let mut open = 0;
        while let Some(token) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match token.as_str() {
                "{" => open += 1,
                "}" => {
                    open -= 1;
                    self.inside.retain(|(_, before)| *before < open);
                }
                "mod" if self.peek(1) == "{" => {
                    let name = self.peek(0).to_owned();
                    self.inside.push((name, open));
                }
                "use" => self.tree(&[]),
                // `pub(in crate::a)` says who may look, and uses nothing.
                "in" if self.follows(&["pub", "("]) => drop(self.path()),
                name if self.peek(0) == "::" && self.begins(name) => {
                    self.at -= 1;
                    let path = self.path();
                    self.uses(&path);
                }
                _ => {}
            }
        }
    }

    /// Whether the token that was just taken stands behind these.
    fn follows(&self, before: &[&str]) -> bool {
        let taken = &self.tokens[..self.at - 1];
        before.len() <= taken.len() && taken[taken.len() - before.len()..] == *before
    }

    fn peek(&self, further: usize) -> &str {
        self.tokens
            .get(self.at + further)
            .map_or("", String::as_str)
    }

    /// Whether a path that begins with a name, in the middle of code, may lead to another file.
    fn begins(&self, name: &str) -> bool {
        let is_middle = self.at >= 2 && self.tokens[self.at - 2] == "::";
        !is_middle
            && (matches!(name, "crate" | "super" | "self") || self.read.is_child(self.file, name))
    }

    /// Names joined by `::`, in the crate's terms.
    fn path(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        while is_name(self.peek(0)) {
            names.push(self.peek(0).to_owned());
            self.at += 1;
            if self.peek(0) != "::" {
                break;
            }
            self.at += 1;
        }
        names
    }

    /// What follows `use`, down to its comma, brace or semicolon.
    fn tree(&mut self, before: &[String]) {
        let mut path = before.to_vec();
        path.extend(self.path());
        match self.peek(0) {
            "{" => {
                self.at += 1;
                while !matches!(self.peek(0), "}" | "") {
                    self.tree(&path);
                    if self.peek(0) == "," {
                        self.at += 1;
                    }
                }
                self.at += 1;
            }
            "*" => {
                self.at += 1;
                if let Some(path) = self.absolute(&path) {
                    self.used(path);
                }
            }
            _ => self.leaf(path),
        }
    }

    fn leaf(&mut self, mut path: Vec<String>) {
        if path.last().is_some_and(|name| name == "self") {
            path.pop();
        }
        let mut alias = path.last().cloned().unwrap_or_default();
        if self.peek(0) == "as" {
            alias = self.peek(1).to_owned();
            self.at += 2;
        }
        let path = self.absolute(&path);
        // A module in the file has names of its own.
        if self.inside.is_empty() {
            let aliases = self.read.aliases.entry(self.file.clone()).or_default();
            aliases.insert(alias, path.clone());
        }
        if let Some(path) = path {
            self.used(path);
        }
    }

    fn uses(&mut self, path: &[String]) {
        if let Some(path) = self.absolute(path) {
            self.used(path);
        }
    }

    fn used(&mut self, path: Vec<String>) {
        if let Some(uses) = self.read.uses.get_mut(self.file) {
            uses.push(path);
        }
    }

    /// A path from the root of the crate; `None` for one that leads into another crate.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let inside = self.inside.iter().map(|(name, _)| name.clone());
        let mut here: Vec<String> = self.file.iter().cloned().chain(inside).collect();
        let (first, rest) = path.split_first()?;
        let mut rest = rest;
        match first.as_str() {
            "crate" => here.clear(),
            "self" => {}
            "super" => {
                here.pop();
                while rest.first().is_some_and(|name| name == "super") {
                    here.pop();
                    rest = &rest[1..];
                }
            }
            name if self.read.is_child(self.file, name) => rest = path,
            _ => return None,
        }
        here.extend(rest.iter().cloned());
        Some(here)
    }
}

/// A file without the module of its tests, which comes last.
fn without_tests(text: &str) -> &str {
    let tests = text.find("#[cfg(test)]\nmod tests {");
    tests.map_or(text, |at| &text[..at])
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single signs; comments and what is in quotes are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' {
            quoted(rest)
        } else if let Some(length) = raw(rest) {
            length
        } else if rest.starts_with("'\"'") || rest.starts_with("'{'") || rest.starts_with("'}'") {
            3
        } else if rest.starts_with("'\\") {
            rest[3..].find('\'').map_or(rest.len(), |at| at + 4)
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else if is_name(rest) {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// How long a raw string is that a text begins with.
fn raw(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    let body = inner[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(text.len() - body.len() + length)
}
