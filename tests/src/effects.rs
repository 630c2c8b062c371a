//! What each instruction writes, field by field, and where it has it from: the table in `tests/effects`, one line for each field that
//! an instruction changes. What a line does not name stays as it was; what it names becomes one of the sources that it lists, and
//! is not forgotten. The table is read by people against the programs' pages, and computed here from names, arguments, accounts and
//! the clock alone: nothing here calls a program, and nothing knows an instruction.
//!
//! A line: `Instruction account Kind move field: source | source`. The move is what became of the account's own `state`, `phase`
//! or `status` (`1>2`), `new`, or `-` where it has none. Sources:
//!
//! - `same`, `0`, `=5`, `now`, `+1`, `-1`; `grew`, `fell` and `any` where no sum of the following says what it is.
//! - `arg.price`: the argument. `key.market`: the account of the call. `market.terms`: what another account of the call had;
//!   `.deadline_at` what the account itself had, and `'price` what it has now.
//! - `now+'terms.start_window`, `.deadline_at+const.EVIDENCE`: a time and a period. `+arg.amount`, `-.held`: more or less by that.
//!   `'price*'duration`, and `+'price*arg.units`: a product. `.bond%'terms.no_start_penalty`: basis points of an amount, rounded either way.

use {
    crate::{
        books::Accounts,
        example::{PROGRAMS, named},
        logs::Call,
    },
    joule_interface::{Address, EventHeader, FieldSpec, Instruction, InstructionSpec, LayoutSpec, ProgramSpec},
    joule_math::Timestamp,
    solana_account::Account,
    solana_program::instruction::AccountMeta,
    std::{
        cell::RefCell,
        collections::{BTreeMap, BTreeSet, HashMap},
        fmt::Write,
        fs,
        path::{Path, PathBuf},
        rc::Rc,
        sync::Mutex,
    },
};

/// What a field measures: only like is compared with like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Time,
    Period,
    Part,
    Amount,
    Count,
    /// Addresses and hashes.
    Word,
    /// Structs that are copied whole, and whatever else.
    Bytes,
}

/// A field of an account, of an event or of arguments; those of structs and arrays within it one by one.
#[derive(Clone, Debug)]
struct Place {
    name: String,
    /// Index in its array.
    element: Option<usize>,
    unit: Unit,
    type_name: &'static str,
    offset: usize,
    size: usize,
}

