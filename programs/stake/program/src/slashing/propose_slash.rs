use {
    crate::{Result, accounts::in_pool, slashing, staking::pots},
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now},
    joule_interface::Fault,
    joule_math::{Bps, Timestamp, Tokens},
    joule_stake_interface::{
        StakeError,
        event::SlashProposed,
        instruction::ProposeSlash,
        pda,
        state::{MAX_PENDING_SLASHES, MAX_SENTENCES, MAX_SLASHERS, Pool, Provider, Slash, Slasher, rights, sentence},
    },
};

/// See [`ProposeSlash`].
#[inline(never)]
pub fn propose_slash(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ProposeSlash::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let slasher = account::keep_mut::<Slasher>(a.slasher)?;
    guard::authority(a.slasher_authority, &slasher.authority)?;
    in_pool(&slasher.pool, a.pool.address())?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;

    let amount = args.amount;
    let (executable_at, expires_at) = propose(pool, slasher, provider, amount, args.sentence, now()?)?;

    let index = provider.slash_count;
    provider.slash_count = index.checked_add(1).ok_or(Fault::Overflow)?;
    let seed = index.to_le_bytes();
    let seeds = pda::slash::seeds(a.provider.address(), &seed);
    let mut slash = account::create::<Slash>(a.payer, a.slash, &seeds)?;
    slash.provider = *a.provider.address();
    slash.slasher = *a.slasher.address();
    slash.payer = *a.payer.address();
    slash.evidence = args.evidence;
    slash.amount = amount;
    slash.executable_at = executable_at;
    slash.expires_at = expires_at;
    slash.index = index;
    slash.staying = provider.staying;
    slash.staying_scale = provider.staying_scale;
    slash.sentence = args.sentence;
    slash.slot = slasher.slot;

    event::emit(&SlashProposed {
        header: SlashProposed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        slash: *a.slash.address(),
        slasher: *a.slasher.address(),
        evidence: args.evidence,
        amount,
        executable_at,
        expires_at,
        sentence: args.sentence as u64,
    });
    Ok(())
}

/// Counts a proposal against the limits of the provider's and the slasher's windows. Returns when it is executable, and when it
/// expires.
#[inline(always)]
pub fn propose(
    pool: &Pool,
    slasher: &mut Slasher,
    provider: &mut Provider,
    amount: Tokens,
    how: u8,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp)> {
    slashing::has_right(slasher, rights::SLASH)?;
    require(now >= slasher.active_at, StakeError::SlasherNotActive)?;
    in_range!(how <= sentence::TOMBSTONE, "sentence")?;
    require(!amount.is_zero() || how != sentence::FINE, Fault::ZeroAmount)?;
    let slot = (slasher.slot as usize).wrapping_sub(1);
    require(slot < MAX_SLASHERS, StakeError::MissingRight)?;

    if now >= slasher.window_started_at.after(pool.policy.slash_window)? {
        slasher.window_started_at = now;
        slasher.window_proposed = Tokens::ZERO;
    }
    let proposed = slasher.window_proposed.plus(amount)?;
    require(proposed <= slasher.window_limit, StakeError::SlasherLimitReached)?;
    slasher.window_proposed = proposed;

    if now >= provider.window_started_at.after(pool.policy.slash_window)? {
        provider.window_started_at = now;
        provider.window_stake = provider.stake()?;
        provider.window_proposed = [Tokens::ZERO; MAX_SLASHERS];
        provider.window_sentences = [0; MAX_SLASHERS];
    }
    if !amount.is_zero() {
        // Stake that came since the window began answers as well.
        let stake = provider.window_stake.max(provider.stake()?);
        // Of slashers that are gone as well.
        let mut all = Tokens::ZERO;
        for part in provider.window_proposed {
            all = all.plus(part)?;
        }
        let left = |share: Bps, proposed: Tokens| share.of_floor(stake.0).map(|most| most.saturating_sub(proposed.0));
        let proposed = &mut provider.window_proposed[slot];
        let most = left(slasher.slash_share, *proposed)?.min(left(pool.policy.slash_limit, all)?);
        require(amount.0 <= most, StakeError::SlashLimitReached)?;
        // Or a fault of a small provider would cost nothing.
        require(amount >= pool.policy.min_slash || amount.0 == most, StakeError::SlashTooSmall)?;
        *proposed = proposed.plus(amount)?;
    }
    if how != sentence::FINE {
        let sentences = &mut provider.window_sentences[slot];
        require(*sentences < MAX_SENTENCES, StakeError::SlashLimitReached)?;
        *sentences += 1;
    }

    let pending = &mut provider.pending_slashes[slot];
    require(*pending < MAX_PENDING_SLASHES, StakeError::TooManyProposals)?;
    *pending += 1;
    if provider.pending_slash_count == 0 {
        provider.staying = pots::ALL_STAY;
    }
    provider.slash_pending = provider.slash_pending.plus(amount)?;
    provider.pending_slash_count = provider.pending_slash_count.checked_add(1).ok_or(Fault::Overflow)?;
    let executable_at = now.after(pool.policy.slash_delay)?;
    Ok((executable_at, executable_at.after(pool.policy.slash_execution_window)?))
}
