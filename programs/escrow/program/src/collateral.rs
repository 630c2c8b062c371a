//! Bonds in `stake`, of which this program is a slasher.

use {
    crate::{Result, purse::signs_by_seeds},
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError, ID, pda,
        state::{Job, NONE, outcome},
    },
    joule_interface::{Address, Fault},
    joule_math::Tokens,
    joule_stake_interface::{
        instruction::{
            LockBond, LockBondArgs, ReleaseBond, ReleaseBondArgs, ReportJob, ReportJobArgs, SeizeBond, SeizeBondArgs,
            SwapBond, SwapBondArgs,
        },
        state::{Bond, Provider, Slasher, rights, seizure},
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

/// The accounts of an instruction that settles with `stake`, as its interface names them.
pub struct Settlement<'a> {
    /// This program in the pool.
    pub slashing: Slashing<'a>,
    /// The provider in the pool.
    pub provider: &'a AccountView,
    /// The bond, where there is one.
    pub bond: &'a AccountView,
    /// Who paid its rent.
    pub bond_payer: &'a AccountView,
    /// The pool, where part of it is the client's.
    pub pool: &'a AccountView,
    /// Its vault.
    pub vault: &'a AccountView,
    /// A token account of the client.
    pub receiver: &'a AccountView,
    /// The pool's mint.
    pub mint: &'a AccountView,
    /// Its token program.
    pub token_program: &'a AccountView,
}

/// The accounts of any instruction that settles with `stake`.
#[macro_export]
macro_rules! settlement {
    ($accounts:ident) => {
        $crate::collateral::Settlement {
            slashing: $crate::collateral::Slashing {
                slasher: $accounts.slasher,
                authority: $accounts.escrow_authority,
                program: $accounts.stake_program,
            },
            provider: $accounts.provider,
            bond: $accounts.bond,
            bond_payer: $accounts.bond_payer,
            pool: $accounts.pool,
            vault: $accounts.vault,
            receiver: $accounts.receiver,
            mint: $accounts.mint,
            token_program: $accounts.token_program,
        }
    };
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
            authority: with.authority,
            slasher_authority: self.authority,
            slasher: self.slasher,
            network: with.network,
            pool: with.pool,
            provider: with.provider,
            bond: with.bond,
            system_program: with.system_program,
            payer: with.authority,
        }
        .invoke_signed(
            &LockBondArgs { job: *address, amount: job.terms.bond_amount, client: job.client },
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

    /// Takes the collateral out of this provider's stake and gives another's back, which is the job's still ([`Slashing::holds`]).
    #[inline(never)]
    pub fn swap(&self, job: &Job, address: &Address, with: &Lock, released: &Release) -> Result<()> {
        all_present(&[with.bond, self.slasher])?;
        self.check()?;
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
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
            payer: with.authority,
        }
        .invoke_signed(
            &SwapBondArgs { job: *address, amount: job.terms.bond_amount, client: job.client },
            &[(&seeds).into()],
        )?;
        Ok(())
    }

    /// Gives it back, and says how the job went, where that is reported. Whose it is, and who paid its rent, `stake` knows.
    #[inline(never)]
    pub fn release(&self, job: &Job, with: &Release, reported: u8) -> Result<()> {
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
        ReleaseBond {
            slasher_authority: self.authority,
            slasher: self.slasher,
            provider: with.provider,
            bond: with.bond,
            rent_receiver: with.payer,
        }
        .invoke_signed(&ReleaseBondArgs { outcome: reported }, &[(&seeds).into()])?;
        Ok(())
    }

    /// Takes part of it for the client.
    #[inline(never)]
    pub fn seize(&self, job: &Job, amount: Tokens, accounts: SeizeBond<&AccountView>) -> Result<()> {
        let bump = [job.authority_bump];
        let seeds = pda::authority::signer(&job.network, &bump);
        accounts.invoke_signed(&SeizeBondArgs { amount, destination: seizure::CLIENT }, &[(&seeds).into()])?;
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

impl Settlement<'_> {
    /// Takes what the client is owed of the job's bond, gives back the rest, and reports how it went. Returns what was taken, and
    /// what was reported.
    #[inline(never)]
    pub fn make(&self, job: &Job, address: &Address) -> Result<(Tokens, u8)> {
        let allowed = account::keep::<Slasher>(self.slashing.slasher)?.rights;
        let reports = job.terms.reports != 0 && job.outcome != outcome::NONE && allowed & rights::REPORT != 0;
        let reported = if reports { job.outcome } else { outcome::NONE };
        let is_bonded = !guard::eq(&job.bond, &NONE);
        if is_bonded {
            all_present(&[self.bond, self.bond_payer])?;
            require(guard::eq(self.bond.address(), &job.bond), EscrowError::WrongBond)?;
            // Then it was this slasher with which we locked it, and of whose stake, `stake` knows.
            if self.slashing.holds(address, self.bond)? {
                let mut seized = Tokens::ZERO;
                if allowed & rights::BOND != 0 && !job.bond_to_seize.is_zero() {
                    seized = job.bond_to_seize.min(account::load::<Bond>(self.bond)?.amount);
                }
                if !seized.is_zero() {
                    self.seize(job, seized)?;
                }
                let with = Release { provider: self.provider, bond: self.bond, payer: self.bond_payer };
                self.slashing.release(job, &with, reported)?;
                return Ok((seized, reported));
            }
        }
        {
            let provider = account::load::<Provider>(self.provider)?;
            require(guard::eq(&provider.pool, &job.pool), EscrowError::WrongPool)?;
            require(guard::eq(&provider.authority, &job.provider), EscrowError::WrongProvider)?;
        }
        // What is asked of `stake` shows that the slasher is ours; what is left out because of it does not.
        let needed = rights::BOND | rights::REPORT;
        if is_bonded || allowed & needed != needed {
            self.is_ours(job)?;
        }
        if reported != outcome::NONE {
            self.slashing.report(job, address, self.provider, reported)?;
        }
        Ok((Tokens::ZERO, reported))
    }

    /// The slasher is this program's in the job's pool.
    #[inline(never)]
    fn is_ours(&self, job: &Job) -> Result<()> {
        let slasher = account::keep::<Slasher>(self.slashing.slasher)?;
        require(guard::eq(&slasher.pool, &job.pool), EscrowError::WrongPool)?;
        let bump = [job.authority_bump];
        let [prefix, network] = pda::authority::seeds(&job.network);
        let ours = Address::create_program_address(&[prefix, network, &bump], &ID).map_err(|_| Fault::WrongAddress)?;
        Ok(require(guard::eq(&slasher.authority, &ours), Fault::WrongAddress)?)
    }

    /// Takes what the client is owed.
    #[inline(always)]
    fn seize(&self, job: &Job, amount: Tokens) -> Result<()> {
        all_present(&[self.pool, self.vault, self.receiver, self.mint, self.token_program])?;
        let accounts = SeizeBond {
            slasher_authority: self.slashing.authority,
            slasher: self.slashing.slasher,
            pool: self.pool,
            provider: self.provider,
            bond: self.bond,
            vault: self.vault,
            receiver: self.receiver,
            mint: self.mint,
            token_program: self.token_program,
        };
        self.slashing.seize(job, amount, accounts)
    }
}
