use {
    crate::{
        Result,
        instructions::{network_authority, node_of, own_class},
        standing,
    },
    joule_common::{AccountView, account, event, guard, guard::require, in_range},
    joule_identity_interface::{
        IdentityError, event::AttestationEnded, instruction::PunishAttestor, pda, state::Registry,
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
    let node = node_of(a.node, a.registry)?;
    let class = own_class(a.class, node)?;
    let attestor = registry.attestor(args.attestor).ok_or(IdentityError::UnknownAttestor)?;
    require(guard::eq(a.provider.address(), &attestor.provider), IdentityError::WrongProvider)?;
    // A bond is what an attestor put behind its word; the rest of its stake stands for other things.
    let amount = args.amount;
    in_range!(amount <= registry.policy.attestor_bond, "amount")?;

    standing::strike(node, attestor.id)?;
    node.class_expires_at = standing::until(&node.attestations, class.threshold);

    event::emit(&AttestationEnded {
        header: AttestationEnded::header(*a.node.address(), event::next(&mut node.sequence)?),
        attestor: attestor.id as u64,
        punished: 1,
        class_expires_at: node.class_expires_at,
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