impl Place {
    fn read(&self, data: &[u8]) -> Option<Value> {
        let bytes = data.get(self.offset..self.offset + self.size)?;
        Some(match self.unit {
            Unit::Word | Unit::Bytes => Value::Bytes(bytes.to_vec()),
            _ => {
                let mut number = [0; 16];
                number[..self.size].copy_from_slice(bytes);
                let number = i128::from_le_bytes(number);
                Value::Number(if self.unit == Unit::Time { number as i64 as i128 } else { number })
            }
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Number(i128),
    Bytes(Vec<u8>),
}

impl Value {
    fn is_zero(&self) -> bool {
        match self {
            Self::Number(number) => *number == 0,
            Self::Bytes(bytes) => bytes.iter().all(|byte| *byte == 0),
        }
    }
}

/// All fields of a layout, the header and what is reserved left out.
struct Places {
    all: Vec<Place>,
    /// The field that says what became of it.
    state: Option<usize>,
}

/// Structs that are copied as they are.
fn is_whole(type_name: &str) -> bool {
    type_name == "Terms" || type_name.ends_with("Policy")
}

fn flatten(
    program: &ProgramSpec,
    fields: &[FieldSpec],
    prefix: &str,
    at: usize,
    element: Option<usize>,
    to: &mut Vec<Place>,
) {
    for field in fields {
        let name = field.name;
        if name == "header" || name.starts_with("reserved") || name.starts_with("padding") || field.size == 0 {
            continue;
        }
        let name = format!("{prefix}{name}");
        let type_name = field.type_name.rsplit(':').next().unwrap_or_default().trim();
        let offset = at + field.offset;
        let part = |type_name: &'static str| program.types.iter().find(|layout| layout.name == type_name);
        let inner = field.type_name.strip_prefix('[').and_then(|array| array.rsplit_once(';')).map(|(of, _)| of);
        match inner {
            Some("u8") => {
                to.push(Place { name, element, unit: Unit::Word, type_name: "[u8]", offset, size: field.size })
            }
            Some(of) => {
                let size = part(of).map(|layout| layout.size).or_else(|| size_of_unit(of));
                let Some(size) = size else {
                    to.push(Place { name, element, unit: Unit::Bytes, type_name, offset, size: field.size });
                    continue;
                };
                for index in 0..field.size / size {
                    let (offset, element) = (offset + index * size, Some(index));
                    match part(of) {
                        Some(layout) => flatten(program, layout.fields, &format!("{name}[]."), offset, element, to),
                        None => {
                            let (name, unit) = (format!("{name}[]"), unit_of(of, size));
                            to.push(Place { name, element, unit, type_name: of, offset, size });
                        }
                    }
                }
            }
            None => match part(type_name).filter(|_| !is_whole(type_name)) {
                Some(layout) => flatten(program, layout.fields, &format!("{name}."), offset, element, to),
                None => {
                    let unit = if is_whole(type_name) { Unit::Bytes } else { unit_of(type_name, field.size) };
                    to.push(Place { name: name.clone(), element, unit, type_name, offset, size: field.size });
                    // What it holds is of use to compute others, and is not compared by itself.
                    if let Some(layout) = part(type_name) {
                        let mut within = vec![];
                        flatten(program, layout.fields, &format!("{name}."), offset, element, &mut within);
                        to.extend(within.into_iter().map(|place| Place { element: Some(usize::MAX), ..place }));
                    }
                }
            },
        }
    }
}

fn size_of_unit(type_name: &str) -> Option<usize> {
    Some(match type_name.trim() {
        "u8" => 1,
        "u16" | "Bps" => 2,
        "u32" | "Seconds" => 4,
        "u64" | "i64" | "Amount" | "Tokens" | "Credits" | "Timestamp" => 8,
        "U128" | "Weight" => 16,
        "Address" | "[u8; 32]" => 32,
        _ => return None,
    })
}

fn unit_of(type_name: &str, size: usize) -> Unit {
    match type_name {
        "Timestamp" => Unit::Time,
        "Seconds" => Unit::Period,
        "Bps" => Unit::Part,
        "u8" | "u16" | "u32" | "u64" | "i64" => Unit::Count,
        _ if [20, 32].contains(&size) => Unit::Word,
        _ if size <= 16 => Unit::Amount,
        _ => Unit::Bytes,
    }
}

fn places(program: &ProgramSpec, layout: &LayoutSpec, fields: &'static [FieldSpec]) -> Rc<Places> {
    thread_local! {
        static KNOWN: RefCell<HashMap<(&'static str, &'static str), Rc<Places>>> = RefCell::default();
    }
    let key = (program.name, layout.name);
    KNOWN.with_borrow_mut(|known| {
        let made = known.entry(key).or_insert_with(|| {
            let mut all = vec![];
            flatten(program, fields, "", 0, None, &mut all);
            let is_state = |place: &Place| ["state", "phase", "status"].contains(&&*place.name) && place.size == 1;
            let state = all.iter().position(is_state);
            Rc::new(Places { all, state })
        });
        made.clone()
    })
}

/// One of Joule's accounts: its kind, its fields, its bytes.
#[derive(Clone)]
struct Held<'a> {
    kind: &'static str,
    places: Rc<Places>,
    data: &'a [u8],
}

fn held(account: Option<&Account>) -> Option<Held<'_>> {
    let account = account?;
    let program = PROGRAMS.iter().find(|program| program.id == account.owner)?;
    let (_, layout) = program.accounts.iter().find(|(kind, _)| Some(kind) == account.data.first())?;
    (account.data.len() >= layout.size).then(|| Held {
        kind: layout.name,
        places: places(program, layout, layout.fields),
        data: &account.data,
    })
}

impl Held<'_> {
    fn value(&self, name: &str, element: Option<usize>) -> Option<(Unit, Value)> {
        let is_it = |place: &&Place| place.name == name && (!name.contains("[]") || place.element == element);
        let place = self.places.all.iter().find(is_it)?;
        Some((place.unit, place.read(self.data)?))
    }
}

/// The periods that a program names as constants.
fn constants(program: &ProgramSpec) -> impl Iterator<Item = (&'static str, i64)> {
    let periods = program.constants.iter().filter(|constant| constant.type_name.ends_with("Seconds"));
    periods.filter_map(|constant| Some((constant.name, u32::from_le_bytes((constant.value)().try_into().ok()?) as i64)))
}

