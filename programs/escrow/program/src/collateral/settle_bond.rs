use {
    crate::{
        Result,
        collateral::settlement::{self, Releases},
        jobs::batch,
        money::funding::in_credits,
    },
    joule_common::{AccountView, account, guard::require},
    joule_escrow_interface::{
        EscrowError,
        instruction::SettleBond,
        state::{Job, NONE, job_state},
    },
    joule_interface::Fault,
};

/// See [`SettleBond`]. Works while the network is paused: it settles and gives back.
#[inline(never)]
pub fn settle_bond(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, more, _) = SettleBond::parse(accounts, data)?;
    if !more.is_empty() {
        return settle_all(&a, more);
    }
    let job = account::keep_mut::<Job>(a.job)?;
    if is_settled(job)? {
        return Ok(());
    }
    settlement::settle(&a.settlement, job, a.job.address())?;

    clear(job);
    Ok(())
}

/// Settles several, and releases their bonds together.
#[inline(never)]
fn settle_all(a: &SettleBond<&AccountView>, more: &[AccountView]) -> Result<()> {
    let (jobs, bonds) = more.split_at(more.len() / 2);
    require(jobs.len() == bonds.len(), Fault::NotEnoughAccounts)?;
    require(bonds.iter().all(AccountView::is_writable), Fault::NotWritable)?;
    let mut releases = Releases::of(&a.settlement)?;
    batch::each(SettleBond::DISCRIMINATOR, (a.job, jobs), usize::MAX, &mut |index, view, mut job| {
        if is_settled(&job)? {
            return Ok(());
        }
        let bond = if index == 0 { a.settlement.bond } else { &bonds[index - 1] };
        releases.add(&job, view, bond)?;

        clear(&mut job);
        Ok(())
    })?;
    releases.make()
}

/// Whether nothing is left to settle. Fails if it is not known yet how the job went.
#[inline(always)]
fn is_settled(job: &Job) -> Result<bool> {
    // What is owed in credits may never be paid, if the network revokes the right to them: then the job counts nothing, and its fee is not
    // known before. What is owed in tokens is paid, whenever their issuer lets it be.
    let is_known = job.has_ended() || job.state == job_state::OWING && !in_credits(&job.mint);
    require(is_known, EscrowError::WrongJobState)?;
    Ok(job.bond_unsettled == 0)
}

#[inline(always)]
fn clear(job: &mut Job) {
    job.bond = NONE;
    job.bond_unsettled = 0;
}
