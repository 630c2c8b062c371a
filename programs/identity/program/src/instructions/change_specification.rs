use {
    crate::{
        Result,
        instructions::{claim_of, class_of, leaf_proof, reserve, take_specification},
        standing,
    },
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_identity_interface::{
        ID, IdentityError, event::SpecificationChanged, instruction::ChangeSpecification, state::Node,
    },
    joule_interface::Address,
};

/// See [`ChangeSpecification`].
#[inline(never)]
pub fn change_specification(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, proof, ..) = ChangeSpecification::parse(accounts, data)?;
    let node = account::keep_mut::<Node>(a.node)?;
    leaf_proof!(a, args, accounts, proof).require_owner(a.owner, node)?;
    require(!node.is_blocked(), IdentityError::NodeBlocked)?;
    let class = class_of(a.class, &node.registry)?;
    require(class.id == node.class || class.retired == 0, IdentityError::ClassRetired)?;

    let mut old = claim_of(a.old_specification_claim, a.node, node)?;
    if guard::present(a.specification_claim, &ID) {
        node.specification = take_specification(a.specification_claim, &node.registry, &node.owner, a.node.address())?;
        reserve(a.old_specification_claim, &mut old, node.owner, Address::default(), now()?)?;
    }
    node.class = class.id;
    node.site = args.site;
    standing::renew(node, class.threshold)?;

    event::emit(&SpecificationChanged {
        header: SpecificationChanged::header(*a.node.address(), event::next(&mut node.sequence)?),
        specification: node.specification,
        class: node.class as u64,
        version: node.version as u64,
        site: node.site,
    });
    Ok(())
}
