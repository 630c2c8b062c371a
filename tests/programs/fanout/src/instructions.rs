//! What each instruction does.

use {
    crate::{
        FanoutError, Result,
        accounts::{self, at, create, edit, look, now, require},
        instruction::*,
        pda, shares,
        state::Fanout,
        token::{self, Outgoing},
    },
    joule_bme_interface::instruction::{ClaimEpochs, ClaimEpochsArgs},
    joule_interface::{
        Address, Fault, address_eq, bytemuck,
        pinocchio::{AccountView, cpi::Seed},
    },
    joule_math::Tokens,
};

/// The seeds of a fanout's address, kept while its account may change.
struct Seeds {
    creator: Address,
    mint: Address,
    id: [u8; 8],
    bump: [u8; 1],
}

impl Seeds {
    fn of(fanout: &Fanout) -> Self {
        Self { creator: fanout.creator, mint: fanout.mint, id: fanout.id.to_le_bytes(), bump: [fanout.header.bump] }
    }

    fn seeds(&self) -> [Seed<'_>; 5] {
        pda::fanout::signer(&self.creator, &self.mint, &self.id, &self.bump)
    }
}

pub fn open(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Open::parse(accounts, data)?;
    let decimals = token::decimals(a.mint)?;
    let (creator, mint, id) = (a.authority.address(), a.mint.address(), args.id.to_le_bytes());
    let (address, bump) = pda::fanout::find(creator, mint, &id);
    at(a.fanout, &address)?;
    let bump_seed = [bump];
    let seeds = pda::fanout::signer(creator, mint, &id, &bump_seed);
    create::<Fanout>(a.payer, a.fanout, bump, &[(&seeds).into()])?;
    edit::<Fanout, _>(a.fanout, |fanout| {
        (fanout.authority, fanout.creator, fanout.payer) = (*creator, *creator, *a.payer.address());
        (fanout.mint, fanout.token_program) = (*mint, *a.mint.owner());
        fanout.income = token::associated(&address, mint, a.mint.owner());
        (fanout.id, fanout.decimals) = (args.id, decimals);
        Ok(())
    })
}

pub fn set_receivers(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, tail) = SetReceivers::parse(accounts, data)?;
    let named: &[Share] = bytemuck::try_cast_slice(tail).map_err(|_| Fault::InvalidArguments)?;
    edit::<Fanout, _>(a.fanout, |fanout| {
        is_authority(fanout, a.authority)?;
        // What came in until now is shared as it was before.
        book(fanout, a.income)?;
        let (mint, token_program) = (fanout.mint, fanout.token_program);
        let account_of = |receiver: &Address| token::associated(receiver, &mint, &token_program);
        shares::set(fanout, a.fanout.address(), named, args.period, now()?, account_of)
    })
}

pub fn distribute(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, receivers, _) = Distribute::parse(accounts, data)?;
    let (seeds, outgoing, is_frozen) = edit::<Fanout, _>(a.fanout, |fanout| {
        let is_frozen = book(fanout, a.income)?;
        let outgoing = outgoing(fanout, a.fanout, a.income, a.mint, a.token_program)?;
        Ok((Seeds::of(fanout), outgoing, is_frozen))
    })?;
    let seeds = seeds.seeds();
    for account in receivers {
        let amount = edit::<Fanout, _>(a.fanout, |fanout| {
            let is_its = |receiver: &crate::state::Receiver| address_eq(&receiver.account, account.address());
            let index = fanout.receivers().iter().position(is_its).ok_or(FanoutError::NotAReceiver)?;
            // Who cannot be paid now is passed over, and delays nobody.
            let takes =
                account.is_writable() && token::takes(account, &fanout.receivers[index].address, &fanout.token_program);
            if is_frozen || !takes { Ok(Tokens(0)) } else { shares::take(fanout, index) }
        })?;
        if !amount.is_zero() {
            outgoing.transfer(account, amount, &[(&seeds).into()])?;
        }
    }
    Ok(())
}

