//! What each instruction does.

use {
    crate::{
        Result, VaultError,
        accounts::{at, close, create, read, require, write},
        instruction::*,
        jobs, pda,
        state::{Request as RequestState, User, Vault},
    },
    joule_bme_interface::{
        instruction::{
            BuyCredits, BuyCreditsArgs, ClaimRoot, ClaimRootArgs, CloseEpoch, CloseEpochArgs, OpenCreditAccount,
            OpenCreditAccountArgs, RootAccounts,
        },
        state::CreditAccount,
    },
    joule_interface::{Account, Address, Fault, Header, address_eq, pinocchio::AccountView},
    joule_math::Credits,
};

fn header<T: Account>(bump: u8) -> Header {
    Header { discriminator: T::DISCRIMINATOR, version: T::VERSION, bump, reserved: [0; 5] }
}

pub fn open_vault(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = OpenVault::parse(accounts, data)?;
    let (network, authority) = (a.network.address(), a.authority.address());
    let (address, bump) = pda::vault::find(network, authority);
    at(a.vault, &address)?;
    let bump_seed = [bump];
    create::<Vault>(a.payer, a.vault, &[(&pda::vault::signer(network, authority, &bump_seed)).into()])?;
    // `bme` checks that the network is one, and that the account lies where it should.
    OpenCreditAccount {
        payer: a.payer,
        network: a.network,
        owner: a.vault,
        credit_account: a.credit_account,
        system_program: a.system_program,
    }
    .invoke(&OpenCreditAccountArgs {})?;
    let state = Vault {
        header: header::<Vault>(bump),
        network: *network,
        authority: *authority,
        credit_account: *a.credit_account.address(),
        ..Vault::default()
    };
    write(a.vault, &state)
}

pub fn open_user(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = OpenUser::parse(accounts, data)?;
    read::<Vault>(a.vault)?;
    let (vault, owner) = (a.vault.address(), a.owner.address());
    let (address, bump) = pda::user::find(vault, owner);
    at(a.user, &address)?;
    let bump_seed = [bump];
    create::<User>(a.payer, a.user, &[(&pda::user::signer(vault, owner, &bump_seed)).into()])?;
    write(a.user, &User { header: header::<User>(bump), vault: *vault, owner: *owner, ..User::default() })
}

pub fn fund(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Fund::parse(accounts, data)?;
    let (mut vault, mut user) = vault_and_user(a.vault, a.user)?;
    at(a.credit_account, &vault.credit_account)?;
    require(address_eq(a.bme_program.address(), &joule_bme_interface::ID), Fault::WrongProgram)?;
    // #region buy
    let before = read::<CreditAccount>(a.credit_account)?.issued;
    // The buyer signs this transaction, and with it the call.
    BuyCredits {
        buyer: a.buyer,
        network: a.network,
        credit_account: a.credit_account,
        source: a.source,
        burn_shard: a.burn_shard,
        burn_vault: a.burn_vault,
        mint: a.mint,
        price_update: a.price_update,
        token_program: a.token_program,
    }
    .invoke(&BuyCreditsArgs { tokens: args.tokens, min_credits: args.min_credits })?;
    let bought = read::<CreditAccount>(a.credit_account)?.issued.minus(before)?;
    // #endregion
    user.limit = user.limit.plus(bought)?;
    vault.promised = vault.promised.plus(bought)?;
    write(a.user, &user)?;
    write(a.vault, &vault)
}

pub fn request(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Request::parse(accounts, data)?;
    jobs::is_escrow(a.escrow_program)?;
    let (mut vault, mut user) = vault_and_user(a.vault, a.user)?;
    require(address_eq(&user.owner, a.owner.address()), Fault::Unauthorized)?;
    at(a.credit_account, &vault.credit_account)?;

    let provider = jobs::provider(&a, args)?;
    let nonce = vault.requests;
    // #region sign-as-the-vault
    let bump = [vault.header.bump];
    let (deposit, posting) = jobs::post(
        &a,
        args,
        nonce,
        provider,
        &[(&pda::vault::signer(&vault.network, &vault.authority, &bump)).into()],
    )?;
    // #endregion
    user.limit = user.limit.minus(deposit).map_err(|_| VaultError::OverLimit)?;
    vault.requests += 1;

    let nonce = nonce.to_le_bytes();
    let (address, bump) = pda::request::find(a.vault.address(), &nonce);
    at(a.request, &address)?;
    let bump_seed = [bump];
    let signer = pda::request::signer(a.vault.address(), &nonce, &bump_seed);
    create::<RequestState>(a.payer, a.request, &[(&signer).into()])?;
    let state = RequestState {
        header: header::<RequestState>(bump),
        vault: *a.vault.address(),
        user: *a.user.address(),
        job: *a.job.address(),
        payer: *a.payer.address(),
        deposit,
        posting_id: posting,
        reserved: [0; 8],
    };
    write(a.request, &state)?;
    write(a.user, &user)?;
    write(a.vault, &vault)
}

