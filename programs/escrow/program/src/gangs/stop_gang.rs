use {
    crate::{
        Result,
        gangs::{self, TakenOutBy, emit_gang_moved, require_place},
        halts::KnownHalts,
        money::funding::{in_credits, is_revoked_in_network},
    },
    joule_common::{AccountView, account, guard, now},
    joule_escrow_interface::{
        ID,
        instruction::StopGang,
        state::{Gang, Job, NONE},
    },
};

/// See [`StopGang`]. Works while the network is paused: it ends something.
#[inline(never)]
pub fn stop_gang(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = StopGang::parse(accounts, data)?;
    let gang = &mut *account::load_mut::<Gang>(a.gang)?;
    let (now, caller) = (now()?, a.caller.address());
    let by_client = guard::eq(caller, &gang.client);
    if !guard::present(a.job, &ID) {
        gangs::stop(gang, by_client, now)?;
        return emit_gang_moved(a.gang, gang, &NONE, &NONE);
    }
    let job = &mut *account::load_mut::<Job>(a.job)?;
    let at = require_place(gang, a.job.address(), job)?;
    gangs::read_beacon(gang, job, a.beacon, now)?;
    let by = if in_credits(&job.mint) && is_revoked_in_network(job, a.spender, now)? {
        // A member that stops because nothing is paid any more has not failed.
        TakenOutBy::Revocation
    } else if guard::eq(caller, &job.provider) {
        TakenOutBy::Member
    } else if by_client {
        TakenOutBy::Client
    } else {
        TakenOutBy::Anyone
    };

    gangs::take_out(gang, (at, job), by, now, &KnownHalts(a.halt_clock, now))?;
    emit_gang_moved(a.gang, gang, a.job.address(), &job.provider)
}
