//! What follows for a provider's bond and reputation when its part has ended.

use {
    crate::{
        Result,
        collateral::bonds::{Release, Slashing, all_present},
        engagement::{Engagement, Order},
    },
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::SettlementAccounts,
        pda,
        state::{NONE, outcome},
    },
    joule_interface::{Account, Address, Fault, SYSTEM_PROGRAM},
    joule_math::Tokens,
    joule_stake_interface::{
        instruction::SeizeBond,
        state::{Bond, Provider, ProviderStub, Slasher, rights, seizure},
    },
};

/// The accounts of an instruction that settles with `stake`.
type Settlement<'a> = SettlementAccounts<&'a AccountView>;

/// Seizes what is to be seized, releases the rest, and reports. Returns what was seized, and what was reported.
#[inline(never)]
pub fn settle(accounts: &Settlement, engagement: &impl Engagement, address: &Address) -> Result<(Tokens, u8)> {
    let slashing = slashing(accounts);
    slashing.check()?;
    let allowed = rights_of(slashing.slasher)?;
    let reports =
        engagement.terms().reports_outcome() && engagement.outcome() != outcome::NONE && allowed & rights::REPORT != 0;
    let reported = if reports { engagement.outcome() } else { outcome::NONE };
    let is_bonded = !guard::eq(engagement.bond(), &NONE);
    if is_bonded {
        all_present(&[accounts.bond, accounts.bond_payer])?;
        require(guard::eq(accounts.bond.address(), engagement.bond()), EscrowError::WrongBond)?;
        // Then this slasher locked it, and `stake` knows of whose stake.
        if slashing.holds(address, accounts.bond)? {
            let mut seized = Tokens::ZERO;
            if !engagement.bond_to_seize().is_zero() {
                if allowed & rights::BOND != 0 {
                    seized = engagement.bond_to_seize().min(account::load::<Bond>(accounts.bond)?.amount);
                } else {
                    require_lost(slashing.slasher)?;
                }
            }
            if !seized.is_zero() {
                seize(accounts, &slashing, engagement, seized)?;
            }
            let release = Release { provider: accounts.provider, bond: accounts.bond, payer: accounts.bond_payer };
            let weight = if reports { engagement.reputation_weight()? } else { 0 };
            slashing.release(engagement, &release, reported, weight)?;
            return Ok((seized, reported));
        }
    }
    {
        // One that was closed is a stub, and may be reported as well.
        let (pool, authority) = if accounts.provider.data_len() == ProviderStub::SIZE {
            let stub = account::load::<ProviderStub>(accounts.provider)?;
            (stub.pool, stub.authority)
        } else {
            let provider = account::load::<Provider>(accounts.provider)?;
            (provider.pool, provider.authority)
        };
        require(guard::eq(&pool, engagement.pool()), EscrowError::WrongPool)?;
        require(guard::eq(&authority, engagement.provider()), EscrowError::WrongProvider)?;
    }
    // A call of `stake` shows that the slasher is this program's. If a right is missing and no call is made, nothing else does.
    let needed = rights::BOND | rights::REPORT;
    if is_bonded || allowed & needed != needed {
        require_own(accounts.slasher, engagement)?;
    }
    if reported != outcome::NONE {
        slashing.report(engagement, address, accounts.provider)?;
    }
    Ok((Tokens::ZERO, reported))
}

#[inline(always)]
fn slashing<'a>(accounts: &Settlement<'a>) -> Slashing<'a> {
    Slashing { slasher: accounts.slasher, authority: accounts.escrow_authority, program: accounts.stake_program }
}

/// The slasher's rights: none where this program was never made one, or is one no more.
#[inline(always)]
fn rights_of(slasher: &AccountView) -> Result<u8> {
    match account::keep::<Slasher>(slasher) {
        Ok(slasher) => Ok(slasher.rights),
        Err(_) if guard::eq(slasher.owner(), &SYSTEM_PROGRAM) => Ok(0),
        Err(fault) => Err(fault.into()),
    }
}

/// The right to bonds was lost long ago: else whoever governs the pool could take it and give it back in one transaction, and what a
/// provider lost in between would be nothing.
#[cold]
#[inline(never)]
fn require_lost(slasher: &AccountView) -> Result<()> {
    let is_lost =
        guard::eq(slasher.owner(), &SYSTEM_PROGRAM) || now()? >= account::keep::<Slasher>(slasher)?.bonds_free_at;
    require(is_lost, EscrowError::RightTaken)
}

/// The slasher is this program's in the engagement's pool, or would be.
#[inline(never)]
fn require_own(slasher: &AccountView, order: &impl Order) -> Result<()> {
    let bump = [order.authority_bump()];
    let [prefix, network] = pda::authority::seeds(order.network());
    let own = Address::create_program_address(&[prefix, network, &bump], &ID).map_err(|_| Fault::WrongAddress)?;
    if guard::eq(slasher.owner(), &SYSTEM_PROGRAM) {
        return Ok(guard::address(slasher, &joule_stake_interface::pda::slasher::find(order.pool(), &own).0)?);
    }
    let slasher = account::keep::<Slasher>(slasher)?;
    require(guard::eq(&slasher.pool, order.pool()), EscrowError::WrongPool)?;
    Ok(require(guard::eq(&slasher.authority, &own), Fault::WrongAddress)?)
}

/// Seizes a part of the bond.
#[inline(always)]
fn seize(accounts: &Settlement, slashing: &Slashing, engagement: &impl Engagement, amount: Tokens) -> Result<()> {
    let a = accounts;
    all_present(&[a.pool, a.vault, a.mint, a.token_program])?;
    // Of a client's ticket nothing is paid at once: absent. What is burned goes to the mint.
    let burns = engagement.seized_to() == seizure::BURN;
    let receiver = if burns { a.receiver } else { a.stake_program };
    all_present(&[receiver])?;
    let accounts = SeizeBond {
        slasher_authority: a.escrow_authority,
        slasher: a.slasher,
        pool: a.pool,
        provider: a.provider,
        bond: a.bond,
        vault: a.vault,
        receiver,
        mint: a.mint,
        token_program: a.token_program,
    };
    slashing.seize(engagement, amount, accounts)
}