pub fn withdraw(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Withdraw::parse(accounts, data)?;
    jobs::is_escrow(a.escrow_program)?;
    let vault = of_owner(a.vault, a.user, a.owner.address())?;
    let bump = [vault.header.bump];
    jobs::cancel(&a, &[(&pda::vault::signer(&vault.network, &vault.authority, &bump)).into()])?;
    give_back(a.vault, a.user, a.request, a.rent_receiver, a.job)
}

pub fn stop(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Stop::parse(accounts, data)?;
    jobs::is_escrow(a.escrow_program)?;
    let vault = of_owner(a.vault, a.user, a.owner.address())?;
    let bump = [vault.header.bump];
    jobs::finish(&a, &[(&pda::vault::signer(&vault.network, &vault.authority, &bump)).into()])?;
    give_back(a.vault, a.user, a.request, a.rent_receiver, a.job)
}

pub fn settle(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Settle::parse(accounts, data)?;
    give_back(a.vault, a.user, a.request, a.rent_receiver, a.job)
}

pub fn grant(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Grant::parse(accounts, data)?;
    let (mut vault, mut user) = vault_and_user(a.vault, a.user)?;
    require(address_eq(&vault.authority, a.authority.address()), Fault::Unauthorized)?;
    at(a.credit_account, &vault.credit_account)?;
    let credits = read::<CreditAccount>(a.credit_account)?;
    vault.promised = vault.promised.plus(args.credits)?;
    // What is locked is some request's deposit, or was.
    require(vault.promised <= credits.issued.minus(credits.consumed)?, VaultError::Unfunded)?;
    user.limit = user.limit.plus(args.credits)?;
    write(a.user, &user)?;
    write(a.vault, &vault)
}

pub fn rebate(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = Rebate::parse(accounts, data)?;
    require(address_eq(a.bme_program.address(), &joule_bme_interface::ID), Fault::WrongProgram)?;
    let vault = read::<Vault>(a.vault)?;
    require(address_eq(&vault.authority, a.authority.address()), Fault::Unauthorized)?;
    let bump = [vault.header.bump];
    let signer = pda::vault::signer(&vault.network, &vault.authority, &bump);
    // #region call-with-more
    let root = RootAccounts {
        network: a.network,
        oracle_set: a.oracle_set,
        reward_root: a.reward_root,
        root_claim: a.root_claim,
        root_vault: a.root_vault,
        destination: a.destination,
        mint: a.mint,
        token_program: a.token_program,
    };
    ClaimRoot { claimant: a.vault, root }.invoke_signed_with(
        &ClaimRootArgs { previous_total: args.previous_total, total: args.total, index: args.index },
        proof,
        &[],
        &[(&signer).into()],
    )?;
    // #endregion
    Ok(())
}

pub fn crank(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, shards, ..) = Crank::parse(accounts, data)?;
    require(address_eq(a.bme_program.address(), &joule_bme_interface::ID), Fault::WrongProgram)?;
    let shards: Vec<_> = shards.iter().collect();
    CloseEpoch {
        payer: a.payer,
        network: a.network,
        epoch: a.epoch,
        mint: a.mint,
        reward_vault: a.reward_vault,
        stakers: a.stakers,
        treasury: a.treasury,
        token_program: a.token_program,
        system_program: a.system_program,
        price_update: a.price_update,
        // Left out: this network mints.
        reserve_vault: a.bme_program,
    }
    .invoke_signed_with(&CloseEpochArgs { epoch: args.epoch }, &[], &shards, &[])?;
    Ok(())
}

fn vault_and_user(vault: &AccountView, user: &AccountView) -> Result<(Vault, User)> {
    let state = read::<Vault>(vault)?;
    let user = read::<User>(user)?;
    require(address_eq(&user.vault, vault.address()), VaultError::WrongRequest)?;
    Ok((state, user))
}

fn of_owner(vault: &AccountView, user: &AccountView, owner: &Address) -> Result<Vault> {
    let (vault, user) = vault_and_user(vault, user)?;
    require(address_eq(&user.owner, owner), Fault::Unauthorized)?;
    Ok(vault)
}

/// The job has ended: what it did not cost is the user's again.
fn give_back(
    vault_view: &AccountView,
    user_view: &AccountView,
    request_view: &AccountView,
    rent_receiver: &AccountView,
    job: &AccountView,
) -> Result<()> {
    let (mut vault, mut user) = vault_and_user(vault_view, user_view)?;
    let request = read::<RequestState>(request_view)?;
    let of_it = address_eq(&request.vault, vault_view.address())
        && address_eq(&request.user, user_view.address())
        && address_eq(&request.job, job.address())
        && address_eq(&request.payer, rent_receiver.address());
    require(of_it, VaultError::WrongRequest)?;
    let refunded = jobs::refunded(job, request.posting_id)?.unwrap_or(Credits(0));
    let spent = request.deposit.minus(refunded)?;
    user.limit = user.limit.plus(refunded)?;
    user.spent = user.spent.plus(spent)?;
    vault.promised = vault.promised.minus(spent)?;
    write(user_view, &user)?;
    write(vault_view, &vault)?;
    close(request_view, rent_receiver)
}
