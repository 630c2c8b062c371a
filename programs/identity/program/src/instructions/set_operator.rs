use {
    crate::Result,
    joule_common::{AccountView, account, event, guard},
    joule_identity_interface::{event::OperatorChanged, instruction::SetOperator, state::Node},
};

/// See [`SetOperator`].
#[inline(never)]
pub fn set_operator(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetOperator::parse(accounts, data)?;
    let node = account::keep_mut::<Node>(a.node)?;
    guard::authority(a.owner, &node.owner)?;

    node.operator = args.operator;

    event::emit(&OperatorChanged {
        header: OperatorChanged::header(*a.node.address(), event::next(&mut node.sequence)?),
        operator: node.operator,
    });
    Ok(())
}
