//! Accounts that are empty are closed, and their rent returns.

use super::*;

/// Time for whoever is in a second to close what it opened in it.
fn later(story: Story) -> Story {
    story.world.pass(1);
    story
}

impl Story {
    fn close_credits(&self) -> Instruction {
        self.network.close_credit_account_instruction(&self.world, self.client.pubkey())
    }

    fn close_record(&self) -> Instruction {
        self.network.close_provider_work_instruction(&self.world, self.provider.pubkey())
    }

    /// Closes an account whose rent somebody paid, who gets it back.
    #[track_caller]
    fn rent_returns(&mut self, close: Instruction, place: usize, by: &Keypair) {
        let sponsor = self.world.address();
        let account = close.accounts[place].pubkey;
        let mut state = self.world.account(account).unwrap();
        let payer = self.world.payer().pubkey();
        let at = state.data.windows(32).position(|bytes| bytes == payer.as_array()).expect("who paid is noted");
        state.data[at..at + 32].copy_from_slice(sponsor.as_array());
        let lamports = state.lamports;
        self.world.set_account(account, state);
        self.world.fails(close.clone(), &[by], BmeError::WrongAddress);
        self.world.ok(&[swap(close, 2, sponsor)], &[by]);
        assert_eq!((self.world.account(account), self.world.lamports(sponsor)), (None, lamports));
    }
}

#[test]
fn an_owner_closes_its_credits_when_there_are_none_and_their_payer_gets_the_rent() {
    let mut story = later(Story::with_credits());
    let (owner, spending) = (story.client.insecure_clone(), story.spending.insecure_clone());
    let world = &story.world;
    world.fails(story.close_credits(), &[&owner], BmeError::NotEmpty);
    world.ok(&[story.lock(249_000_000)], &[&owner, &spending]);
    assert_eq!(story.credit_account().balance, Credits(0));
    world.fails(story.close_credits(), &[&owner], BmeError::NotEmpty);
    world.ok(&[story.consume(249_000_000)], &[&spending]);
    let before = story.credit_account();
    assert_eq!(before.tokens, Tokens(0), "all that the credits carried went with them");
    // Also while the network is paused.
    world.ok(&[governance::pause(&story, story.network.guardian.pubkey())], &[&story.network.guardian]);
    let close = story.close_credits();
    story.rent_returns(close, 1, &owner);

    // It comes back with nothing, and all that is numbered by it goes on.
    story.network.open_credit_account(&story.world, owner.pubkey());
    let after = story.credit_account();
    assert_eq!((after.issued, after.consumed, after.sequence), (Credits(0), Credits(0), 0));
    assert_eq!((after.owner, after.network, after.payer), (before.owner, before.network, before.payer));
    assert!(after.number() > before.number() + 100_000);
    story.world.fails(story.close_credits(), &[&owner], BmeError::NotEmpty);
    story.world.pass(1);
    story.world.ok(&[story.close_credits()], &[&owner]);
}

/// What a closed spender left locked is the owner's. Closing must not lose it, and who gets the place has no part of it.
#[test]
fn credits_locked_for_a_closed_spender_are_taken_back_first() {
    let mut story = later(Story::with_locked());
    let owner = story.client.insecure_clone();
    story.network.revoke_soon(&mut story.world, story.spender, 0);
    let close = story.network.close_spender_instruction(&story.world, story.spender);
    story.world.ok(&[close], &[]);
    story.world.fails(story.close_credits(), &[&owner], BmeError::NotEmpty);
    story.world.ok(&[story.reclaim()], &[&owner]);
    let burn = BurnCredits { owner: owner.pubkey(), credit_account: story.credits }
        .instruction(&BurnCreditsArgs { amount: Credits(249_000_000), reference: JOB });
    story.world.ok(&[burn, story.close_credits()], &[&owner]);
    // The same authority is a spender again, with another number, and the owner is back.
    story.network.add_spender(&story.world, story.spending.pubkey());
    story.network.open_credit_account(&story.world, owner.pubkey());
    story.world.fails(story.consume(1), &[&story.spending], BmeError::InsufficientCredits);
    story.world.fails(story.unlock(1), &[&story.spending], BmeError::InsufficientCredits);
    story.world.ok(&[story.buy(TOKEN), story.lock(2_490_000)], &[&owner, &story.spending]);
    story.world.ok(&[story.consume(2_490_000)], &[&story.spending]);
}

