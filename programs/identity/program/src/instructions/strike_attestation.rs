use {
    crate::{
        Result,
        instructions::{guardian, node_in, threshold_of},
        standing,
    },
    joule_common::{AccountView, event, now},
    joule_identity_interface::{event::AttestationEnded, instruction::StrikeAttestation},
};

/// See [`StrikeAttestation`]. Works while the network is paused: a lie does not wait.
#[inline(never)]
pub fn strike_attestation(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = StrikeAttestation::parse(accounts, data)?;
    guardian(a.authority, a.network)?;
    let node = node_in(a.node, a.network)?;
    let threshold = threshold_of(a.class, node)?;

    standing::end(node, args.attestor, now()?)?;
    node.class_expires_at = standing::until(&node.attestations, threshold);

    event::emit(&AttestationEnded {
        header: AttestationEnded::header(*a.node.address(), event::next(&mut node.sequence)?),
        attestor: args.attestor as u64,
        struck: 1,
        class_expires_at: node.class_expires_at,
    });
    Ok(())
}
