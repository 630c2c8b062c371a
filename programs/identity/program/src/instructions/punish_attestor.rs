use {
    crate::{
        Result,
        instructions::{in_registry, network_authority},
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range, now},
    joule_identity_interface::{
        IdentityError,
        event::AttestorPunished,
        instruction::PunishAttestor,
        pda,
        state::{Registry, Statement},
    },
    joule_stake_interface::instruction::{ProposeSlash, ProposeSlashArgs},
};

/// See [`PunishAttestor`]. Works while the network is paused: a fault does not wait.
#[inline(never)]
pub fn punish_attestor(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = PunishAttestor::parse(accounts, data)?;
    guard::program(a.stake_program, &joule_stake_interface::ID)?;
    network_authority(a.authority, a.network)?;
    let registry = account::keep::<Registry>(a.registry)?;
    guard::network(&registry.network, a.network.address())?;
    let statement = account::keep_mut::<Statement>(a.statement)?;
    in_registry(&statement.registry, a.registry.address())?;
    require(guard::eq(a.provider.address(), &statement.provider), IdentityError::WrongProvider)?;
    require(statement.punished == 0, IdentityError::AlreadyPunished)?;
    require(now()? < statement.liability_ends_at, IdentityError::StatementEnded)?;
    // A bond is what an attestor put behind its word; the rest of its stake stands for other things.
    let amount = args.amount;
    in_range!(amount <= statement.bond, "amount")?;

    statement.punished = 1;

    event::emit(&AttestorPunished {
        header: AttestorPunished::header(*a.statement.address(), 1),
        node: statement.node,
        provider: statement.provider,
        attestor: statement.attestor as u64,
        amount,
    });
    let bump = [registry.header.bump];
    let seeds = pda::registry::signer(&registry.network, &bump);
    ProposeSlash {
        payer: a.payer,
        slasher_authority: a.registry,
        slasher: a.slasher,
        pool: a.pool,
        provider: a.provider,
        slash: a.slash,
        system_program: a.system_program,
    }
    .invoke_signed(
        &ProposeSlashArgs { amount, evidence: args.evidence, sentence: args.sentence },
        &[(&seeds).into()],
    )?;
    Ok(())
}