/// Whoever forgets tokens that were paid while the network is idle has none of them.
#[test]
fn closing_forgets_no_tokens_that_are_not_given_back() {
    let story = Story::with_credits();
    let owner = &story.client;
    story.world.pass(180 * DAY);
    story.world.ok(&[story.close(179)], &[]);
    let burn = BurnCredits { owner: owner.pubkey(), credit_account: story.credits };
    let burn = burn.instruction(&BurnCreditsArgs { amount: Credits(249_000_000), reference: JOB });
    story.world.ok(&[burn, story.close_credits()], &[owner]);
    story.network.open_credit_account(&story.world, owner.pubkey());
    let account = story.credit_account();
    assert_eq!((account.tokens, account.idle_tokens), (Tokens(0), Tokens(0)));
}

#[test]
fn a_provider_closes_its_record_when_it_has_claimed_and_is_paid_once_it_is_back() {
    let mut story = Story::with_work();
    let provider = story.provider.insecure_clone();
    let destination = story.world.token_account(story.network.mint, provider.pubkey());
    let world = &story.world;
    world.fails(story.close_record(), &[&provider], BmeError::NotEmpty);
    world.ok(&[story.close(0)], &[]);
    world.fails(story.close_record(), &[&provider], BmeError::NotEmpty);
    world.ok(&[story.accrue(0)], &[]);
    world.fails(story.close_record(), &[&provider], BmeError::NotEmpty);
    world.ok(&[story.claim(destination)], &[&provider]);
    let close = story.close_record();
    story.rent_returns(close, 1, &provider);

    // Nothing is paid to it, so nothing is lost; anyone opens it again.
    let world = &story.world;
    world.fails(story.consume(1_000_000), &[&story.spending], BmeError::WrongOwner);
    assert_eq!(story.credit_account().locked[0], Credits(149_000_000));
    story.network.open_provider_work(world, provider.pubkey());
    world.fails(story.accrue(0), &[], BmeError::NoWork);
    world.fails(story.claim(destination), &[&provider], BmeError::NothingToClaim);
    world.ok(&[story.consume(1_000_000)], &[&story.spending]);
    let work: ProviderWork = world.read(story.work);
    assert_eq!((work.total_work, work.claimed), (Credits(1_000_000), Tokens(0)));
    world.ok(&[story.network.sweep_instruction(world, 0)], &[]);
}

#[test]
fn closing_checks_its_accounts() {
    let mut story = later(Story::new());
    let thief = story.world.user();
    let claimant = story.world.user();
    let (world, network) = (&story.world, &story.network);
    world.ok(&[network.open_root_claim_instruction(world, claimant.pubkey())], &[]);
    let claim = network.close_root_claim_instruction(world, claimant.pubkey());
    for (close, owner) in
        [(story.close_credits(), &story.client), (story.close_record(), &story.provider), (claim, &claimant)]
    {
        let account = close.accounts[1].pubkey;
        world.fails(unsigned(close.clone(), 0), &[], BmeError::MissingSigner);
        world.fails(swap(close.clone(), 0, thief.pubkey()), &[&thief], BmeError::Unauthorized);
        world.fails(read_only(close.clone(), 1), &[owner], BmeError::NotWritable);
        let elsewhere = swap(close.clone(), 2, network.address);
        world.fails(read_only(elsewhere, 2), &[owner], BmeError::NotWritable);
        world.fails(swap(close.clone(), 1, story.spender), &[owner], BmeError::WrongAccountType);
        world.fails(swap(close.clone(), 1, network.mint), &[owner], BmeError::WrongOwner);
        world.fails(swap(close.clone(), 2, thief.pubkey()), &[owner], BmeError::WrongAddress);
        world.fails(swap(close.clone(), 2, account), &[owner], BmeError::WrongAddress);
        world.ok(std::slice::from_ref(&close), &[owner]);
        world.fails(close, &[owner], BmeError::WrongOwner);
    }
}