/// A call, taken apart.
struct Done<'a> {
    program: ProgramSpec,
    spec: InstructionSpec,
    /// Each account once: the name of its first place that it may be written in, and what it was and is.
    roles: Vec<(&'static str, Address, Option<&'a Account>, Option<&'a Account>)>,
    args: Rc<Places>,
    data: &'a [u8],
    now: Timestamp,
}

/// A field that is looked at.
struct Target<'a> {
    key: Address,
    place: &'a Place,
    before: Option<Held<'a>>,
    after: Option<Held<'a>>,
    old: Option<Value>,
    new: Value,
}

fn take_apart<'a>(
    instruction: &'a Instruction,
    before: &'a Accounts,
    after: &'a Accounts,
    now: Timestamp,
) -> Option<Done<'a>> {
    let (program, spec) = named(instruction)?;
    let args = places(&program, &LayoutSpec { name: spec.name, ..spec.args }, spec.args.fields);
    let role = |(at, meta): (usize, &AccountMeta)| {
        let name = spec.accounts.get(at).or(spec.remaining.as_ref()).map_or("more", |account| account.name);
        (name, meta.pubkey, before.get(&meta.pubkey), after.get(&meta.pubkey))
    };
    let roles = instruction.accounts.iter().enumerate().map(role).collect();
    Some(Done { program, spec, roles, args, data: instruction.data.get(1..)?, now })
}

impl<'a> Done<'a> {
    /// What a source stands for.
    fn value(&self, source: &str, target: &Target) -> Option<(Unit, Value)> {
        let element = target.place.element;
        if source == "now" {
            return Some((Unit::Time, Value::Number(self.now.0 as i128)));
        }
        if let Some(name) = source.strip_prefix("arg.") {
            let is_it = |place: &&Place| place.name == name && (!name.contains("[]") || place.element == element);
            let place = self.args.all.iter().find(is_it)?;
            return Some((place.unit, place.read(self.data)?));
        }
        if let Some(name) = source.strip_prefix("const.") {
            let (_, seconds) = constants(&self.program).find(|(constant, _)| *constant == name)?;
            return Some((Unit::Period, Value::Number(seconds as i128)));
        }
        if let Some(name) = source.strip_prefix("key.") {
            let (_, key, ..) = self.role(name)?;
            return Some((Unit::Word, Value::Bytes(key.to_bytes().to_vec())));
        }
        if let Some(name) = source.strip_prefix('.') {
            return target.before.as_ref()?.value(name, element);
        }
        if let Some(name) = source.strip_prefix('\'') {
            return target.after.as_ref()?.value(name, element);
        }
        let (role, name) = source.split_once('.')?;
        held(self.role(role)?.2)?.value(name, None)
    }

    fn role(&self, name: &str) -> Option<&(&'static str, Address, Option<&'a Account>, Option<&'a Account>)> {
        self.roles.iter().find(|(role, key, ..)| *role == name && *key != self.program.id)
    }

    fn number(&self, source: &str, target: &Target) -> Option<i128> {
        match self.value(source, target)?.1 {
            Value::Number(number) => Some(number),
            Value::Bytes(_) => None,
        }
    }

    /// Whether a field became what a form says.
    fn became(&self, form: &str, target: &Target) -> bool {
        let (old, new) = (target.old.as_ref(), &target.new);
        match form {
            "same" => return old == Some(new),
            "0" => return new.is_zero(),
            "any" => return true,
            _ => {}
        }
        let Value::Number(new_number) = new else {
            return self.value(form, target).is_some_and(|(_, value)| value == *new);
        };
        let old_number = match old {
            Some(Value::Number(number)) => *number,
            _ => 0,
        };
        let more = new_number - old_number;
        match form {
            "grew" => return more > 0,
            "fell" => return more < 0,
            "+1" => return more == 1,
            "-1" => return more == -1,
            _ => {}
        }
        if let Some(number) = form.strip_prefix('=') {
            return number.parse() == Ok(*new_number);
        }
        if let Some(change) = form.strip_prefix('+') {
            return self.sum(change, target).contains(&more);
        }
        if let Some(change) = form.strip_prefix('-') {
            return self.sum(change, target).contains(&-more);
        }
        self.sum(form, target).contains(new_number)
    }

