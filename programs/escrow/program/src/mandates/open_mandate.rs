use {
    crate::Result,
    joule_common::{AccountView, account, guard, in_range, now},
    joule_escrow_interface::{
        instruction::OpenMandate,
        pda,
        state::{Mandate, NONE},
    },
    joule_math::{Amount, Seconds},
};

/// Longest time in which a limit fills.
const YEAR: Seconds = Seconds(365 * 86_400);

/// See [`OpenMandate`]. What is named here is compared with what is spent each time, so none of it has to exist yet.
#[inline(never)]
pub fn open_mandate(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = OpenMandate::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let now = now()?;
    let (limit, total, window, expires_at) = (args.limit, args.total, args.window, args.expires_at);
    in_range!(args.delegate != NONE, "delegate")?;
    in_range!(args.markets[0] != NONE, "markets")?;
    in_range!(limit != Amount::ZERO, "limit")?;
    in_range!(total != Amount::ZERO, "total")?;
    in_range!((Seconds(1)..=YEAR).contains(&window), "window")?;
    in_range!(expires_at >= now, "expires_at")?;

    let owner = a.owner.address();
    let index = args.index.to_le_bytes();
    let mut mandate = account::create::<Mandate>(a.payer, a.mandate, &pda::mandate::seeds(owner, &index))?;
    mandate.owner = *owner;
    mandate.delegate = args.delegate;
    mandate.funding_account = args.funding_account;
    mandate.payer = *a.payer.address();
    mandate.markets = args.markets;
    mandate.id = Mandate::id_of(now, args.index);
    mandate.limit = limit;
    mandate.total = total;
    mandate.window = window;
    mandate.used_at = now;
    mandate.expires_at = expires_at;
    Ok(())
}
