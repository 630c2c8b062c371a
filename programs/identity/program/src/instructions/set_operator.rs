use {
    crate::{Result, instructions::leaf_proof},
    joule_common::{AccountView, account, event},
    joule_identity_interface::{event::OperatorChanged, instruction::SetOperator, state::Node},
};

/// See [`SetOperator`].
#[inline(never)]
pub fn set_operator(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, proof, ..) = SetOperator::parse(accounts, data)?;
    let node = account::keep_mut::<Node>(a.node)?;
    leaf_proof!(a, args, accounts, proof).require_owner(a.owner, node)?;

    node.operator = args.operator;

    event::emit(&OperatorChanged {
        header: OperatorChanged::header(*a.node.address(), event::next(&mut node.sequence)?),
        operator: node.operator,
    });
    Ok(())
}
