//! The programs' checks, found in their source, and that source with every check in a form that can be removed while it runs.

use {
    crate::copy::PROGRAMS,
    std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    },
};

/// What stands before the two numbers in an ELF: the check that is removed, and whether each refusal is told.
pub const MARK: [u8; 16] = *b"which is removed";

/// No check has this number.
pub const NONE: u32 = u32::MAX;

/// One check.
#[derive(Clone, Debug)]
pub struct Check {
    /// What an ELF calls it.
    pub number: u32,
    /// The program, or `common`.
    pub program: String,
    /// Where it is.
    pub file: String,
    /// Likewise, from 1.
    pub line: usize,
    /// What it is about: the condition and the error, or the call.
    pub text: String,
}

/// All checks, by number, and the files that differ, as they are with checks that can be removed.
pub fn schema(root: &Path) -> (BTreeMap<u32, Check>, BTreeMap<String, String>) {
    let (mut checks, mut files) = (BTreeMap::new(), BTreeMap::new());
    let of_common = sources(root, "programs/common/src");
    let mut add = |program: &str, base: u32, sources: &[(String, String)], helpers: &BTreeSet<String>| {
        let mut next = base;
        for (file, text) in sources {
            let mut found = Found { file, text, program, next, helpers, checks: vec![], edits: vec![] };
            found.all();
            next = found.next;
            files.insert(file.clone(), edited(text, &found.edits));
            for check in found.checks {
                let before = checks.insert(check.number, check);
                assert!(before.is_none(), "two checks of one number");
            }
        }
    };
    add("common", 0, &of_common, &helpers(&of_common));
    for (base, program) in (1..).zip(PROGRAMS) {
        let sources = sources(root, &format!("programs/{program}/program/src"));
        let helpers = helpers(&[sources.as_slice(), &of_common].concat());
        add(program, base * 10_000, &sources, &helpers);
    }
    for program in PROGRAMS {
        for (file, text) in sources(root, &format!("programs/{program}/interface/src")) {
            for check in flags(program, &file, &text) {
                let before = checks.insert(check.number, check);
                assert!(before.is_none(), "two flags of one number");
            }
        }
    }
    let read = |file: &str| fs::read_to_string(root.join(file)).expect("a file of the programs");
    let account = files.remove("programs/common/src/account.rs").expect("accounts are loaded");
    files.insert("programs/common/src/account.rs".into(), loading(&account));
    let list = "programs/interface/src/account_list.rs";
    files.insert(list.into(), taking(&read(list)));
    let interface = "programs/interface/src/lib.rs";
    files.insert(interface.into(), read(interface) + HOOK);
    files.retain(|file, text| *text != read(file));
    (checks, files)
}

/// What the programs ask once a condition does not hold.
const HOOK: &str = r#"
/// Which check is removed, and who is told of refusals.
#[doc(hidden)]
#[allow(unsafe_code, missing_docs)]
pub mod removed {
    #[repr(C)]
    pub struct Place {
        mark: [u8; 16],
        removed: u32,
        tells: u32,
    }

    #[used]
    pub static PLACE: Place = Place { mark: *b"which is removed", removed: u32::MAX, tells: 0 };

    /// Whether the check is removed.
    #[cold]
    #[inline(never)]
    pub fn refused(check: u32) -> bool {
        #[cfg(target_os = "solana")]
        {
            // SAFETY: the numbers are there; whoever removes a check changes them in the ELF.
            let (removed, tells) = unsafe {
                (core::ptr::read_volatile(&raw const PLACE.removed), core::ptr::read_volatile(&raw const PLACE.tells))
            };
            if tells != 0 {
                tell(check);
            }
            removed == check
        }
        #[cfg(not(target_os = "solana"))]
        {
            extern crate std;
            std::env::var("JOULE_REMOVED").is_ok_and(|removed| removed.parse() == Ok(check))
        }
    }

