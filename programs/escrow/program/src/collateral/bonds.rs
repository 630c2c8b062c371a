//! Calls of `stake` that lock, release and seize bonds, and that report.

use {
    crate::{
        Result,
        engagement::{Engagement, Order},
        money::funding::signs_by_seeds,
    },
    joule_common::{
        AccountView, account,
        account::Ref,
        guard::{self, require},
    },
    joule_escrow_interface::{EscrowError, ID, instruction::BondAccounts, pda},
    joule_interface::Address,
    joule_math::Tokens,
    joule_stake_interface::{
        instruction::{
            LockBond, LockBondArgs, ReleaseBond, ReleaseBondArgs, ReportJob, ReportJobArgs, SeizeBond, SeizeBondArgs,
            SwapBond, SwapBondArgs,
        },
        state::Bond,
    },
};

/// This program as a slasher of a pool.
pub struct Slashing<'a> {
    /// Its slasher there.
    pub slasher: &'a AccountView,
    /// Its authority in the network.
    pub authority: &'a AccountView,
    /// `stake`.
    pub program: &'a AccountView,
}

/// What locks a bond.
pub struct Lock<'a> {
    /// Authority of the provider, which signed.
    pub authority: &'a AccountView,
    /// Network.
    pub network: &'a AccountView,
    /// Pool.
    pub pool: &'a AccountView,
    /// The provider in the pool.
    pub provider: &'a AccountView,
    /// The bond to fill or to create.
    pub bond: &'a AccountView,
    /// Pays the rent of a bond that is created.
    pub payer: &'a AccountView,
    /// System program.
    pub system_program: &'a AccountView,
}

/// What releases a bond.
pub struct Release<'a> {
    /// The provider in the pool.
    pub provider: &'a AccountView,
    /// The bond.
    pub bond: &'a AccountView,
    /// Whoever paid its rent.
    pub payer: &'a AccountView,
}

/// The accounts of an instruction that locks a bond of `authority`.
#[inline(always)]
pub fn locking<'a>(authority: &'a AccountView, accounts: &BondAccounts<&'a AccountView>) -> (Slashing<'a>, Lock<'a>) {
    let slashing =
        Slashing { slasher: accounts.slasher, authority: accounts.escrow_authority, program: accounts.stake_program };
    let lock = Lock {
        authority,
        network: accounts.network,
        pool: accounts.pool,
        provider: accounts.provider,
        bond: accounts.bond,
        payer: accounts.payer,
        system_program: accounts.system_program,
    };
    (slashing, lock)
}

/// None of the accounts was left out.
#[inline(always)]
pub fn all_present(accounts: &[&AccountView]) -> Result<()> {
    require(accounts.iter().all(|account| guard::present(account, &ID)), EscrowError::StakeRequired)
}

impl Slashing<'_> {
    /// Checks of the accounts that `stake` does not make.
    #[inline(always)]
    pub fn check(&self) -> Result<()> {
        guard::program(self.program, &joule_stake_interface::ID)?;
        signs_by_seeds(self.authority)
    }

    /// Locks the bond that the terms ask for.
    #[inline(never)]
    pub fn lock(&self, order: &impl Order, address: &Address, with: &Lock) -> Result<()> {
        all_present(&[with.bond, self.slasher])?;
        self.check()?;
        let bump = [order.authority_bump()];
        let seeds = pda::authority::signer(order.network(), &bump);
        LockBond {
            authority: with.authority,
            slasher_authority: self.authority,
            slasher: self.slasher,
            network: with.network,
            pool: with.pool,
            provider: with.provider,
            bond: with.bond,
            system_program: with.system_program,
            payer: with.payer,
        }
        .invoke_signed(
            &LockBondArgs { job: *address, amount: order.terms().bond_amount, client: *order.client() },
            &[(&seeds).into()],
        )?;
        Ok(())
    }

    /// Whether the bond still belongs to this job. An unbonding period after this program lost its right to bonds, anyone may give the
    /// bond back.
    #[inline(always)]
    pub fn holds(&self, address: &Address, bond: &AccountView) -> Result<bool> {
        Ok(self.held(address, bond)?.is_some())
    }

    /// The bond, if it still belongs to this job.
    #[inline(always)]
    pub fn held<'b>(&self, address: &Address, bond: &'b AccountView) -> Result<Option<Ref<'b, Bond>>> {
        let bond = match account::load::<Bond>(bond) {
            Ok(bond) => bond,
            // Nothing, or something else of `stake`, can lie where a bond was that somebody gave back.
            Err(_) if !account::exists::<Bond>(bond) => return Ok(None),
            Err(fault) => return Err(fault.into()),
        };
        let is_held = guard::eq(&bond.job, address) && guard::eq(&bond.slasher, self.slasher.address());
        Ok(if is_held { Some(bond) } else { None })
    }

    /// Locks this provider's bond and releases another's, which the job still holds ([`Slashing::holds`]).
    #[inline(never)]
    pub fn swap(&self, order: &impl Order, address: &Address, with: &Lock, released: &Release) -> Result<()> {
        all_present(&[with.bond, self.slasher])?;
        self.check()?;
        let bump = [order.authority_bump()];
        let seeds = pda::authority::signer(order.network(), &bump);
        SwapBond {
            authority: with.authority,
            slasher_authority: self.authority,
            slasher: self.slasher,
            network: with.network,
            pool: with.pool,
            provider: with.provider,
            bond: with.bond,
            system_program: with.system_program,
            released_provider: released.provider,
            released_bond: released.bond,
            rent_receiver: released.payer,
            payer: with.payer,
        }
        .invoke_signed(
            &SwapBondArgs { job: *address, amount: order.terms().bond_amount, client: *order.client() },
            &[(&seeds).into()],
        )?;
        Ok(())
    }

    /// Releases the bond, and reports `outcome`, which counts `weight`, unless it is `NONE`. `stake` checks whose bond it is, and who paid its rent.
    #[inline(never)]
    pub fn release(&self, order: &impl Order, with: &Release, outcome: u8, weight: u32) -> Result<()> {
        let bump = [order.authority_bump()];
        let seeds = pda::authority::signer(order.network(), &bump);
        ReleaseBond {
            slasher_authority: self.authority,
            slasher: self.slasher,
            provider: with.provider,
            bond: with.bond,
            rent_receiver: with.payer,
        }
        .invoke_signed(&ReleaseBondArgs { outcome, weight }, &[(&seeds).into()])?;
        Ok(())
    }

    /// Seizes a part of the bond.
    #[inline(never)]
    pub fn seize(&self, engagement: &impl Engagement, amount: Tokens, accounts: SeizeBond<&AccountView>) -> Result<()> {
        let bump = [engagement.authority_bump()];
        let seeds = pda::authority::signer(engagement.network(), &bump);
        let destination = engagement.seized_to();
        accounts.invoke_signed(&SeizeBondArgs { amount, destination }, &[(&seeds).into()])?;
        Ok(())
    }

    /// Reports how it went.
    #[inline(never)]
    pub fn report(&self, engagement: &impl Engagement, address: &Address, provider: &AccountView) -> Result<()> {
        let bump = [engagement.authority_bump()];
        let seeds = pda::authority::signer(engagement.network(), &bump);
        let (outcome, weight) = (engagement.outcome(), engagement.reputation_weight()?);
        ReportJob { slasher_authority: self.authority, slasher: self.slasher, provider }
            .invoke_signed(&ReportJobArgs { job: *address, outcome, weight }, &[(&seeds).into()])?;
        Ok(())
    }
}
