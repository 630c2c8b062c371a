use {
    crate::{
        Result,
        collateral::{Release, Slashing, all_present},
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_escrow_interface::{
        EscrowError, ID,
        event::BondSettled,
        instruction::{SettleBond, SettleBondArgs},
        pda,
        state::{Job, NONE, job_state, outcome},
    },
    joule_interface::{Address, Fault},
    joule_math::Tokens,
    joule_stake_interface::{
        instruction::SeizeBond,
        state::{Bond, Provider, Slasher, rights},
    },
};

/// See [`SettleBond`]. Works while the network is paused: it settles and gives back.
pub fn settle_bond(accounts: &[AccountView], _: &SettleBondArgs) -> Result<()> {
    let (a, _) = SettleBond::parse(accounts)?;
    let slashing = Slashing { slasher: a.slasher, authority: a.escrow_authority, program: a.stake_program };
    slashing.check()?;
    let mut job = account::load_mut::<Job>(a.job)?;
    require(job.has_ended() || job.state == job_state::OWING, EscrowError::WrongJobState)?;
    if job.pending == 0 {
        return Ok(());
    }
    {
        let provider = account::load::<Provider>(a.provider)?;
        require(guard::eq(&provider.pool, &job.pool), EscrowError::WrongPool)?;
        require(guard::eq(&provider.authority, &job.provider), EscrowError::WrongProvider)?;
    }
    let allowed = account::load::<Slasher>(a.slasher)?.rights;
    // What is asked of `stake` shows that the slasher is ours; what is left out because of it does not.
    let needed = rights::BOND | rights::REPORT;
    if allowed & needed != needed {
        is_ours(&a, &job)?;
    }

    let mut seized = Tokens::ZERO;
    if !guard::eq(&job.bond, &NONE) {
        all_present(&[a.bond, a.bond_payer])?;
        require(guard::eq(a.bond.address(), &job.bond), EscrowError::WrongBond)?;
        if slashing.holds(a.job.address(), a.bond)? {
            if allowed & rights::BOND != 0 {
                seized = job.seize.min(account::load::<Bond>(a.bond)?.amount);
            }
            if !seized.is_zero() {
                seize(&a, &slashing, &job, seized)?;
            }
            let with = Release { provider: a.provider, bond: a.bond, payer: a.bond_payer };
            slashing.release(&job, &with)?;
        } else {
            is_ours(&a, &job)?;
        }
    }
    let mut reported = outcome::NONE;
    if job.terms.reports != 0 && job.outcome != outcome::NONE && allowed & rights::REPORT != 0 {
        reported = job.outcome;
        slashing.report(&job, a.job.address(), a.provider, reported - 1)?;
    }
    job.bond = NONE;
    job.pending = 0;

    event::emit(&BondSettled {
        header: BondSettled::header(*a.job.address(), event::next(&mut job.sequence)?),
        seized,
        outcome: reported as u64,
    });
    Ok(())
}

/// The slasher is this program's in the job's pool.
#[inline(never)]
fn is_ours(a: &SettleBond<&AccountView>, job: &Job) -> Result<()> {
    let slasher = account::load::<Slasher>(a.slasher)?;
    require(guard::eq(&slasher.pool, &job.pool), EscrowError::WrongPool)?;
    let bump = [job.authority_bump];
    let [prefix, network] = pda::authority::seeds(&job.network);
    let ours = Address::create_program_address(&[prefix, network, &bump], &ID).map_err(|_| Fault::WrongAddress)?;
    Ok(require(guard::eq(&slasher.authority, &ours), Fault::WrongAddress)?)
}

/// Takes what the client is owed.
#[inline(always)]
fn seize(a: &SettleBond<&AccountView>, slashing: &Slashing, job: &Job, amount: Tokens) -> Result<()> {
    all_present(&[a.pool, a.vault, a.receiver, a.mint, a.token_program])?;
    let accounts = SeizeBond {
        slasher_authority: a.escrow_authority,
        slasher: a.slasher,
        pool: a.pool,
        provider: a.provider,
        bond: a.bond,
        vault: a.vault,
        receiver: a.receiver,
        mint: a.mint,
        token_program: a.token_program,
    };
    slashing.seize(job, amount, accounts)
}