    /// What a sum is: of a part, rounded down and up.
    fn sum(&self, sum: &str, target: &Target) -> Vec<i128> {
        let pair = |by| {
            let (left, right) = sum.split_once(by)?;
            Some((self.number(left, target)?, self.number(right, target)?))
        };
        if sum.contains('+') {
            return pair('+').map(|(left, right)| left + right).into_iter().collect();
        }
        if sum.contains('*') {
            return pair('*').and_then(|(left, right)| left.checked_mul(right)).into_iter().collect();
        }
        if sum.contains('%') {
            let Some((left, right)) = pair('%') else { return vec![] };
            let Some(whole) = left.checked_mul(right) else { return vec![] };
            return vec![whole / 10_000, (whole + 9_999) / 10_000];
        }
        self.number(sum, target).into_iter().collect()
    }
}

/// What looks at fields: first says which it wants to see.
trait Look {
    /// An account.
    fn begins(&mut self, _: &Line) {}
    /// A field of an account, which differs from before or not.
    fn wants(&mut self, line: &Line, place: &Place, differs: bool) -> bool;
    /// Looks at it.
    fn see(&mut self, line: &Line, target: &Target);
}

/// Each field of each account that a call could write, with the line of the table that it belongs to.
fn targets(done: &Done, look: &mut dyn Look) {
    let mut seen = BTreeSet::new();
    for (role, key, was, is) in &done.roles {
        if !seen.insert(*key) {
            continue;
        }
        let Some(after) = held(*is) else { continue };
        let before = held(*was).filter(|before| before.kind == after.kind);
        let line = Line { instruction: done.spec.name, role, kind: after.kind, moved: moved(before.as_ref(), &after) };
        look.begins(&line);
        let is_same = before.as_ref().is_some_and(|before| before.data == after.data);
        for place in after.places.all.iter().filter(|place| place.element != Some(usize::MAX)) {
            let bytes = place.offset..place.offset + place.size;
            let differs =
                !is_same && before.as_ref().is_none_or(|before| before.data[bytes.clone()] != after.data[bytes]);
            if !look.wants(&line, place, differs) {
                continue;
            }
            let Some(new) = place.read(after.data) else { continue };
            // Of a new account's arrays, what is not in use says nothing.
            if before.is_none() && new.is_zero() && place.element.is_some() {
                continue;
            }
            let old = before.as_ref().and_then(|before| place.read(before.data));
            let target = Target { key: *key, place, before: before.clone(), after: Some(after.clone()), old, new };
            look.see(&line, &target);
        }
    }
}

/// What an account is to a call.
struct Line {
    instruction: &'static str,
    role: &'static str,
    kind: &'static str,
    moved: String,
}

fn moved(before: Option<&Held>, after: &Held) -> String {
    let state = |held: &Held| after.places.state.map(|state| held.data[after.places.all[state].offset]);
    match (before.and_then(state), state(after)) {
        _ if before.is_none() => "new".into(),
        (Some(was), Some(is)) => format!("{was}>{is}"),
        _ => "-".into(),
    }
}

/// What a call that succeeded wrote is what the table says.
pub fn check(
    instruction: &Instruction,
    calls: &[Call],
    before: &Accounts,
    after: &Accounts,
    now: Timestamp,
) -> Result<(), String> {
    let Some(done) = take_apart(instruction, before, after, now) else { return Ok(()) };
    if let Some(folder) = noting() {
        note(&done, calls, folder);
        return Ok(());
    }
    let mut judge = Judge { done: &done, table: table(done.program.name), verdict: Ok(()) };
    targets(&done, &mut judge);
    events(&done, calls, after, &mut judge);
    judge.verdict
}

/// Compares with the table.
struct Judge<'a> {
    done: &'a Done<'a>,
    table: Rc<Table>,
    verdict: Result<(), String>,
}

impl Judge<'_> {
    /// The lines of what became of an account. Of a move that no line is about, nothing is said here.
    fn lines(&self, line: &Line) -> Option<&HashMap<&'static str, Vec<String>>> {
        self.table.get(&(line.instruction, line.role, line.kind))?.get(&*line.moved)
    }

    fn forms(&self, line: &Line, place: &Place) -> Option<&Vec<String>> {
        self.lines(line)?.get(&*place.name)
    }
}

