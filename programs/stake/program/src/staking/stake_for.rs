use {
    crate::{
        Result,
        accounts::{Vault, provider_of},
        staking::{create_delegation, emit_lock_changed, is_own, positions::Position},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_interface::{Address, Fault},
    joule_math::{Seconds, Tokens},
    joule_stake_interface::{
        StakeError,
        event::Staked,
        instruction::StakeFor,
        state::{Pool, Rewards},
    },
};

/// Bytes of an owner's address, and of its amount.
const OWNER: usize = 32;
const ENTRY: usize = OWNER + 8;

/// See [`StakeFor`].
#[inline(never)]
pub fn stake_for(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, delegations, entries) = StakeFor::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let network = account::keep::<Network>(a.network)?;
    network.require_unpaused()?;
    guard::authority(a.authority, &network.authority)?;
    let pool = account::keep::<Pool>(a.pool)?;
    guard::network(&pool.network, a.network.address())?;
    let vault = Vault::of(a.pool, pool, a.vault, a.mint, a.token_program)?;
    let provider = provider_of(pool, a.pool, a.provider, a.rewards)?;
    let rewards = account::keep_mut::<Rewards>(a.rewards)?;
    require(entries.len() == ENTRY * delegations.len(), Fault::InvalidArguments)?;
    let mut total = Tokens::ZERO;
    for entry in entries.chunks_exact(ENTRY) {
        total = total.plus(amount_of(entry)?)?;
    }

    // The tokens come first, and all of them: what is staked is there.
    let came = vault.receive(a.source, a.funder, total)?;
    require(came == total, Fault::MintNotAllowed)?;
    let now = now()?;
    for (view, entry) in delegations.iter().zip(entries.chunks_exact(ENTRY)) {
        require(view.is_writable(), Fault::NotWritable)?;
        let owner = owner_of(entry)?;
        let tokens = amount_of(entry)?;
        let delegation = account::kept(create_delegation(a.payer, view, provider, a.provider, &owner)?);
        require(!is_own(provider, delegation), StakeError::OwnStakeOnly)?;
        Position { pool, rewards, provider, delegation, now }.stake(tokens)?;
        event::emit(&Staked {
            header: Staked::header(*a.provider.address(), event::next(&mut provider.sequence)?),
            owner,
            tokens,
        });
        if { args.lock_period } != Seconds(0) {
            Position { pool, rewards, provider, delegation, now }.lock(args.lock_period)?;
            emit_lock_changed(provider, a.provider, delegation)?;
        }
    }
    Ok(())
}

fn owner_of(entry: &[u8]) -> Result<Address> {
    let bytes = entry.first_chunk::<OWNER>().ok_or(Fault::InvalidArguments)?;
    Ok(Address::new_from_array(*bytes))
}

fn amount_of(entry: &[u8]) -> Result<Tokens> {
    let bytes = entry.last_chunk::<8>().ok_or(Fault::InvalidArguments)?;
    Ok(Tokens(u64::from_le_bytes(*bytes)))
}
