use {
    crate::{Result, jobs::post_job::Batch, usage},
    joule_common::{AccountView, in_range},
    joule_escrow_interface::instruction::{PostJob, PostJobArgs, PostUsageJob},
};

/// See [`PostUsageJob`].
#[inline(never)]
pub fn post_usage_job(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, rest, _) = PostUsageJob::parse(accounts, data)?;
    let PostUsageJob { payer, client, market, job, network, funding_account, queue, credits, system_program } = a;
    let a = PostJob { payer, client, market, job, network, funding_account, queue, credits, system_program };
    let order = PostJobArgs {
        nonce: args.nonce,
        terms_version: args.terms_version,
        price: args.price,
        provider: args.provider,
        definition: args.definition,
        duration: args.duration,
        matching: args.matching,
    };
    in_range!({ args.max_units } != 0, "max_units")?;
    usage::check_key(&args.session_key, args.session_scheme)?;

    let (mut batch, _) = Batch::hold(&a, &order, Some(args), (rest, &[]))?;
    batch.post(job, order.nonce, &order.definition)
}
