//! What each instruction does.

use {
    crate::{
        Result, VoterError,
        accounts::{at, clock, close, create, edit, read, require},
        instruction::*,
        pda,
        record::{self, record},
        state::{Council, Vote},
        votes,
    },
    joule_bme_interface::{
        instruction::{WeighLanes, WeighLanesArgs},
        state::Network,
    },
    joule_interface::{Account, Address, Fault, Header, address_eq, bytemuck, pinocchio::AccountView},
    joule_math::{Seconds, Timestamp},
    joule_stake_interface::state::{Delegation, Pool, Provider},
};

pub fn open(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Open::parse(accounts, data)?;
    let network = read::<Network>(a.network)?;
    require(address_eq(&network.authority, a.authority.address()), Fault::Unauthorized)?;
    require(address_eq(&read::<Pool>(a.pool)?.network, a.network.address()), Fault::WrongNetwork)?;
    let window = { args.closing_window };
    let longest = Seconds(network.policy.epoch_duration.0 / 2);
    require((Seconds(60)..=longest).contains(&window), Fault::InvalidParameter)?;
    let (of, id) = (a.network.address(), args.id.to_le_bytes());
    let (address, bump) = pda::council::find(of, &id);
    at(a.council, &address)?;
    let bump_seed = [bump];
    create(a.payer, a.council, Council::SIZE, &[(&pda::council::signer(of, &id, &bump_seed)).into()])?;
    begin::<Council>(a.council, bump)?;
    edit::<Council, _>(a.council, |council| {
        (council.network, council.pool, council.payer) = (*of, *a.pool.address(), *a.payer.address());
        (council.realm, council.governing_mint) = (args.realm, args.governing_mint);
        (council.id, council.closing_window, council.min_lock) = (args.id, window, args.min_lock);
        Ok(())
    })
}

pub fn cast_vote(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = CastVote::parse(accounts, data)?;
    let now = Timestamp(clock()?.unix_timestamp);
    let council = read::<Council>(a.council)?;
    at(a.network, &council.network)?;
    at(a.pool, &council.pool)?;
    let network = read::<Network>(a.network)?;
    require(!votes::is_closed(&council, &network, now), VoterError::VotingClosed)?;
    // Otherwise stake that leaves one provider could arrive at the next, and vote there as well.
    let unbonding = read::<Pool>(a.pool)?.policy.unbonding_period;
    require(unbonding >= network.terms.own_duration, VoterError::UnbondingTooShort)?;

    // #region look-at-the-stake
    let (delegation, provider) = (read::<Delegation>(a.delegation)?, read::<Provider>(a.provider)?);
    votes::check_stake(&council, a.owner.address(), &delegation, a.provider.address(), &provider)?;
    let began_at = votes::epoch_began_at(&network);
    let weight = votes::stake_weight(&delegation, &provider, began_at, network.epoch_ends_at)?;
    // #endregion

    let (of, by) = (a.council.address(), a.delegation.address());
    let (address, bump) = pda::vote::find(of, by);
    at(a.vote, &address)?;
    if !address_eq(a.vote.owner(), &crate::ID) {
        let bump_seed = [bump];
        create(a.payer, a.vote, Vote::SIZE, &[(&pda::vote::signer(of, by, &bump_seed)).into()])?;
        begin::<Vote>(a.vote, bump)?;
        edit::<Vote, _>(a.vote, |vote| {
            (vote.council, vote.delegation, vote.payer) = (*of, *by, *a.payer.address());
            Ok(())
        })?;
    }
    edit::<Vote, _>(a.vote, |vote| {
        edit::<Council, _>(a.council, |council| votes::cast(council, vote, network.open_epoch, weight, &{ args.parts }))
    })
}

pub fn weigh(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Weigh::parse(accounts, data)?;
    let council = read::<Council>(a.council)?;
    at(a.network, &council.network)?;
    let network = read::<Network>(a.network)?;
    require(council.voters > 0 && council.epoch == network.open_epoch, VoterError::NoVotes)?;
    let now = Timestamp(clock()?.unix_timestamp);
    require(votes::is_closed(&council, &network, now), VoterError::VotingOpen)?;
    let weights = votes::weights(&council, &network.policy.weights())?;
    // #region weigh
    let (id, bump) = (council.id.to_le_bytes(), [council.header.bump]);
    let seeds = pda::council::signer(&council.network, &id, &bump);
    WeighLanes { weigher: a.council, network: a.network }
        .invoke_signed(&WeighLanesArgs { weights }, &[(&seeds).into()])?;
    // #endregion
    Ok(())
}

pub fn close_vote(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CloseVote::parse(accounts, data)?;
    let (council, vote) = (read::<Council>(a.council)?, read::<Vote>(a.vote)?);
    at(a.council, &vote.council)?;
    at(a.network, &council.network)?;
    at(a.rent_receiver, &vote.payer)?;
    require(vote.voted <= read::<Network>(a.network)?.open_epoch, VoterError::VoteCounts)?;
    close(a.vote, a.rent_receiver)
}

pub fn create_record(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = CreateRecord::parse(accounts, data)?;
    let council = read::<Council>(a.council)?;
    require(council.realm != Address::default(), VoterError::NoRealm)?;
    let (of, owner) = (a.council.address(), a.owner.address());
    let (address, bump) = pda::record::find(of, owner);
    at(a.record, &address)?;
    let bump_seed = [bump];
    create(a.payer, a.record, record::SIZE, &[(&pda::record::signer(of, owner, &bump_seed)).into()])?;
    write(a.record, &record(&council.realm, &council.governing_mint, owner, 0, 0))
}

pub fn update_record(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, stake, _) = UpdateRecord::parse(accounts, data)?;
    let council = read::<Council>(a.council)?;
    let owner = a.owner.address();
    at(a.record, &pda::record::find(a.council.address(), owner).0)?;
    require(address_eq(a.record.owner(), &crate::ID), Fault::WrongOwner)?;
    let clock = clock()?;
    let now = Timestamp(clock.unix_timestamp);
    let until = now.after(council.min_lock)?;
    require(stake.len().is_multiple_of(2), VoterError::NotAscending)?;
    let (mut weight, mut last) = (0u64, None);
    for pair in stake.chunks_exact(2) {
        let address = *pair[0].address();
        // So none is passed twice.
        require(last.is_none_or(|last: Address| last.as_array() < address.as_array()), VoterError::NotAscending)?;
        last = Some(address);
        let (delegation, provider) = (read::<Delegation>(&pair[0])?, read::<Provider>(&pair[1])?);
        votes::check_stake(&council, owner, &delegation, pair[1].address(), &provider)?;
        let more = votes::stake_weight(&delegation, &provider, now, until)?;
        weight = weight.checked_add(more).ok_or(Fault::Overflow)?;
    }
    write(a.record, &record(&council.realm, &council.governing_mint, owner, weight, clock.slot))
}

/// Makes zeros an account of this program.
fn begin<T: Account>(view: &AccountView, bump: u8) -> Result<()> {
    let header = Header { discriminator: T::DISCRIMINATOR, version: T::VERSION, bump, reserved: [0; 5] };
    write(view, bytemuck::bytes_of(&header))
}

/// Writes the first bytes of an account.
fn write(view: &AccountView, bytes: &[u8]) -> Result<()> {
    let mut view = *view;
    view.try_borrow_mut()?[..bytes.len()].copy_from_slice(bytes);
    Ok(())
}