impl Look for Judge<'_> {
    fn wants(&mut self, line: &Line, place: &Place, differs: bool) -> bool {
        self.verdict.is_ok() && self.lines(line).is_some_and(|lines| differs || lines.contains_key(&*place.name))
    }

    fn see(&mut self, line: &Line, target: &Target) {
        let forms = self.forms(line, target.place);
        let holds = match forms {
            Some(forms) => forms.iter().any(|form| self.done.became(form, target)),
            None => line.moved == "new" && target.new.is_zero(),
        };
        if !holds {
            let all = forms.map_or("same".into(), |forms| forms.join(" | "));
            let Line { instruction, role, kind, moved } = line;
            let (name, new, old) = (&target.place.name, &target.new, &target.old);
            self.verdict = Err(format!(
                "{instruction} {role} {kind} {moved} {name}: {all}; but it became {new:?}, and was {old:?}"
            ));
        }
    }
}

/// What a call says in its events.
fn events(done: &Done, calls: &[Call], after: &Accounts, look: &mut dyn Look) {
    let logged = calls.iter().filter(|call| call.depth == 1 && call.program == done.program.id);
    for data in logged.flat_map(|call| &call.data) {
        let known =
            done.program.events.iter().find(|(kind, layout)| Some(kind) == data.first() && layout.size == data.len());
        let Some((_, layout)) = known else { continue };
        let header: EventHeader = bytemuck::pod_read_unaligned(&data[..size_of::<EventHeader>()]);
        let line = Line { instruction: done.spec.name, role: "event", kind: layout.name, moved: "-".into() };
        let all = places(&done.program, layout, layout.fields);
        let source = held(after.get(&header.source));
        let before = done.roles.iter().find(|(_, key, ..)| *key == header.source).and_then(|(_, _, was, _)| held(*was));
        for place in all.all.iter().filter(|place| place.element != Some(usize::MAX)) {
            let Some(new) = place.read(data).filter(|_| look.wants(&line, place, true)) else { continue };
            let target =
                Target { key: header.source, place, before: before.clone(), after: source.clone(), old: None, new };
            look.see(&line, &target);
        }
    }
}

// --- The table.

/// By move, by field.
type Forms = HashMap<&'static str, HashMap<&'static str, Vec<String>>>;
/// By instruction, account and kind.
type Table = HashMap<(&'static str, &'static str, &'static str), Forms>;

/// One for each program.
fn table(program: &'static str) -> Rc<Table> {
    thread_local! {
        static TABLE: RefCell<HashMap<&'static str, Rc<Table>>> = RefCell::default();
    }
    let path = || format!(concat!(env!("CARGO_MANIFEST_DIR"), "/effects/{}.txt"), program);
    let made = || Rc::new(read(fs::read_to_string(path()).expect("the table can be read").leak()));
    TABLE.with_borrow_mut(|known| known.entry(program).or_insert_with(made).clone())
}

fn read(text: &'static str) -> Table {
    let mut table = Table::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (what, forms) = line.split_once(": ").unwrap_or_else(|| panic!("no source: {line}"));
        let words: Vec<&str> = what.split(' ').collect();
        let [instruction, role, kind, moved, field] = words[..] else { panic!("five words: {line}") };
        let forms = forms.split(" | ").map(String::from).collect();
        table.entry((instruction, role, kind)).or_default().entry(moved).or_default().insert(field, forms);
    }
    table
}

// --- How it is made.

/// A second from which on something else comes of a call.
pub struct Moment {
    /// The program.
    pub program: &'static str,
    /// The instruction.
    pub instruction: &'static str,
    /// What came of it before.
    pub was: String,
    /// And what does from then on.
    pub is: String,
    /// What that second is.
    pub forms: Vec<String>,
}

