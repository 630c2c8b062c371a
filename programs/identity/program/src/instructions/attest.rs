use {
    crate::{
        Result,
        instructions::{attestor_of, is_bonded, node_of, own_class},
        policy, standing,
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_identity_interface::{
        ID, IdentityError,
        event::Attested,
        instruction::Attest,
        pda,
        state::{Attestation, Registry, Statement},
    },
    joule_stake_interface::state::{Pool, Provider},
};

/// See [`Attest`].
#[inline(never)]
pub fn attest(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Attest::parse(accounts, data)?;
    let registry = account::keep::<Registry>(a.registry)?;
    let node = node_of(a.node, a.registry)?;
    let class = own_class(a.class, node)?;
    let attestor = attestor_of(registry, args.attestor, a.authority)?;
    let rules = &registry.policy;
    let now = now()?;
    let bonded = !rules.attestor_bond.is_zero();
    if bonded {
        require(guard::present(a.provider, &ID), IdentityError::NotBonded)?;
        require(guard::eq(a.provider.address(), &attestor.provider), IdentityError::WrongProvider)?;
        require(is_bonded(account::keep::<Provider>(a.provider)?, rules, now), IdentityError::NotBonded)?;
    }
    let same = args.class == node.class
        && guard::eq(&args.owner, &node.owner)
        && args.specification == node.specification
        && args.site == node.site;
    require(same, IdentityError::MachineChanged)?;
    let expires_at = args.expires_at;
    let latest = now.after(rules.max_attestation_period)?;
    require(now < expires_at && expires_at <= latest, IdentityError::InvalidExpiry)?;
    let liability_ends_at = expires_at.after(rules.liability_period)?;
    if bonded {
        // The stake that is there now can leave in the same transaction: it must answer to the end.
        guard::address(a.pool, &rules.pool)?;
        let answers_until = now.after(policy::stays_liable(account::keep::<Pool>(a.pool)?))?;
        require(liability_ends_at <= answers_until, IdentityError::InvalidExpiry)?;
    }

    let weight = attestor.weight as u32;
    standing::add(node, Attestation { evidence: args.evidence, expires_at, attestor: attestor.id, weight }, now)?;
    node.class_expires_at = standing::until(&node.attestations, class.threshold);
    if bonded {
        // Its end keeps its address from those of the attestor's other statements on this node.
        guard::system_program(a.system_program)?;
        let (id, end) = (attestor.id.to_le_bytes(), expires_at.0.to_le_bytes());
        let seeds = pda::statement::seeds(a.node.address(), &id, &end);
        let mut statement = account::create::<Statement>(a.payer, a.statement, &seeds)?;
        statement.registry = *a.registry.address();
        statement.node = *a.node.address();
        statement.owner = node.owner;
        statement.specification = node.specification;
        statement.site = node.site;
        statement.evidence = args.evidence;
        statement.provider = attestor.provider;
        statement.payer = *a.payer.address();
        statement.expires_at = expires_at;
        statement.liability_ends_at = liability_ends_at;
        statement.bond = rules.attestor_bond;
        statement.attestor = attestor.id;
        statement.class = node.class;
    }

    event::emit(&Attested {
        header: Attested::header(*a.node.address(), event::next(&mut node.sequence)?),
        authority: attestor.authority,
        evidence: args.evidence,
        expires_at,
        attestor: attestor.id as u64,
        weight: weight as u64,
        class_expires_at: node.class_expires_at,
    });
    Ok(())
}