    #[cfg(all(target_os = "solana", feature = "cpi"))]
    fn tell(check: u32) {
        let mut line = *b"check 0000000000";
        let (mut rest, mut at) = (check, line.len());
        while rest > 0 {
            at -= 1;
            line[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        // SAFETY: so many bytes are there.
        unsafe { pinocchio::syscalls::sol_log_(line.as_ptr(), line.len() as u64) };
    }

    #[cfg(all(target_os = "solana", not(feature = "cpi")))]
    fn tell(_: u32) {}

    /// What a check said, unless it is removed.
    #[inline(always)]
    pub fn kept<E>(result: Result<(), E>, check: u32) -> Result<(), E> {
        match result {
            Err(_) if refused(check) => Ok(()),
            result => result,
        }
    }

    /// The number of an account's flags, of which the one above is that it is writable.
    pub const fn flag(name: &str) -> u32 {
        let (bytes, mut hash, mut at) = (name.as_bytes(), 0x811c_9dc5u32, 0);
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        (hash | 0x8000_0000) & !1
    }
}
"#;

/// As in [`HOOK`].
fn flag(name: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    (name.bytes().fold(0x811c_9dc5, step) | 0x8000_0000) & !1
}

/// `replace` in place of `find`, which must occur.
fn replaced(text: &str, find: &str, replace: &str) -> String {
    assert!(text.contains(find), "no longer there: {find}");
    text.replace(find, replace)
}

/// The checks of accounts' flags have numbers.
fn taking(text: &str) -> String {
    let text =
        replaced(text, "    program: &crate::Address,\n) ->", "    program: &crate::Address,\n    check: u32,\n) ->");
    let text = replaced(
        &text,
        "if spec.signer && !account.is_signer() {",
        "if spec.signer && !account.is_signer() && !crate::removed::refused(check) {",
    );
    let text = replaced(
        &text,
        "if spec.writable && !account.is_writable() {",
        "if spec.writable && !account.is_writable() && !crate::removed::refused(check + 1) {",
    );
    let number = "const { $crate::removed::flag(concat!(env!(\"CARGO_PKG_NAME\"), stringify!($name), \".\", stringify!($account))) }";
    replaced(
        &text,
        "take(accounts, $crate::account_flags!($($flag)*), &crate::ID)?;",
        &format!("take(accounts, $crate::account_flags!($($flag)*), &crate::ID, {number})?;"),
    )
}

/// What reads an account of ours and takes a number in the schema: of the check of its owner; the one above is of its kind and size.
const LOADERS: [&str; 7] = ["load", "load_mut", "keep", "keep_mut", "keep_or_begin", "load_bytes_mut", "convert"];

/// Loading takes the numbers of its checks.
fn loading(text: &str) -> String {
    let (code, tests) = text.split_at(code(text).len());
    let mut text = code.to_string();
    for name in LOADERS.iter().chain(&["check", "check_size", "check_kind"]) {
        for generic in ["<T: Account>", "<From: Account, To: Account>"] {
            let head = format!("fn {name}{generic}(view: &AccountView");
            text = text.replace(&head, &format!("{head}, number: u32"));
        }
        for generic in ["::<T>", "::<From>"] {
            text = text.replace(&format!("{name}{generic}(view)"), &format!("{name}{generic}(view, number)"));
        }
    }
    let removable = |text: &str, condition: &str, number: &str| {
        replaced(
            text,
            &format!("if {condition} {{"),
            &format!("if {condition} && !joule_interface::removed::refused({number}) {{"),
        )
    };
    text = removable(&text, "!guard::eq(view.owner(), &T::PROGRAM)", "number");
    text = removable(&text, "view.data_len() < T::SIZE", "number + 1");
    text = removable(&text, "view.data_len() != T::SIZE", "number + 1");
    let other = "discriminator_and_version(view) != u16::from_le_bytes([T::DISCRIMINATOR, T::VERSION])";
    removable(&text, other, "number + 1") + tests
}

/// Rust files below a folder, but for tests.
fn sources(root: &Path, folder: &str) -> Vec<(String, String)> {
    let mut found = vec![];
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the programs") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(path).expect("a text")));
            }
        }
    }
    found.sort();
    found
}

/// The text up to its tests.
fn code(text: &str) -> &str {
    let tests = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub(crate) mod tests {"];
    let end = tests.iter().filter_map(|tests| text.find(tests)).min();
    &text[..end.unwrap_or(text.len())]
}

/// The same text without what comments and literals say.
fn masked(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    let blank = |bytes: &mut [u8]| bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
        } else if rest[0] == b'"' {
            let (mut end, mut escaped) = (at + 1, false);
            while bytes[end] != b'"' || escaped {
                escaped = bytes[end] == b'\\' && !escaped;
                end += 1;
            }
            end + 1
        } else if rest.starts_with(b"'\\") {
            at + 2 + rest[2..].iter().position(|byte| *byte == b'\'').expect("a literal ends") + 1
        } else if rest[0] == b'\'' && rest.get(2) == Some(&b'\'') {
            at + 3
        } else {
            at += 1;
            continue;
        };
        blank(&mut bytes[at..end]);
        at = end;
    }
    bytes
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where the bracket at `open` closes.
fn closing(mask: &[u8], open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in mask.iter().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    panic!("a bracket stays open");
}

