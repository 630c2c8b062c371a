//! What follows for a provider's bond and reputation when its part has ended.

use {
    crate::{
        Result,
        collateral::bonds::{Release, Slashing, all_present},
        engagement::{Engagement, Order},
    },
    joule_common::{AccountView, account, cpi, entrypoint::MAX_ACCOUNTS, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::{SettleBond, SettlementAccounts},
        pda,
        state::{Job, NONE, outcome},
    },
    joule_interface::{Account, Address, Fault, SYSTEM_PROGRAM, bytemuck},
    joule_math::Tokens,
    joule_stake_interface::{
        instruction::{ReleaseBond, SeizeBond},
        state::{BondReport, Provider, ProviderStub, Slasher, rights, seizure},
    },
};

/// The accounts of an instruction that settles with `stake`.
type Settlement<'a> = SettlementAccounts<&'a AccountView>;

/// The rights that it takes to settle all of a job.
const ALL: u8 = rights::BOND | rights::REPORT;

/// Seizes what is to be seized, releases the rest, and reports. Returns what was seized, and what was reported.
#[inline(never)]
pub fn settle(accounts: &Settlement, engagement: &impl Engagement, address: &Address) -> Result<(Tokens, u8)> {
    let slashing = slashing(accounts);
    slashing.check()?;
    let allowed = rights_of(slashing.slasher)?;
    let reported = reported(engagement, allowed);
    let is_bonded = !guard::eq(engagement.bond(), &NONE);
    if is_bonded {
        all_present(&[accounts.bond, accounts.bond_payer])?;
        require(guard::eq(accounts.bond.address(), engagement.bond()), EscrowError::WrongBond)?;
        // Then this slasher locked it, and `stake` knows of whose stake.
        if let Some(bond) = slashing.held(address, accounts.bond)? {
            let amount = bond.amount;
            drop(bond);
            let mut seized = Tokens::ZERO;
            if !engagement.bond_to_seize().is_zero() {
                if allowed & rights::BOND != 0 {
                    seized = engagement.bond_to_seize().min(amount);
                } else {
                    require_lost(slashing.slasher)?;
                }
            }
            if !seized.is_zero() {
                seize(accounts, &slashing, engagement, seized)?;
            }
            // A slasher without the right to bonds lets anyone release what it held: then the call does not show whose it is.
            if allowed & ALL != ALL {
                require_own(accounts.slasher, engagement)?;
            }
            let release = Release { provider: accounts.provider, bond: accounts.bond, payer: accounts.bond_payer };
            let weight = if reported != outcome::NONE { engagement.reputation_weight()? } else { 0 };
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
    if is_bonded || allowed & ALL != ALL {
        require_own(accounts.slasher, engagement)?;
    }
    if reported != outcome::NONE {
        slashing.report(engagement, address, accounts.provider)?;
    }
    Ok((Tokens::ZERO, reported))
}

/// Bonds of one slasher and one provider, of which nothing is seized, to release by one call. `stake` releases all or none: so what it
/// would refuse is left out here.
pub struct Releases<'a, 's> {
    accounts: &'s Settlement<'a>,
    slashing: Slashing<'a>,
    allowed: u8,
    /// The last of the jobs. All have the same network: the slasher is of one.
    job: Option<&'a AccountView>,
    count: usize,
    /// The accounts of the call.
    views: [AccountView; cpi::MAX_FOR],
    /// What the call says of each bond.
    reports: [BondReport; MAX_RELEASES],
}

/// Bonds that one call can release: more than jobs have room for behind an instruction's accounts.
const MAX_RELEASES: usize = cpi::MAX_FOR + 1 - ReleaseBond::ACCOUNTS.len();
const _: () = assert!((MAX_ACCOUNTS - SettleBond::ACCOUNTS.len()) / 2 < MAX_RELEASES);

impl<'a, 's> Releases<'a, 's> {
    /// None yet.
    #[inline(always)]
    pub fn of(accounts: &'s Settlement<'a>) -> Result<Self> {
        all_present(&[accounts.bond_payer])?;
        let slashing = slashing(accounts);
        slashing.check()?;
        let allowed = rights_of(slashing.slasher)?;
        let mut views = [*slashing.authority; cpi::MAX_FOR];
        views[1] = *slashing.slasher;
        views[2] = *accounts.provider;
        views[4] = *accounts.bond_payer;
        Ok(Self {
            accounts,
            slashing,
            allowed,
            job: None,
            count: 0,
            views,
            reports: [BondReport::default(); MAX_RELEASES],
        })
    }

    /// Adds a job's bond, and what the job reports.
    #[inline(always)]
    pub fn add(&mut self, job: &Job, view: &'a AccountView, bond: &'a AccountView) -> Result<()> {
        require(job.bond_to_seize.is_zero(), EscrowError::SettledAlone)?;
        if !guard::eq(bond.address(), &job.bond) {
            let has_none = guard::eq(&job.bond, &NONE);
            return Err(if has_none { EscrowError::SettledAlone } else { EscrowError::WrongBond });
        }
        let held = self.slashing.held(view.address(), bond)?.ok_or(EscrowError::SettledAlone)?;
        require(guard::eq(&held.provider, self.accounts.provider.address()), EscrowError::WrongProvider)?;
        let is_closed = held.reusable == 0 && held.seized.price == 0;
        require(!is_closed || guard::eq(&held.payer, self.accounts.bond_payer.address()), EscrowError::WrongPayer)?;
        if self.allowed & ALL != ALL {
            require_own(self.accounts.slasher, job)?;
        }
        let outcome = reported(job, self.allowed);
        let weight = if outcome != outcome::NONE { job.reputation_weight()? } else { 0 };

        // The first is one of the call's own accounts, and the others stand behind them.
        let place = if self.count == 0 { 3 } else { 4 + self.count };
        self.views[place] = *bond;
        self.reports[self.count] = BondReport { outcome, weight };
        self.count += 1;
        self.job = Some(view);
        Ok(())
    }

    /// Releases them.
    #[inline(always)]
    pub fn make(&self) -> Result<()> {
        let Some(job) = self.job else { return Ok(()) };
        let job = account::load::<Job>(job)?;
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
        let mut data = [ReleaseBond::DISCRIMINATOR; 1 + size_of::<[BondReport; MAX_RELEASES]>()];
        data[1..].copy_from_slice(bytemuck::bytes_of(&self.reports));
        let data = &data[..1 + self.count * size_of::<BondReport>()];
        let views = &self.views[..4 + self.count];
        let authority = self.slashing.authority.address();
        Ok(cpi::invoke_for(authority, (&seeds).into(), &joule_stake_interface::ID, data, views)?)
    }
}

/// What is reported: nothing without the right to.
#[inline(always)]
fn reported(engagement: &impl Engagement, allowed: u8) -> u8 {
    let reports = engagement.terms().reports_outcome() && allowed & rights::REPORT != 0;
    if reports { engagement.outcome() } else { outcome::NONE }
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
