use {
    crate::{
        Result, mandates,
        money::funding::{Funding, require_funding},
        usage,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, now},
    joule_escrow_interface::{event::JobExtended, instruction::AddUnits, state::Job},
    joule_math::Seconds,
};

/// See [`AddUnits`].
#[inline(never)]
pub fn add_units(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = AddUnits::parse(accounts, data)?;
    let job = account::keep_mut::<Job>(a.job)?;
    let now = now()?;
    let mandate = mandates::paying(job, a.client, rest, now)?;
    require_funding(job, a.funding_account)?;
    guard::network(&job.network, a.network.address())?;
    account::load::<Network>(a.network)?.require_unpaused()?;

    let added = usage::add_units(job, args.units, now)?;
    let funding = Funding::new(a.funding_account, &a.credits);
    match mandate {
        None => funding.hold_more(job, a.network, a.client, added, a.job.address())?,
        Some(mandate) => mandates::hold_more(mandate, &funding, job, a.network, added, a.job.address(), now)?,
    }

    event::emit(&JobExtended {
        header: JobExtended::header(*a.job.address(), event::next(&mut job.sequence)?),
        additional_duration: Seconds(0),
        reserved: [0; 4],
        added,
    });
    Ok(())
}
