use {
    crate::{
        Result,
        instructions::{claim_of, class_of, paid_by, take_specification},
        standing,
    },
    joule_common::{AccountView, account, event, guard, guard::require},
    joule_identity_interface::{
        IdentityError, event::SpecificationChanged, instruction::ChangeSpecification, state::Node,
    },
};

/// See [`ChangeSpecification`].
#[inline(never)]
pub fn change_specification(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ChangeSpecification::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let node = account::keep_mut::<Node>(a.node)?;
    guard::authority(a.owner, &node.owner)?;
    require(!node.is_blocked(), IdentityError::NodeBlocked)?;
    let class = class_of(a.class, &node.registry)?;
    require(class.id == node.class || class.retired == 0, IdentityError::ClassRetired)?;
    let payer = claim_of(a.old_specification_claim, a.node)?.payer;

    if args.specification != node.specification {
        paid_by(&payer, a.specification_claim_payer)?;
        take_specification(a.payer, a.specification_claim, &node.registry, &args.specification, a.node.address())?;
        account::close(a.old_specification_claim, a.specification_claim_payer)?;
    }
    node.specification = args.specification;
    node.class = class.id;
    standing::renew(node, class.threshold)?;

    event::emit(&SpecificationChanged {
        header: SpecificationChanged::header(*a.node.address(), event::next(&mut node.sequence)?),
        specification: node.specification,
        class: node.class as u64,
        version: node.version as u64,
    });
    Ok(())
}