/// The times that a call's accounts name, alone and a period later.
pub fn moments(instruction: &Instruction, accounts: &[(Address, Account)]) -> Vec<(String, i64)> {
    let Some((program, spec)) = named(instruction) else { return vec![] };
    let mut times = vec![];
    let mut periods: Vec<_> = constants(&program).map(|(name, length)| (format!("const.{name}"), length)).collect();
    let mut roles = BTreeSet::new();
    for (at, meta) in instruction.accounts.iter().enumerate() {
        let role = spec.accounts.get(at).or(spec.remaining.as_ref()).map_or("more", |account| account.name);
        let account = accounts.iter().find(|(key, _)| *key == meta.pubkey).map(|(_, account)| account);
        let Some(held) = held(account).filter(|_| roles.insert(role)) else { continue };
        for place in &held.places.all {
            let Some(Value::Number(number)) = place.read(held.data) else { continue };
            let name = format!("{role}.{}", place.name);
            match place.unit {
                Unit::Time if number != 0 => times.push((name, number as i64)),
                Unit::Period if number != 0 => periods.push((name, number as i64)),
                _ => {}
            }
        }
    }
    let later = times.iter().flat_map(|(time, at)| {
        periods.iter().map(move |(period, length)| (format!("{time}+{period}"), at.saturating_add(*length)))
    });
    let later: Vec<_> = later.collect();
    times.into_iter().chain(later).collect()
}

/// What became of a call's accounts, as far as they say it in one word.
pub fn story(before: &Accounts, done: &Accounts) -> String {
    let mut story = String::from("done");
    for (address, account) in done {
        let (was, is) = (held(before.get(address)), held(Some(account)));
        let Some((was, is)) = was.zip(is).filter(|(was, is)| was.kind == is.kind) else { continue };
        for place in was.places.all.iter().filter(|place| place.element.is_none() && place.size == 1) {
            if ["state", "phase", "status", "outcome"].contains(&&*place.name)
                && place.read(was.data) != place.read(is.data)
            {
                write!(story, ",{}={}", place.name, is.data[place.offset]).expect("text");
            }
        }
    }
    story
}

/// A second that the table names.
pub fn moment(moment: &Moment) -> Result<(), String> {
    let Moment { program, instruction, was, is, forms } = moment;
    let forms = if forms.is_empty() { &vec!["any".to_string()] } else { forms };
    let moved = format!("{was}>{is}");
    if is_noted() {
        let line = format!("{program} {instruction} time Second {moved} first: {}", forms.join(" "));
        *SEEN.lock().unwrap().entry(line).or_default() += 1;
        return Ok(());
    }
    let table = table(program);
    let known = table.get(&(*instruction, "time", "Second")).and_then(|moves| moves.get(&*moved)?.get("first"));
    let holds = known.is_some_and(|known| known.iter().any(|form| form == "any" || forms.contains(form)));
    NAMED.lock().unwrap().insert(format!("{program} {instruction} {moved}"));
    let known = known.map_or("never".into(), |known| known.join(" | "));
    if holds { Ok(()) } else { Err(format!("{moved}: {known}; but it is {}", forms.join(" | "))) }
}

/// Seconds of the table at which something happened.
static NAMED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Seconds that the table names, and at which nothing happened in any call that was made.
pub fn idle(program: &'static str) -> Vec<String> {
    let named = NAMED.lock().unwrap();
    let mut idle = vec![];
    for ((instruction, role, _), moves) in
        table(program).iter().filter(|((_, role, _), _)| *role == "time" && !is_noted())
    {
        let never = moves.keys().map(|moved| format!("{program} {instruction} {moved}"));
        idle.extend(
            never.filter(|name| !named.contains(name)).map(|name| format!("{name}: no {role} at which it does")),
        );
    }
    idle.sort();
    idle
}

/// The folder into which this process writes what it saw, instead of judging it: `JOULE_EFFECTS`.
fn noting() -> Option<&'static Path> {
    static FOLDER: std::sync::OnceLock<Option<PathBuf>> = std::sync::OnceLock::new();
    FOLDER.get_or_init(|| std::env::var_os("JOULE_EFFECTS").map(PathBuf::from)).as_deref()
}

/// Whether calls are noted, and not judged.
pub fn is_noted() -> bool {
    noting().is_some()
}

/// Of each field, each set of forms that fit at once, and how often.
static SEEN: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());

fn note(done: &Done, calls: &[Call], folder: &Path) {
    let after: Accounts = done.roles.iter().filter_map(|(_, key, _, is)| Some((*key, (*is)?.clone()))).collect();
    let mut notes = Notes { done, lent: lent(done), lines: vec![] };
    targets(done, &mut notes);
    events(done, calls, &after, &mut notes);
    let lines = notes.lines;
    let mut seen = SEEN.lock().unwrap();
    lines.into_iter().for_each(|line| *seen.entry(line).or_default() += 1);
    drop(seen);
    thread_local! { static CALLS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) }; }
    CALLS.set(CALLS.get() + 1);
    if CALLS.get().is_multiple_of(2_000) {
        save_in(folder);
    }
}