pub fn claim(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Claim::parse(accounts, data)?;
    // The fanout would take for income what it has just paid.
    require(!address_eq(a.destination.address(), a.income.address()), Fault::DuplicateAccount)?;
    let (seeds, outgoing, amount) = edit::<Fanout, _>(a.fanout, |fanout| {
        require(!book(fanout, a.income)?, FanoutError::IncomeFrozen)?;
        let outgoing = outgoing(fanout, a.fanout, a.income, a.mint, a.token_program)?;
        let is_its = |receiver: &crate::state::Receiver| address_eq(&receiver.address, a.receiver.address());
        let index = fanout.receivers().iter().position(is_its).ok_or(Fault::Unauthorized)?;
        Ok((Seeds::of(fanout), outgoing, shares::take(fanout, index)?))
    })?;
    require(!amount.is_zero(), Fault::ZeroAmount)?;
    outgoing.transfer(a.destination, amount, &[(&seeds.seeds()).into()])
}

pub fn collect_rewards(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, epochs, _) = CollectRewards::parse(accounts, data)?;
    let seeds = look::<Fanout, _>(a.fanout, |fanout| {
        at(a.income, &fanout.income)?;
        Ok(Seeds::of(fanout))
    })?;
    // #region collect
    let epochs: Vec<_> = epochs.iter().collect();
    ClaimEpochs {
        provider: a.fanout,
        network: a.network,
        provider_work: a.provider_work,
        reward_vault: a.reward_vault,
        destination: a.income,
        mint: a.mint,
        token_program: a.token_program,
    }
    .invoke_signed_with(&ClaimEpochsArgs {}, &[], &epochs, &[(&seeds.seeds()).into()])?;
    // #endregion
    Ok(())
}

pub fn hand_over(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = HandOver::parse(accounts, data)?;
    let successor = *a.successor.address();
    edit::<Fanout, _>(a.fanout, |fanout| {
        is_authority(fanout, a.authority)?;
        fanout.authority = if successor == crate::ID { Address::default() } else { successor };
        Ok(())
    })
}

pub fn close(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Close::parse(accounts, data)?;
    let (seeds, outgoing, left) = edit::<Fanout, _>(a.fanout, |fanout| {
        is_authority(fanout, a.authority)?;
        at(a.rent_receiver, &fanout.payer)?;
        require(!book(fanout, a.income)?, FanoutError::IncomeFrozen)?;
        require(fanout.receivers().iter().all(|receiver| receiver.owed.is_zero()), FanoutError::StillOwed)?;
        let outgoing = outgoing(fanout, a.fanout, a.income, a.mint, a.token_program)?;
        Ok((Seeds::of(fanout), outgoing, token::holding(a.income, &fanout.token_program)?.0))
    })?;
    let seeds = seeds.seeds();
    if !left.is_zero() {
        outgoing.transfer(a.destination, left, &[(&seeds).into()])?;
    }
    if address_eq(a.income.owner(), a.token_program.address()) {
        outgoing.close(a.rent_receiver, &[(&seeds).into()])?;
    }
    accounts::close(a.fanout, a.rent_receiver)
}

fn is_authority(fanout: &Fanout, authority: &AccountView) -> Result<()> {
    require(fanout.authority != Address::default(), FanoutError::Final)?;
    require(address_eq(&fanout.authority, authority.address()), Fault::Unauthorized)
}

/// Books what came in. Returns whether the token account is frozen.
fn book(fanout: &mut Fanout, income: &AccountView) -> Result<bool> {
    at(income, &fanout.income)?;
    let (balance, is_frozen) = token::holding(income, &fanout.token_program)?;
    shares::book(fanout, balance, now()?)?;
    Ok(is_frozen)
}

/// What pays out of a fanout: its own accounts, checked.
fn outgoing<'a>(
    fanout: &Fanout,
    view: &'a AccountView,
    income: &'a AccountView,
    mint: &'a AccountView,
    token_program: &'a AccountView,
) -> Result<Outgoing<'a>> {
    at(income, &fanout.income)?;
    require(address_eq(mint.address(), &fanout.mint), Fault::WrongMint)?;
    require(address_eq(token_program.address(), &fanout.token_program), Fault::WrongTokenProgram)?;
    Ok(Outgoing { income, mint, fanout: view, token_program, decimals: fanout.decimals })
}
