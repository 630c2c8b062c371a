use {
    crate::{
        Result,
        instructions::{attestor_of, is_bonded, node_of, own_class},
        standing,
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_identity_interface::{
        ID, IdentityError,
        event::Attested,
        instruction::Attest,
        state::{Attestation, Registry},
    },
    joule_stake_interface::state::Provider,
};

/// See [`Attest`].
#[inline(never)]
pub fn attest(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Attest::parse(accounts, data)?;
    let registry = account::keep::<Registry>(a.registry)?;
    let node = node_of(a.node, a.registry)?;
    let class = own_class(a.class, node)?;
    let attestor = attestor_of(registry, args.attestor, a.authority)?;
    let policy = &registry.policy;
    if !policy.attestor_bond.is_zero() {
        require(guard::present(a.provider, &ID), IdentityError::NotBonded)?;
        require(guard::eq(a.provider.address(), &attestor.provider), IdentityError::WrongProvider)?;
        require(is_bonded(account::keep::<Provider>(a.provider)?, policy), IdentityError::NotBonded)?;
    }
    let same =
        args.class == node.class && guard::eq(&args.owner, &node.owner) && args.specification == node.specification;
    require(same, IdentityError::MachineChanged)?;
    let now = now()?;
    let expires = args.expires_at;
    require(now < expires && expires <= now.after(policy.max_attestation_period)?, IdentityError::InvalidExpiry)?;

    let weight = attestor.weight as u32;
    standing::add(
        node,
        Attestation { evidence: args.evidence, expires_at: expires, attestor: attestor.id, weight },
        now,
    )?;
    node.class_expires_at = standing::until(&node.attestations, class.threshold);

    event::emit(&Attested {
        header: Attested::header(*a.node.address(), event::next(&mut node.sequence)?),
        authority: attestor.authority,
        evidence: args.evidence,
        expires_at: expires,
        attestor: attestor.id as u64,
        weight: weight as u64,
        class_expires_at: node.class_expires_at,
    });
    Ok(())
}
