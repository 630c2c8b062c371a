use super::*;
#[test]
fn tmp() {
    let mut story = Story::with(14, 64, 0);
    let owner = story.owner.pubkey();
    let (machine, minted) = story.tree.mint(&story.world, &story.network, owner, "machine");
    println!("{}", minted.logs.join("\n"));
    let receipt = story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    println!("{}", receipt.logs.join("\n"));
}