/// What may be the source of what a call writes.
struct Source {
    name: String,
    unit: Unit,
    type_name: &'static str,
    value: Value,
    /// The account that had it.
    of: Option<Address>,
}

/// Arguments, and what the call's accounts are and have.
fn lent(done: &Done) -> Vec<Source> {
    let constant = |(name, seconds)| {
        let value = Value::Number(seconds as i128);
        Source { name: format!("const.{name}"), unit: Unit::Period, type_name: "Seconds", value, of: None }
    };
    let mut all: Vec<Source> = constants(&done.program).map(constant).collect();
    for arg in &done.args.all {
        if let Some(value) = arg.read(done.data).filter(|_| arg.element.is_none_or(|at| at == usize::MAX)) {
            all.push(Source {
                name: format!("arg.{}", arg.name),
                unit: arg.unit,
                type_name: arg.type_name,
                value,
                of: None,
            });
        }
    }
    let mut roles = BTreeSet::new();
    for (role, key, was, _) in done.roles.iter().filter(|(_, key, ..)| *key != done.program.id) {
        if !roles.insert(*role) {
            continue;
        }
        let value = Value::Bytes(key.to_bytes().to_vec());
        all.push(Source { name: format!("key.{role}"), unit: Unit::Word, type_name: "Address", value, of: None });
        // What it has now is no source: one error would explain the other.
        let Some(held) = held(*was) else { continue };
        for other in held.places.all.iter().filter(|other| !other.name.contains("[]")) {
            let Some(value) = other.read(held.data) else { continue };
            let (name, of) = (format!("{role}.{}", other.name), Some(*key));
            all.push(Source { name, unit: other.unit, type_name: other.type_name, value, of });
        }
    }
    all
}

/// Notes what fits.
struct Notes<'a> {
    done: &'a Done<'a>,
    lent: Vec<Source>,
    lines: Vec<String>,
}

impl Look for Notes<'_> {
    fn begins(&mut self, line: &Line) {
        let Line { instruction, role, kind, moved } = line;
        self.lines.push(format!("{} {instruction} {role} {kind} {moved} *: seen", self.done.program.name));
    }

    fn wants(&mut self, _: &Line, _: &Place, differs: bool) -> bool {
        differs
    }

    fn see(&mut self, line: &Line, target: &Target) {
        let forms = self.fitting(line, target);
        let mut text = String::new();
        let Line { instruction, role, kind, moved } = line;
        let program = self.done.program.name;
        write!(text, "{program} {instruction} {role} {kind} {moved} {}:", target.place.name).expect("text");
        forms.iter().for_each(|form| write!(text, " {form}").expect("text"));
        self.lines.push(text);
    }
}

/// Writes down what was seen, if that is asked for.
pub fn save() {
    if let Some(folder) = noting() {
        save_in(folder);
    }
}

fn save_in(folder: &Path) {
    let seen = SEEN.lock().unwrap();
    let text: String = seen.iter().map(|(line, count)| format!("{count} {line}\n")).collect();
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join(format!("{}.txt", std::process::id())), text).expect("a file");
}

/// Fields that have few values, each with a name.
const NAMED_VALUES: [&str; 10] = [
    "state",
    "phase",
    "status",
    "outcome",
    "matching",
    "kind",
    "verification_kind",
    "statement_kind",
    "side",
    "stopped_by",
];

fn last(name: &str) -> &str {
    name.rsplit(['.', '\'']).next().unwrap_or_default()
}

