//! Tips: what a keeper is paid for what it sends, by an instruction directly before it.

use {
    super::{Due, Rules, after},
    joule_bme_interface::{
        instruction::{TakeChoreTip, TakeChoreTipArgs},
        state::{Network, Upkeep},
    },
    joule_escrow_interface::{
        instruction::{TakeGameTip, TakeGameTipArgs, TakePanelTip, TakePanelTipArgs, TakeTip, TakeTipArgs},
        state::{
            CLOSING_TIP_DELAY, Game, Job, Panel, TIP_DELAY, Trace, game_tip, job_state, panel_state, panel_tip,
            pricing, tip as job_tip,
        },
    },
    joule_interface::{Address, INSTRUCTIONS_SYSVAR, Instruction},
    joule_math::{Seconds, Timestamp},
    std::collections::BTreeSet,
};

/// What takes tips, by program.
pub const TAKES: [(&str, &str); 4] =
    [("bme", "TakeChoreTip"), ("escrow", "TakeGameTip"), ("escrow", "TakePanelTip"), ("escrow", "TakeTip")];

/// A tip: which one, after when it is due, and whether that asks for a call that pays without a limit.
struct Tip {
    kind: u64,
    due_after: Timestamp,
    pays: bool,
}

impl Tip {
    fn new(kind: u64, left_at: Timestamp, delay: Seconds) -> Self {
        Self { kind, due_after: after(left_at, delay), pays: false }
    }

    fn paying(self) -> Self {
        Self { pays: true, ..self }
    }
}

/// Takes tips for what was found of a job, and lets wait for its tip what is soon worth one.
pub fn of_job(rules: &mut Rules, address: Address, job: &Job, from: usize) {
    let keeper = rules.payer;
    if job.tip == 0 || [job.client, job.provider, job.payer].contains(&keeper) {
        return;
    }
    let take = TakeTip { job: address, keeper, instructions_sysvar: INSTRUCTIONS_SYSVAR };
    let take = take.instruction(&TakeTipArgs {});
    take_each(rules, from, job.tips_taken as u64, &take, |due| tip_of_job(job, due.name.1));
}

/// The same of a panel.
pub fn of_panel(rules: &mut Rules, address: Address, panel: &Panel, from: usize) {
    let keeper = rules.payer;
    let is_replica = panel.present().any(|(_, replica)| replica.provider == keeper);
    if panel.tip == 0 || is_replica || [panel.client, panel.payer].contains(&keeper) {
        return;
    }
    let take = TakePanelTip { panel: address, keeper, instructions_sysvar: INSTRUCTIONS_SYSVAR };
    let take = take.instruction(&TakePanelTipArgs {});
    take_each(rules, from, panel.tips_taken, &take, |due| tip_of_panel(panel, due));
}

/// The same of a game.
pub fn of_game(rules: &mut Rules, address: Address, game: &Game, from: usize) {
    let keeper = rules.payer;
    if game.tip == 0 || [game.provider, game.challenger, game.payer].contains(&keeper) {
        return;
    }
    let take = take_game_tip(address, keeper);
    take_each(rules, from, game.tips_taken as u64, &take, |due| tip_of_game(game, due.name.1));
}

/// The same of a trace.
pub fn of_trace(rules: &mut Rules, address: Address, trace: &Trace, from: usize) {
    let keeper = rules.payer;
    if trace.tip == 0 || [trace.provider, trace.payer].contains(&keeper) {
        return;
    }
    let take = take_game_tip(address, keeper);
    let closing = |_: &Due| Some(Tip::new(game_tip::CLOSE as u64, trace.left_at, CLOSING_TIP_DELAY));
    take_each(rules, from, trace.tips_taken as u64, &take, closing);
}

fn take_game_tip(game_or_trace: Address, keeper: Address) -> Instruction {
    let take = TakeGameTip { game_or_trace, keeper, instructions_sysvar: INSTRUCTIONS_SYSVAR };
    take.instruction(&TakeGameTipArgs {})
}

fn take_each(rules: &mut Rules, from: usize, taken: u64, take: &Instruction, of: impl Fn(&Due) -> Option<Tip>) {
    let (now, wait) = (rules.now(), rules.settings.wait_for_tips);
    let found = rules.found.split_off(from);
    for mut due in found {
        if let Some(tip) = of(&due).filter(|tip| taken & tip.kind == 0) {
            if now > tip.due_after {
                with_tip(&mut due, take, tip.pays);
            } else if tip.due_after <= after(due.since, wait) {
                continue;
            }
        }
        rules.found.push(due);
    }
}

/// Each way first with the tip: if nothing is left to pay it, without.
fn with_tip(due: &mut Due, take: &Instruction, pays: bool) {
    for way in std::mem::take(&mut due.ways) {
        let last = way.last().expect("a way does something");
        if !pays || last.data.windows(8).any(|bytes| bytes == u64::MAX.to_le_bytes()) {
            let mut tipped = way.clone();
            tipped.insert(way.len() - 1, take.clone());
            due.ways.push(tipped);
        }
        due.ways.push(way);
    }
}

