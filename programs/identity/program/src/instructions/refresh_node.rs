use {
    crate::{
        Result,
        instructions::{node_of, threshold_of},
        standing,
    },
    joule_common::{AccountView, account, event, now},
    joule_identity_interface::{event::NodeRefreshed, instruction::RefreshNode, state::Registry},
};

/// See [`RefreshNode`].
#[inline(never)]
pub fn refresh_node(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = RefreshNode::parse(accounts, data)?;
    let registry = account::keep::<Registry>(a.registry)?;
    let node = node_of(a.node, a.registry)?;
    let threshold = threshold_of(a.class, node)?;

    standing::weigh(node, registry, now()?);
    node.class_expires_at = standing::until(&node.attestations, threshold);

    event::emit(&NodeRefreshed {
        header: NodeRefreshed::header(*a.node.address(), event::next(&mut node.sequence)?),
        class_expires_at: node.class_expires_at,
    });
    Ok(())
}
