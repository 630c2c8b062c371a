use {
    crate::{Result, instructions::registry_of},
    joule_common::{AccountView, account, event, guard, in_range},
    joule_identity_interface::{class_hash, event::ClassAdded, instruction::AddClass, pda, state::Class},
    joule_interface::Fault,
    solana_program::hash::hashv,
};

/// See [`AddClass`].
#[inline(never)]
pub fn add_class(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = AddClass::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let (id, threshold, description) = (args.id, args.threshold, args.description);
    let registry = registry_of(a.authority, a.network, a.registry)?;
    in_range!(id > registry.last_class_id, "id")?;

    let seed = id.to_le_bytes();
    let mut class = account::create::<Class>(a.payer, a.class, &pda::class::seeds(a.registry.address(), &seed))?;
    class.registry = *a.registry.address();
    class.description = description;
    class.payer = *a.payer.address();
    class.id = id;
    class.threshold = threshold;
    registry.class_count = registry.class_count.checked_add(1).ok_or(Fault::Overflow)?;
    registry.open_class_count = registry.open_class_count.checked_add(1).ok_or(Fault::Overflow)?;
    registry.last_class_id = id;
    let sha256 = |parts: &[&[u8]]| hashv(parts).to_bytes();
    registry.classes_hash = class_hash(sha256, &registry.classes_hash, id, threshold, &description);

    event::emit(&ClassAdded {
        header: ClassAdded::header(*a.registry.address(), event::next(&mut registry.sequence)?),
        description,
        id: id as u64,
        threshold: threshold as u64,
        classes_hash: registry.classes_hash,
    });
    Ok(())
}
