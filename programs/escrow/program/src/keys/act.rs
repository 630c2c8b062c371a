use {
    crate::{
        Result,
        keys::{
            limits::{at_risk, count},
            permissions::{self, Role},
        },
    },
    joule_common::{
        AccountView, account,
        cpi::{MAX_FOR, invoke_for},
        guard,
        guard::require,
        now, token,
    },
    joule_escrow_interface::{EscrowError, instruction::Act, pda, state::Keys},
    joule_interface::Fault,
};

/// See [`Act`]. What a pause stops, the called instruction refuses.
#[inline(never)]
pub fn act(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, views, call) = Act::parse(accounts, data)?;
    let (identity, program) = (a.keys.address(), a.program.address());
    let discriminator = *call.first().ok_or(Fault::InvalidArguments)?;
    let may = permissions::of(program, discriminator).ok_or(EscrowError::NotPermitted)?;
    let keys = account::load::<Keys>(a.keys)?;
    let role = may.role(&keys, a.signer.address()).ok_or(EscrowError::NotPermitted)?;
    let (opened_by, id, bump) = (keys.opened_by, keys.id.to_le_bytes(), [keys.header.bump]);
    drop(keys);
    if let Some(index) = may.destination {
        let destination = views.get(index).ok_or(Fault::NotEnoughAccounts)?;
        require(guard::eq(&token::load(destination)?.owner, identity), Fault::WrongTokenOwner)?;
    }

    let mut before = [0; MAX_FOR];
    if role == Role::Hot {
        for (index, view) in views.iter().enumerate() {
            *before.get_mut(index).ok_or(Fault::InvalidArguments)? = at_risk(view, identity)?.unwrap_or(0);
        }
    }
    let seeds = pda::keys::signer(&opened_by, &id, &bump);
    invoke_for(identity, (&seeds).into(), program, call, views)?;
    if role == Role::Hot { bonded(&a, views, &before) } else { Ok(()) }
}

/// Counts what the call bonded of the identity's accounts.
#[inline(never)]
fn bonded(a: &Act<&AccountView>, views: &[AccountView], before: &[u64; MAX_FOR]) -> Result<()> {
    for (index, view) in views.iter().enumerate() {
        let Some(after) = at_risk(view, a.keys.address())? else { continue };
        // One that stands there twice counts once.
        let is_first = !views[..index].iter().any(|other| guard::eq(other.address(), view.address()));
        if after > before[index] && is_first {
            let mut keys = account::load_mut::<Keys>(a.keys)?;
            let window = keys.window;
            count(&mut keys.limits, view.address(), before[index], after, window, now()?)?;
        }
    }
    Ok(())
}
