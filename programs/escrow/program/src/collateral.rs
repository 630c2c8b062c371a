//! Bonds in `stake`, of which this program is a slasher.

use {
    crate::{Result, purse::signs_by_seeds},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{EscrowError, ID, pda, state::Job},
    joule_interface::Address,
    joule_math::Tokens,
    joule_stake_interface::{
        instruction::{
            LockBond, LockBondArgs, ReleaseBond, ReleaseBondArgs, ReportJob, ReportJobArgs, SeizeBond, SeizeBondArgs,
        },
        state::{Bond, seizure},
    },
};

/// This program in a pool.
pub struct Slashing<'a> {
    /// Its slasher there.
    pub slasher: &'a AccountView,
    /// Its authority in the network.
    pub authority: &'a AccountView,
    /// `stake`.
    pub program: &'a AccountView,
}

/// What takes collateral.
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
    /// System program.
    pub system_program: &'a AccountView,
}

/// What gives collateral back.
pub struct Release<'a> {
    /// The provider in the pool.
    pub provider: &'a AccountView,
    /// The bond.
    pub bond: &'a AccountView,
    /// Who paid its rent.
    pub payer: &'a AccountView,
}

/// All of these accounts are there.
#[inline(always)]
pub fn all_present(accounts: &[&AccountView]) -> Result<()> {
    require(accounts.iter().all(|account| guard::present(account, &ID)), EscrowError::StakeRequired)
}

impl Slashing<'_> {
    /// The accounts are what they must be, as far as `stake` does not check them.
    #[inline(always)]
    pub fn check(&self) -> Result<()> {
        guard::program(self.program, &joule_stake_interface::ID)?;
        signs_by_seeds(self.authority)
    }

    /// Takes the collateral that the job's terms ask for out of the provider's stake.
    #[inline(never)]
    pub fn lock(&self, job: &Job, address: &Address, with: &Lock) -> Result<()> {
        all_present(&[with.bond, self.slasher])?;
        self.check()?;
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
        LockBond {
            payer: with.authority,
            authority: with.authority,
            slasher_authority: self.authority,
            slasher: self.slasher,
            network: with.network,
            pool: with.pool,
            provider: with.provider,
            bond: with.bond,
            system_program: with.system_program,
        }
        .invoke_signed(
            &LockBondArgs { job: *address, amount: job.terms.bond, client: job.client },
            &[(&seeds).into()],
        )?;
        Ok(())
    }

    /// Whether the bond still is this job's. Where the network takes this program's right to bonds away, the provider may
    /// take it back.
    #[inline(always)]
    pub fn holds(&self, address: &Address, bond: &AccountView) -> Result<bool> {
        if !guard::eq(bond.owner(), &joule_stake_interface::ID) {
            return Ok(false);
        }
        let bond = account::load::<Bond>(bond)?;
        Ok(guard::eq(&bond.job, address) && guard::eq(&bond.slasher, self.slasher.address()))
    }

    /// Gives it back. Whose it is, and who paid its rent, `stake` knows.
    #[inline(never)]
    pub fn release(&self, job: &Job, with: &Release) -> Result<()> {
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
        ReleaseBond {
            slasher_authority: self.authority,
            slasher: self.slasher,
            provider: with.provider,
            bond: with.bond,
            rent_receiver: with.payer,
        }
        .invoke_signed(&ReleaseBondArgs {}, &[(&seeds).into()])?;
        Ok(())
    }

    /// Takes part of it for the client.
    #[inline(never)]
    pub fn seize(&self, job: &Job, amount: Tokens, accounts: SeizeBond<&AccountView>) -> Result<()> {
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
        accounts.invoke_signed(&SeizeBondArgs { amount, to: seizure::CLIENT }, &[(&seeds).into()])?;
        Ok(())
    }

    /// Says how the job went.
    #[inline(never)]
    pub fn report(&self, job: &Job, address: &Address, provider: &AccountView, outcome: u8) -> Result<()> {
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
        ReportJob { slasher_authority: self.authority, slasher: self.slasher, provider }
            .invoke_signed(&ReportJobArgs { job: *address, outcome }, &[(&seeds).into()])?;
        Ok(())
    }
}
