use {
    crate::{
        Result,
        instructions::{attestor_of, node_of, threshold_of},
        standing,
    },
    joule_common::{AccountView, account, event, now},
    joule_identity_interface::{event::AttestationEnded, instruction::WithdrawAttestation, state::Registry},
};

/// See [`WithdrawAttestation`].
#[inline(never)]
pub fn withdraw_attestation(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = WithdrawAttestation::parse(accounts, data)?;
    let registry = account::keep::<Registry>(a.registry)?;
    let node = node_of(a.node, a.registry)?;
    let threshold = threshold_of(a.class, node)?;
    let attestor = attestor_of(registry, args.attestor, a.authority)?;

    standing::end(node, attestor.id, now()?)?;
    node.class_expires_at = standing::until(&node.attestations, threshold);

    event::emit(&AttestationEnded {
        header: AttestationEnded::header(*a.node.address(), event::next(&mut node.sequence)?),
        attestor: attestor.id as u64,
        struck: 0,
        class_expires_at: node.class_expires_at,
    });
    Ok(())
}