/// Where the bracket opens that closes at `close`.
fn opening(mask: &[u8], close: usize) -> usize {
    let mut depth = 0;
    for at in (0..=close).rev() {
        match mask[at] {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    panic!("a bracket was never opened");
}

/// The parts between separators that stand in no bracket.
fn split(mask: &[u8], from: usize, to: usize, by: &[u8]) -> Vec<(usize, usize)> {
    let (mut parts, mut start, mut at) = (vec![], from, from);
    while at < to {
        match mask[at] {
            b'(' | b'[' | b'{' => at = closing(mask, at),
            _ if mask[at..to].starts_with(by) => {
                parts.push((start, at));
                start = at + by.len();
                at = start - 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push((start, to));
    parts
}

/// The same without space around it.
fn trimmed(mask: &[u8], (mut from, mut to): (usize, usize)) -> (usize, usize) {
    while from < to && mask[from].is_ascii_whitespace() {
        from += 1;
    }
    while from < to && mask[to - 1].is_ascii_whitespace() {
        to -= 1;
    }
    (from, to)
}

/// Places where the word stands and a bracket follows.
fn calls(mask: &[u8], word: &str) -> Vec<usize> {
    let word = word.as_bytes();
    let is_call = |at: &usize| {
        mask[*at..].starts_with(word) && (*at == 0 || !is_word(mask[at - 1])) && !is_word(mask[at + word.len()])
    };
    (0..mask.len().saturating_sub(word.len() + 1)).filter(is_call).collect()
}

/// Where what begins of which `at` is the last name: `a::b(c)?.d` for `d`.
fn receiver(mask: &[u8], at: usize) -> usize {
    let mut start = at;
    loop {
        let is_macro = |at: usize| at > 0 && mask[at] == b'!' && is_word(mask[at - 1]);
        while start > 0 && (is_word(mask[start - 1]) || b".:?".contains(&mask[start - 1]) || is_macro(start - 1)) {
            start -= 1;
        }
        let before = mask[..start].iter().rposition(|byte| !byte.is_ascii_whitespace());
        match before {
            // A chain that goes on in another line.
            Some(before) if mask[start] == b'.' && before + 1 < start => start = before + 1,
            Some(before) if [b')', b']'].contains(&mask[before]) && before + 1 == start => {
                start = opening(mask, before)
            }
            // `::<T>`
            Some(before) if mask[before] == b'>' && before + 1 == start => {
                start = mask[..before].iter().rposition(|byte| *byte == b'<').expect("it opens");
            }
            _ => return start,
        }
    }
}

/// One line of a text of several.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names of functions that check and do nothing else, whichever of that name it is.
fn helpers(sources: &[(String, String)]) -> BTreeSet<String> {
    /// What does something else than to check.
    const DOES: [&str; 14] = [
        "event::",
        "_mut",
        "invoke",
        "transfer",
        "pay(",
        "burn(",
        "close(",
        "create",
        "keep_or_begin",
        "grow(",
        "set_",
        "shrink(",
        "sell(",
        "emit",
    ];
    let mut pure: BTreeMap<String, bool> = BTreeMap::new();
    for (file, text) in sources {
        if file.ends_with("guard.rs") {
            continue;
        }
        let text = code(text);
        let mask = masked(text);
        for at in calls(&mask, "fn") {
            let name: String = text[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let Some(open) = mask[at..].iter().position(|byte| *byte == b'(').map(|open| at + open) else { continue };
            let close = closing(&mask, open);
            let Some(body) = mask[close..].iter().position(|byte| [b'{', b';'].contains(byte)) else { continue };
            let body = close + body;
            if mask[body] == b';' {
                continue;
            }
            let end = closing(&mask, body);
            let (parameters, result) = (&text[open..close], line(&text[close + 1..body]));
            let inside = std::str::from_utf8(&mask[body..end]).expect("what was a text");
            let checks = inside.contains("require") || inside.contains("guard::") || inside.contains("in_range!");
            let assigns = inside.lines().any(|line| {
                let line = line.trim_start();
                line.contains(" = ") && !line.starts_with("let ") && !line.starts_with("if let ")
                    || line.contains(" += ")
            });
            let is_pure = ["-> Result<()>", "-> Result<(), Fault>"].contains(&result.as_str())
                && !parameters.contains("&mut")
                && !parameters.contains("data: &[u8]")
                && checks
                && !assigns
                && DOES.iter().all(|does| !inside.contains(does));
            let known = pure.entry(name).or_insert(true);
            *known &= is_pure;
        }
    }
    let guards = ["address", "authority", "network", "program", "system_program", "token_program"];
    let own = pure.into_iter().filter(|(_, is_pure)| *is_pure).map(|(name, _)| name);
    own.chain(guards.map(|name| format!("guard::{name}"))).collect()
}

/// Text to put around a part of a file.
struct Edit {
    from: usize,
    to: usize,
    before: String,
    after: String,
}

/// The text with the edits, of which one may lie in another.
fn edited(text: &str, edits: &[Edit]) -> String {
    // What ends here comes first, the inner before the outer; then what begins, the outer first. Of two around the same, the earlier is
    // the outer.
    let mut places: Vec<(usize, bool, usize, usize, &str)> = vec![];
    for (number, edit) in edits.iter().enumerate() {
        places.push((edit.to, false, usize::MAX - edit.from, usize::MAX - number, &edit.after));
        places.push((edit.from, true, usize::MAX - edit.to, number, &edit.before));
    }
    places.sort();
    let (mut result, mut at) = (String::new(), 0);
    for (place, .., insert) in places {
        result.push_str(&text[at..place]);
        result.push_str(insert);
        at = place;
    }
    result.push_str(&text[at..]);
    result
}

/// What a file holds.
struct Found<'a> {
    file: &'a str,
    text: &'a str,
    program: &'a str,
    next: u32,
    helpers: &'a BTreeSet<String>,
    checks: Vec<Check>,
    edits: Vec<Edit>,
}

impl Found<'_> {
    fn all(&mut self) {
        // What the others are made of.
        if self.file == "programs/common/src/guard.rs" {
            return;
        }
        let mask = masked(code(self.text));
        self.conditions(&mask);
        self.refusals(&mask);
        self.calls(&mask);
        self.loads(&mask);
    }

    /// Notes a check, and gives its number.
    fn check(&mut self, at: usize, text: String) -> u32 {
        let number = self.next;
        self.next += 1;
        self.checks.push(Check {
            number,
            program: self.program.into(),
            file: self.file.into(),
            line: self.text[..at].matches('\n').count() + 1,
            text,
        });
        number
    }

    fn wrap(&mut self, (from, to): (usize, usize), before: &str, after: String) {
        self.edits.push(Edit { from, to, before: before.into(), after });
    }

    /// `require(condition, error)` and its like: each of the conditions that must all hold.
    fn conditions(&mut self, mask: &[u8]) {
        for word in ["require", "in_range!"] {
            for at in calls(mask, word) {
                let open = at + word.len();
                if mask[open] != b'(' || mask[..at].ends_with(b"fn ") {
                    continue;
                }
                let close = closing(mask, open);
                let arguments = split(mask, open + 1, close, b",");
                let condition = trimmed(mask, arguments[0]);
                let error = line(&self.text[arguments[1].0..arguments[1].1]);
                self.all_of(mask, condition, error.trim_end_matches(','));
            }
        }
        for at in calls(mask, "else") {
            // `if condition { Ok(()) } else { Err(error) }`
            let rest = std::str::from_utf8(&mask[at..]).expect("what was a text");
            let Some(open) = at.checked_sub(2).filter(|open| mask[*open] == b'}') else { continue };
            if !rest.starts_with("else { Err(") {
                continue;
            }
            let then = opening(mask, open);
            let Some(start) = self.text[..then].rfind("if ") else { continue };
            let error = closing(mask, at + 5);
            self.all_of(mask, trimmed(mask, (start + 3, then)), &line(&self.text[at + 6..error]));
        }
    }

    fn all_of(&mut self, mask: &[u8], condition: (usize, usize), error: &str) {
        let any = split(mask, condition.0, condition.1, b"||").len() > 1;
        let parts = if any { vec![condition] } else { split(mask, condition.0, condition.1, b"&&") };
        for part in parts {
            let part = trimmed(mask, part);
            let number = self.check(part.0, format!("{}, {error}", line(&self.text[part.0..part.1])));
            self.wrap(part, "((", format!(") || joule_interface::removed::refused({number}))"));
        }
    }

    /// `if condition { … return Err(error) }`: each of the conditions of which one is enough. And an arm of a `match` that
    /// refuses: without it the arm before it is taken.
    fn refusals(&mut self, mask: &[u8]) {
        for at in calls(mask, "return") {
            if !mask[at..].starts_with(b"return Err(") {
                continue;
            }
            let end = closing(mask, at + 10) + 1;
            let error = line(&self.text[at + 7..end]);
            if self.text[..at].ends_with("=> ") {
                self.arm(mask, (at, end), &error);
                continue;
            }
            // The block whose last statement it is.
            let mut block = at;
            let mut depth = 0;
            while depth >= 0 {
                block -= 1;
                match mask[block] {
                    b')' | b']' | b'}' => depth += 1,
                    b'(' | b'[' | b'{' => depth -= 1,
                    _ => {}
                }
            }
            let tail = std::str::from_utf8(&mask[end..closing(mask, block)]).expect("what was a text").trim();
            let before = self.text[..block].trim_end();
            let head = before.rfind(['\n', ';']).map_or(0, |start| start + 1);
            let mut start = head + before[head..].len() - before[head..].trim_start().len();
            // A condition of more than a line.
            while !self.text[start..].starts_with("if ") && !self.text[start..].starts_with("let ") && start > 0 {
                let above = self.text[..start].trim_end();
                let head = above.rfind('\n').map_or(0, |start| start + 1);
                start = head + above[head..].len() - above[head..].trim_start().len();
                if start == 0 || self.text[start..block].contains(';') {
                    break;
                }
            }
            let follows = self.text[closing(mask, block) + 1..].trim_start().starts_with("else");
            // Whether another version is read is known when it is compiled.
            let is_const = self.text[start..block].contains("if const");
            if !["", ";"].contains(&tail) || !self.text[start..].starts_with("if ") || follows || is_const {
                continue;
            }
            let condition = trimmed(mask, (start + 3, block));
            if self.file.ends_with("common/src/account.rs") && self.is_of_loading(condition) {
                continue;
            }
            if self.text[condition.0..condition.1].contains("let ") {
                let number = self.check(start, format!("{}, {error}", line(&self.text[condition.0..condition.1])));
                self.wrap(condition, "", format!(" && !joule_interface::removed::refused({number})"));
                continue;
            }
            let all = split(mask, condition.0, condition.1, b"&&").len() > 1;
            let any = split(mask, condition.0, condition.1, b"||");
            let parts = if all && any.len() == 1 { vec![condition] } else { any };
            for part in parts {
                let part = trimmed(mask, part);
                let number = self.check(part.0, format!("if {}, {error}", line(&self.text[part.0..part.1])));
                self.wrap(part, "((", format!(") && !joule_interface::removed::refused({number}))"));
            }
        }
        for at in calls(mask, "Err") {
            if self.text[..at].ends_with("=> ") && mask[at + 3] == b'(' {
                let end = closing(mask, at + 3) + 1;
                // Not a pattern.
                if self.text[end..].starts_with(',') {
                    self.arm(mask, (at, end), &line(&self.text[at..end]));
                }
            }
        }
    }

    /// Which [`loading`] makes removable, by the place of the call.
    fn is_of_loading(&self, (from, to): (usize, usize)) -> bool {
        ["T::PROGRAM", "T::SIZE"].iter().any(|name| self.text[from..to].contains(name))
    }

    fn arm(&mut self, mask: &[u8], (from, to): (usize, usize), error: &str) {
        let pattern = self.text[..from].rfind('\n').map_or(0, |start| start + 1);
        let block = {
            let (mut depth, mut at) = (0, pattern);
            while depth >= 0 {
                at -= 1;
                match mask[at] {
                    b')' | b']' | b'}' => depth += 1,
                    b'(' | b'[' | b'{' => depth -= 1,
                    _ => {}
                }
            }
            at
        };
        // Arms before it, by the arrows in no bracket; the value of the last that does not refuse.
        let arrows: Vec<usize> = split(mask, block + 1, pattern, b"=>").iter().skip(1).map(|part| part.0).collect();
        let values = arrows.iter().rev().filter_map(|start| {
            let start = start + mask[*start..].iter().position(|byte| !byte.is_ascii_whitespace())?;
            let end = match mask[start] {
                b'{' => closing(mask, start) + 1,
                _ => split(mask, start, pattern, b",")[0].1,
            };
            Some(self.text[start..end].trim().to_string())
        });
        let refuses = |value: &String| value.starts_with("return Err(") || value.starts_with("Err(");
        let Some(value) = values.into_iter().find(|value| !refuses(value)) else { return };
        let arm = line(&self.text[pattern..to]);
        let number = self.check(from, if arm.contains("Err(") { arm } else { format!("{arm}, {error}") });
        let before = format!("(if joule_interface::removed::refused({number}) {{ {value} }} else {{ ");
        self.wrap((from, to), &before, " })".into());
    }

    /// A call of what checks and does nothing else.
    fn calls(&mut self, mask: &[u8]) {
        for helper in self.helpers {
            for at in calls(mask, helper) {
                let open = at + helper.len();
                if mask[open] != b'(' || mask[..at].ends_with(b"fn ") {
                    continue;
                }
                let end = closing(mask, open) + 1;
                let start = receiver(mask, at);
                let number = self.check(start, line(&self.text[start..end]));
                self.wrap((start, end), "joule_interface::removed::kept(", format!(", {number})"));
            }
        }
    }

    /// The owner, and the kind, of an account that is read.
    fn loads(&mut self, mask: &[u8]) {
        if self.file == "programs/common/src/account.rs" {
            return;
        }
        for loader in LOADERS {
            let name = format!("account::{loader}");
            for at in calls(mask, &name) {
                let mut open = at + name.len();
                if mask[open..].starts_with(b"::<") {
                    while mask[open] != b'(' {
                        open += 1;
                    }
                }
                if mask[open] != b'(' {
                    continue;
                }
                let close = closing(mask, open);
                let call = line(&self.text[at..close + 1]);
                let number = self.check(at, format!("owner of {call}"));
                self.check(at, format!("kind of {call}"));
                let last = trimmed(mask, (open + 1, close)).1 - 1;
                let comma = if mask[last] == b',' { "" } else { "," };
                self.wrap((close, close), "", format!("{comma} {number}"));
            }
        }
    }
}

/// The accounts that an interface wants signed or writable.
fn flags(program: &str, file: &str, text: &str) -> Vec<Check> {
    let mask = masked(text);
    let mut found = vec![];
    let declared = ["accounts!", "instruction!"];
    for at in declared.iter().flat_map(|word| calls(&mask, word)) {
        let Some(open) = text[at..].find('{').map(|open| at + open) else { continue };
        let end = closing(&mask, open);
        // Several may be declared at once.
        let blocks = calls(&mask[..end], "pub").into_iter().filter(|place| *place > open);
        for place in blocks {
            let rest = text[place + 4..].trim_start_matches("struct ");
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            let Some(body) = text[place..end].find('{').map(|body| place + body) else { continue };
            let list = match text[body..closing(&mask, body)].find("accounts {") {
                Some(accounts) => body + accounts + "accounts ".len(),
                None => body,
            };
            for (from, to) in split(&mask, list + 1, closing(&mask, list), b",") {
                let entry = std::str::from_utf8(&mask[from..to]).expect("what was a text");
                let Some((account, flags)) = entry.split_once(": [") else { continue };
                let account = account.trim();
                let at = from + entry.find(account).expect("it is there");
                let flags = flags.split(']').next().unwrap_or_default();
                for (place, flag_name) in (0..).zip(["signer", "writable"]) {
                    if flags.split(',').any(|flag| flag.trim() == flag_name) {
                        found.push(Check {
                            number: flag(&format!("joule-{program}-interface{name}.{account}")) + place,
                            program: program.into(),
                            file: file.into(),
                            line: text[..at].matches('\n').count() + 1,
                            text: format!("{name}: {account} is {flag_name}"),
                        });
                    }
                }
            }
        }
    }
    found
}
