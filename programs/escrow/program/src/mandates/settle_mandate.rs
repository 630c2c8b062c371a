use {
    crate::{
        Result,
        mandates::{is_of, restore},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::SettleMandate,
        pda,
        state::{Job, Mandate},
    },
    joule_interface::Fault,
    joule_math::Amount,
};

/// See [`SettleMandate`]. Works while the network is paused: it gives back.
#[inline(never)]
pub fn settle_mandate(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, more, _) = SettleMandate::parse(accounts, data)?;
    let now = now()?;
    let is_there = account::exists::<Mandate>(a.mandate);
    let mut mandate = is_there.then(|| account::load_mut::<Mandate>(a.mandate)).transpose()?;
    for view in core::iter::once(a.job).chain(more) {
        require(view.is_writable(), Fault::NotWritable)?;
        let job = &mut *account::load_mut::<Job>(view)?;
        if !job.has_given_back() || job.mandate_charged.is_zero() {
            continue;
        }
        if let Some(mandate) = mandate.as_mut().filter(|mandate| is_of(mandate, job)) {
            restore(mandate, job, now);
            continue;
        }
        // The one at its address is gone, or another was opened there since.
        let index = Mandate::index_of(job.mandate_id).to_le_bytes();
        let address = pda::mandate::find(&job.client, &index).0;
        require(guard::eq(a.mandate.address(), &address), EscrowError::WrongMandate)?;
        job.mandate_charged = Amount::ZERO;
    }
    Ok(())
}
