use {
    crate::{Result, accounts::in_pool, slashing},
    joule_common::{AccountView, account, event, guard, now},
    joule_interface::Fault,
    joule_stake_interface::{
        event::SlashProposed,
        instruction::ProposeSlash,
        pda,
        state::{Pool, Provider, Slash, Slasher},
    },
};

/// See [`ProposeSlash`].
#[inline(never)]
pub fn propose_slash(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ProposeSlash::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let pool = account::keep::<Pool>(a.pool)?;
    let slasher = account::keep_mut::<Slasher>(a.slasher)?;
    guard::authority(a.slasher_authority, &slasher.authority)?;
    in_pool(&slasher.pool, a.pool.address())?;
    let provider = account::keep_mut::<Provider>(a.provider)?;
    in_pool(&provider.pool, a.pool.address())?;

    let amount = args.amount;
    let (ready, expires) = slashing::propose(pool, slasher, provider, amount, args.sentence, now()?)?;

    let index = provider.slash_count;
    provider.slash_count = index.checked_add(1).ok_or(Fault::Overflow)?;
    let seed = index.to_le_bytes();
    let seeds = pda::slash::seeds(a.provider.address(), &seed);
    let mut slash = account::create::<Slash>(a.payer, a.slash, &seeds)?;
    slash.provider = *a.provider.address();
    slash.slasher = *a.slasher.address();
    slash.payer = *a.payer.address();
    slash.evidence = args.evidence;
    slash.amount = amount;
    slash.executable_at = ready;
    slash.expires_at = expires;
    slash.index = index;
    slash.sentence = args.sentence;

    event::emit(&SlashProposed {
        header: SlashProposed::header(*a.provider.address(), event::next(&mut provider.sequence)?),
        slash: *a.slash.address(),
        slasher: *a.slasher.address(),
        evidence: args.evidence,
        amount,
        executable_at: ready,
        expires_at: expires,
        sentence: args.sentence as u64,
    });
    Ok(())
}