impl Notes<'_> {
    /// Every form that fits.
    fn fitting(&self, line: &Line, target: &Target) -> Vec<String> {
        let (done, place, new) = (self.done, target.place, &target.new);
        let word = last(&place.name);
        let is_named = |name: &str| last(name) == word;
        let now = done.now.0 as i128;
        let is_now = place.unit == Unit::Time && *new == Value::Number(now);
        let is_alike = |source: &Source| match place.unit {
            _ if source.unit != place.unit || source.value != *new => false,
            _ if new.is_zero() => is_named(&source.name),
            Unit::Count => is_named(&source.name),
            Unit::Bytes => source.type_name == place.type_name,
            Unit::Word => (source.type_name == "Address") == (place.type_name == "Address"),
            _ => true,
        };
        let mut forms = vec![];
        let others = self.lent.iter().filter(|source| source.of != Some(target.key));
        let mut beside = vec![];
        for (held, mark) in [(&target.before, "."), (&target.after, "'")] {
            let Some(held) = held else { continue };
            for other in held.places.all.iter() {
                let is_beside =
                    !other.name.contains("[]") || other.element == place.element && place.name.contains("[]");
                let is_itself = other.offset == place.offset && other.name == place.name;
                let is_said = line.role == "event";
                let is_lent =
                    mark == "." || matches!(other.unit, Unit::Period | Unit::Part | Unit::Amount | Unit::Count);
                if is_beside
                    && (is_said || is_lent && !is_itself)
                    && let Some(value) = other.read(held.data)
                {
                    let (unit, type_name) = (other.unit, other.type_name);
                    beside.push(Source { name: format!("{mark}{}", other.name), unit, type_name, value, of: None });
                }
            }
        }
        let sources: Vec<&Source> = others.chain(&beside).collect();
        if new.is_zero() {
            forms.push("0".into());
        }
        forms.extend(sources.iter().filter(|source| is_alike(source)).map(|source| source.name.clone()));
        let Value::Number(new) = new else {
            if forms.is_empty() {
                forms.push("any".into());
            }
            return forms;
        };
        let old = match &target.old {
            Some(Value::Number(old)) => *old,
            _ => 0,
        };
        let more = new - old;
        let numbers = |unit: Unit| {
            sources.iter().filter(move |source| source.unit == unit).filter_map(|source| match source.value {
                Value::Number(number) if number != 0 => Some((&*source.name, number)),
                _ => None,
            })
        };
        forms.extend(is_now.then(|| "now".into()));
        if place.unit == Unit::Time && *new != 0 {
            for (period, length) in numbers(Unit::Period) {
                let times = numbers(Unit::Time).chain([("now", now)]).filter(|(_, time)| time + length == *new);
                forms.extend(times.map(|(time, _)| format!("{time}+{period}")));
            }
        }
        if place.unit == Unit::Count && matches!(more, 1 | -1) && target.old.is_some() {
            forms.push(if more == 1 { "+1".into() } else { "-1".into() });
        }
        // Of few values each is one; of what counts, none is.
        if place.size == 1 && (*new == 1 || NAMED_VALUES.contains(&word)) && *new != 0 {
            forms.push(format!("={new}"));
        }
        let is_sum = place.unit == Unit::Amount || place.unit == Unit::Count && place.size == 8 && word != "sequence";
        if is_sum {
            let counts = sources.iter().filter(|source| source.unit == Unit::Count && source.name.starts_with("arg."));
            let counts: Vec<(&str, i128)> = counts
                .filter_map(|source| match source.value {
                    Value::Number(number) if number != 0 => Some((&*source.name, number)),
                    _ => None,
                })
                .collect();
            let amounts: Vec<(&str, i128)> = numbers(Unit::Amount).chain(counts).collect();
            for (wanted, sign) in [(*new, ""), (more, "+"), (-more, "-")] {
                if wanted <= 0 || !sign.is_empty() && old == 0 {
                    continue;
                }
                if !sign.is_empty() {
                    forms.extend(
                        amounts.iter().filter(|(_, amount)| *amount == wanted).map(|(name, _)| format!("{sign}{name}")),
                    );
                }
                for (period, length) in numbers(Unit::Period).filter(|(_, length)| wanted % length == 0) {
                    let fits = amounts.iter().filter(|(_, amount)| amount.checked_mul(length) == Some(wanted));
                    forms.extend(fits.map(|(name, _)| format!("{sign}{name}*{period}")));
                }
                for (share, part) in numbers(Unit::Part) {
                    let is_part = |amount: i128| {
                        let whole = amount.checked_mul(part);
                        whole.is_some_and(|whole| [whole / 10_000, (whole + 9_999) / 10_000].contains(&wanted))
                    };
                    let fits = amounts.iter().filter(|(_, amount)| is_part(*amount));
                    forms.extend(fits.map(|(name, _)| format!("{sign}{name}%{share}")));
                }
            }
        }
        forms.push(
            if target.old.is_none() {
                "any"
            } else if more > 0 {
                "grew"
            } else {
                "fell"
            }
            .into(),
        );
        forms
    }
}
