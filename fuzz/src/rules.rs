//! What may succeed with other accounts, and why: `fuzz/access.txt`.

use {
    crate::calls::{Outcome, Stage},
    joule_interface::{Address, Instruction},
    joule_tests::books::Accounts,
    solana_program::instruction::AccountMeta,
    std::collections::BTreeMap,
};

/// Reasons for what succeeds, one a line: `program.Instruction account change: reason`; `*` stands for any word.
const ALLOWED: &str = include_str!("../access.txt");

/// What may succeed.
pub struct Rule {
    /// Call, account, and what was changed.
    pub words: [&'static str; 3],
    /// Whether it allowed anything.
    pub used: bool,
}

/// All of them.
pub fn rules() -> Vec<Rule> {
    let lines = ALLOWED.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let rule = |line: &'static str| {
        let (call, reason) = line.split_once(": ").unwrap_or_else(|| panic!("no reason given: {line}"));
        assert!(!reason.trim().is_empty(), "no reason given: {line}");
        let words: Vec<_> = call.split_whitespace().collect();
        Rule { words: words.try_into().unwrap_or_else(|_| panic!("three words and a reason: {line}")), used: false }
    };
    lines.map(rule).collect()
}

/// Whether a rule allows it. All that do are used.
pub fn rule(rules: &mut [Rule], words: [&str; 3]) -> bool {
    let mut allowed = false;
    for rule in rules {
        if rule.words.iter().zip(words).all(|(pattern, word)| matches(pattern, word)) {
            rule.used = true;
            allowed = true;
        }
    }
    allowed
}

/// `*` at the end, or alone, stands for anything that breaks no rule of authorization and keeps the books in balance.
fn matches(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => word.starts_with(start) && !word.ends_with('!'),
        None => pattern == word,
    }
}

/// Accounts in whose place an address will do that nobody has ever seen: `unread` if the call does the same with it, `any` if it
/// does something else.
pub fn optional(valid: &Instruction, done: &Accounts, stage: &mut Stage) -> BTreeMap<usize, &'static str> {
    let nowhere = |place: usize| {
        let mut changed = valid.clone();
        let meta = &mut changed.accounts[place];
        *meta = AccountMeta { pubkey: Address::new_from_array([0xEE; 32]), is_writable: true, ..meta.clone() };
        let Ok(Outcome::Done(other)) = stage.try_call(&changed) else { return None };
        Some((place, if other == *done { "unread" } else { "any" }))
    };
    (0..valid.accounts.len()).filter_map(nowhere).collect()
}
