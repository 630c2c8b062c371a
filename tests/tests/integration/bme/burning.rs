//! Burning what was taken.

use super::*;

#[test]
fn taken_tokens_are_burned() {
    let story = Story::with_credits();
    let before = story.world.supply(story.network.mint);
    let receipt = story.world.ok(&[story.burn()], &[]);
    assert_eq!(story.world.supply(story.network.mint), before - 100 * TOKEN);
    assert_eq!(story.world.tokens(story.network.burn_vault(0)), 0);
    let event: event::TokensBurned = receipt.event(ID);
    assert_eq!((event.tokens, event.header.sequence), (Tokens(100 * TOKEN), 1));
    assert_eq!(story.world.read::<BurnShard>(story.network.burn_shard(0)).burned, Tokens(100 * TOKEN));
    story.world.fails(story.burn(), &[], BmeError::ZeroAmount);
}

/// Sent to the vault, they bought nothing, and could be minted again all the same.
#[test]
fn tokens_that_bought_no_credits_are_not_burned_for_them() {
    let story = Story::with_credits();
    let vault = story.network.burn_vault(0);
    let send = |amount| {
        let owner = story.client.pubkey();
        spl_token_interface::instruction::transfer(&TOKEN_PROGRAM, &story.source, &vault, &owner, &[], amount).unwrap()
    };
    story.world.ok(&[send(50 * TOKEN), story.burn()], &[&story.client]);
    let state = story.state();
    assert_eq!((state.burned.get(), state.remintable), (100 * TOKEN as u128, Tokens(100 * TOKEN)));
    story.world.fails(story.burn(), &[], BmeError::ZeroAmount);
    story.world.ok(&[story.buy(10 * TOKEN), story.burn()], &[&story.client]);
    assert_eq!((story.state().burned.get(), story.world.tokens(vault)), (110 * TOKEN as u128, 50 * TOKEN));
}

#[test]
fn burning_checks_its_accounts() {
    let mut story = Story::with_credits();
    let stranger = story.stranger();
    let (world, burn) = (&story.world, || story.burn());
    for index in [1, 2, 3] {
        world.fails(read_only(burn(), index), &[], BmeError::NotWritable);
    }
    world.fails(swap(burn(), 0, stranger.address), &[], BmeError::WrongAddress);
    world.fails(swap(burn(), 1, stranger.burn_shard(0)), &[], BmeError::WrongNetwork);
    world.fails(swap(burn(), 1, story.network.work_shard(0)), &[], BmeError::WrongAccountType);
    world.fails(swap(burn(), 2, story.network.reward_vault()), &[], BmeError::WrongAddress);
    world.fails(swap(burn(), 3, stranger.mint), &[], BmeError::WrongAddress);
    world.fails(swap(burn(), 4, TOKEN_2022_PROGRAM), &[], BmeError::WrongTokenProgram);
}
