use {
    crate::Result,
    joule_common::{AccountView, account, event, guard, guard::require, now, slot},
    joule_escrow_interface::{
        EscrowError, ID,
        event::HaltNoted,
        instruction::TickClock,
        pda,
        state::{HaltClock, TICK_INTERVAL},
    },
};

/// See [`TickClock`]. Works while networks are paused: it belongs to none.
#[inline(never)]
pub fn tick_clock(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = TickClock::parse(accounts, data)?;
    let (now, slot) = (now()?, slot()?);
    if !guard::eq(a.halt_clock.owner(), &ID) {
        guard::system_program(a.system_program)?;
        let mut clock = account::create::<HaltClock>(a.payer, a.halt_clock, &pda::halt_clock::seeds())?;
        (clock.ticked_at, clock.ticked_slot) = (now, slot);
        return Ok(());
    }
    let clock = account::keep_mut::<HaltClock>(a.halt_clock)?;
    require(now.since(clock.ticked_at) >= TICK_INTERVAL.0 as u64, EscrowError::TooEarly)?;
    let halt = clock.pending(now, slot);

    clock.tick(now, slot);

    if let Some(halt) = halt {
        event::emit(&HaltNoted {
            header: HaltNoted::header(*a.halt_clock.address(), clock.count),
            began_at: halt.began_at,
            ended_at: halt.ended_at,
            length: halt.length,
        });
    }
    Ok(())
}