fn tip_of_job(job: &Job, name: &str) -> Option<Tip> {
    // A job of units that ends before that only begins the provider's time to redeem.
    let late = if job.terms.pricing == pricing::METERED { Seconds(0) } else { job.terms.late_window };
    let last = job.deadline_at.max(job.stopped_at);
    let end = |at| Tip::new(job_tip::END as u64, at, TIP_DELAY);
    Some(match (name, job.state) {
        ("AwardJob", job_state::BIDDING) => Tip::new(job_tip::AWARD as u64, job.deadline_at, TIP_DELAY),
        ("CancelJob", job_state::POSTED | job_state::ASSIGNED | job_state::OFFERED) => end(job.deadline_at),
        ("FinishJob", job_state::RUNNING) => end(after(job.ends_at, late)).paying(),
        ("FinishJob", job_state::REDEEMING) => end(job.deadline_at).paying(),
        ("AcceptJob", job_state::DELIVERED) => end(job.deadline_at).paying(),
        ("ResolveJob", job_state::REJECTED) | ("SettleJob", job_state::OWING) => end(last).paying(),
        ("SettleBond", _) => Tip::new(job_tip::BOND as u64, last, TIP_DELAY),
        ("CloseJob", _) => Tip::new(job_tip::CLOSE as u64, last, CLOSING_TIP_DELAY),
        _ => return None,
    })
}

fn tip_of_game(game: &Game, name: &str) -> Option<Tip> {
    Some(match name {
        "TimeOutGame" => Tip::new(game_tip::END as u64, game.deadline_at, TIP_DELAY),
        "SettleGame" => Tip::new(game_tip::SETTLE as u64, game.deadline_at, TIP_DELAY),
        "PayChallenger" => Tip::new(game_tip::PAY as u64, game.settled_at, TIP_DELAY),
        "CloseGame" => Tip::new(game_tip::CLOSE as u64, game.kept_until(), CLOSING_TIP_DELAY),
        _ => return None,
    })
}

fn tip_of_panel(panel: &Panel, due: &Due) -> Option<Tip> {
    let last = panel.deadline_at;
    let tip = |bit: u8| Tip::new(1 << bit, last, TIP_DELAY);
    Some(match (due.name.1, panel.state) {
        // The time to reveal follows that to commit without an instruction.
        ("TallyPanel", panel_state::COMMITTING) => {
            Tip::new(1 << panel_tip::END, after(last, panel.reveal_window), TIP_DELAY)
        }
        ("TallyPanel" | "CancelPanel", _) => tip(panel_tip::END),
        ("PayReplica", _) => tip(panel_tip::PAY + due.part).paying(),
        ("SettleReplica", _) => tip(panel_tip::SETTLE + due.part),
        ("ClosePanel", _) => Tip::new(1 << panel_tip::CLOSE, last, CLOSING_TIP_DELAY),
        _ => return None,
    })
}

/// Takes what networks pay for chores that are due anyway. The keeper's associated account of their token gets it.
pub fn of_chores(rules: &mut Rules) {
    let now = rules.now();
    let mut tipped = BTreeSet::new();
    for (upkeep, state) in rules.view.each::<Upkeep>() {
        let Some(network) = rules.view.read::<Network>(&state.network) else { continue };
        if !rules.serves(&state.network) || state.kept.is_zero() {
            continue;
        }
        for (index, chore) in state.chores.iter().enumerate() {
            if chore.tip.is_zero() || now <= after(chore.paid_at, chore.interval) {
                continue;
            }
            let does = |due: &Due| {
                let call = due.ways.first().and_then(|way| way.last());
                call.is_some_and(|call| {
                    let named = call.accounts.get(chore.place as usize);
                    let is_named = named.is_some_and(|meta| meta.pubkey == chore.account);
                    call.program_id == chore.program && call.data.starts_with(chore.prefix()) && is_named
                })
            };
            let Some(place) = rules.found.iter().position(does) else { continue };
            let token_program = state.token_program;
            let Some((destination, open)) = rules.associated(rules.payer, network.mint, token_program) else { break };
            // The next instruction is what a tip is for: there is one for each call.
            if !tipped.insert(place) {
                continue;
            }
            let (mint, instructions_sysvar) = (network.mint, INSTRUCTIONS_SYSVAR);
            let take =
                TakeChoreTip { upkeep, vault: state.vault, destination, mint, token_program, instructions_sysvar };
            let take = take.instruction(&TakeChoreTipArgs { index: index as u8 });
            let ways = &mut rules.found[place].ways;
            let [opens @ .., call] = &*ways[0] else { continue };
            let way = [opens, &open[..], &[take, call.clone()][..]].concat();
            ways.insert(0, way);
        }
    }
}
