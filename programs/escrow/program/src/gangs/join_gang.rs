use {
    crate::{
        Result, beacons,
        collateral::bonds::locking,
        gangs::{self, emit_gang_moved, require_place},
        markets::{access::Applicant, node},
        money::funding::{in_credits, require_payable},
    },
    joule_common::{AccountView, account, guard, guard::require, now, token},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::JoinGang,
        state::{Gang, Job, NONE},
    },
    joule_identity_interface::state::Node,
    joule_interface::Fault,
    joule_stake_interface::state::Pool,
};

/// See [`JoinGang`].
#[inline(never)]
pub fn join_gang(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = JoinGang::parse(accounts, data)?;
    let gang = &mut *account::load_mut::<Gang>(a.gang)?;
    let job = &mut *account::load_mut::<Job>(a.job)?;
    require({ args.posting_id } == job.posting_id, EscrowError::PostingChanged)?;
    let at = require_place(gang, a.job.address(), job)?;
    guard::network(&gang.network, a.bonding.network.address())?;
    let now = now()?;
    let authority = a.provider_authority.address();
    let (pool, provider) = (a.bonding.pool, a.bonding.provider);
    let applicant = Applicant { authority, pool, provider, allowed_index: args.allowed_index, proof };
    // `stake` makes its own checks of the provider, the bond and the pause.
    applicant.check_beside_stake(&job.terms, &job.pool, now)?;
    let node = node::of_class(job.terms.class, &job.network, authority, a.node, now)?;
    let (machine, owner) = if guard::eq(&node, &NONE) {
        (*authority, NONE)
    } else {
        let node_state = account::load::<Node>(a.node)?;
        require(gang.site == [0; 32] || node_state.stands_at(&gang.site, now), EscrowError::SiteDiffers)?;
        (node, node_state.owner)
    };
    // What a member loses is burned.
    require(!token::is_native(&account::load::<Pool>(pool)?.mint), Fault::MintNotAllowed)?;

    gangs::join(gang, (at, job), authority, (&machine, &owner), now)?;
    if in_credits(&job.mint) {
        let last = gang.deadline_at.max(now).after(gang.duration)?;
        require_payable(job, a.spender, last)?;
    }
    let (slashing, lock) = locking(a.provider_authority, &a.bonding);
    slashing.lock(job, a.job.address(), &lock)?;
    job.bond = *a.bonding.bond.address();
    job.node = node;
    if guard::present(a.beacon, &ID) {
        beacons::join_member(a.beacon, job, now)?;
    }
    emit_gang_moved(a.gang, gang, a.job.address(), authority)
}
