//! What roots say that a machine earned: it follows the machine's NFT, on the real Bubblegum.

use {
    super::*,
    joule_identity_interface::state::Node,
    joule_tests::{
        bench::Table,
        fixture::{Machine, Tree, add_class, create_registry},
    },
};

const CLASS: u32 = 7;
const OPERATOR: Address = Address::new_from_array([0x0b; 32]);
/// How long a proof of the leaf is good for, seconds.
const PROOF_AGE: u64 = 60;

/// A network with an oracle, and a machine in service that roots pay; its owner, and who buys it.
struct Story {
    world: World,
    network: Network,
    oracle: Keypair,
    tree: Tree,
    machine: Machine,
    owner: Keypair,
    buyer: Keypair,
    wallet: Address,
}

impl Story {
    fn new() -> Self {
        let mut world = World::new();
        let network = Network::new(&mut world, &[]).0;
        let [oracle, owner, buyer] = std::array::from_fn(|_| world.user());
        network.open_roots(&mut world, &[oracle.pubkey()], 1, 1_000_000);
        create_registry(&world, &network);
        add_class(&world, &network, CLASS, 0);
        let mut tree = Tree::new(&world, &network, 3, 8, 0).0;
        let machine = tree.mint(&world, &network, owner.pubkey(), "first").0;
        tree.reserve(&world, owner.pubkey(), &tree.specification(&machine));
        world.ok(&[tree.activate_instruction(&world, &machine, OPERATOR, CLASS)], &[&owner]);
        world.ok(&[network.open_root_claim_instruction(&world, machine.node())], &[]);
        let wallet = world.token_account(network.mint, buyer.pubkey());
        Self { world, network, oracle, tree, machine, owner, buyer, wallet }
    }

    /// Root `index` says that the machine earned this before and now; all of it is open.
    fn open(&self, index: u64, earned: [u64; 2]) {
        let (root, _) = reward_tree(&self.network, &[(self.machine.node(), earned)]);
        let publish = self.network.publish_root_instruction(&self.world, self.oracle.pubkey(), index, root, earned);
        self.world.ok(&[publish], &[&self.oracle]);
        self.world.pass(3_600);
        self.world.ok(&[self.network.activate_root_instruction(index)], &[]);
        self.world.pass(3_600);
        self.world.ok(&[self.network.fund_roots_instruction(index)], &[]);
    }

    /// What claims of root `index` for `owner`, with the account of the machine.
    fn claim(&self, owner: &Keypair, index: u64, earned: [u64; 2]) -> Instruction {
        let node = self.machine.node();
        let (_, leaves) = reward_tree(&self.network, &[(node, earned)]);
        self.network.claim_node_root_instruction([owner.pubkey(), node], index, &leaves[0], self.wallet)
    }

    fn proves(&self, machine: &Machine) -> Instruction {
        self.tree.sync_instruction(machine, OPERATOR, CLASS)
    }

    /// The NFT goes to the buyer.
    fn sell(&mut self) -> Machine {
        self.world.ok(&[self.tree.transfer_instruction(&self.machine, self.buyer.pubkey())], &[&self.owner]);
        let sold = Machine { owner: self.buyer.pubkey(), ..self.machine.clone() };
        self.tree.set(&sold);
        sold
    }

    fn paid(&self) -> u64 {
        self.world.tokens(self.wallet)
    }
}

const FIRST: [u64; 2] = [0, 100];
const SECOND: [u64; 2] = [100, 130];

#[test]
fn what_a_machine_earned_follows_its_nft() {
    let mut story = Story::new();
    story.open(0, FIRST);
    story.world.ok(&[story.proves(&story.machine), story.claim(&story.owner, 0, FIRST)], &[&story.owner]);
    assert_eq!(story.paid(), 100);
    story.world.fails(story.claim(&story.owner, 0, FIRST), &[&story.owner], BmeError::NothingToClaim);

    story.open(1, SECOND);
    let sold = story.sell();
    let mut takes_over = story.proves(&sold);
    takes_over.accounts[0].is_signer = true;
    let receipt = story.world.ok(&[takes_over, story.claim(&story.buyer, 1, SECOND)], &[&story.buyer]);
    assert_eq!(story.paid(), 130, "also what was earned before");
    let event: event::RootClaimed = receipt.event(ID);
    assert_eq!(event.header.source, story.network.root_claim(story.machine.node()));
    assert_eq!((event.tokens, event.claimed, event.destination), (Tokens(30), Tokens(130), story.wallet));
    story.world.fails(story.claim(&story.owner, 1, SECOND), &[&story.owner], BmeError::Unauthorized);
}

/// What it costs, for the table.
pub fn claimed(table: &mut Table) {
    let story = Story::new();
    story.open(0, FIRST);
    let claim = [story.proves(&story.machine), story.claim(&story.owner, 0, FIRST)];
    table.row("SyncNode and ClaimNodeRoot, a tree of one", &story.world.ok(&claim, &[&story.owner]));
}

#[test]
fn the_leaf_was_proved_in_the_last_minute() {
    let story = Story::new();
    story.open(0, FIRST);
    let claim = || story.claim(&story.owner, 0, FIRST);
    story.world.fails(claim(), &[&story.owner], BmeError::NodeNotProved);
    story.world.ok(&[story.proves(&story.machine)], &[]);
    story.world.pass(PROOF_AGE + 1);
    story.world.fails(claim(), &[&story.owner], BmeError::NodeNotProved);
    story.world.ok(&[story.proves(&story.machine)], &[]);
    story.world.pass(PROOF_AGE);
    story.world.ok(&[claim()], &[&story.owner]);
}

/// Who sold it has no minute: the buyer, or anyone, says that the leaf is another's.
#[test]
fn a_machine_that_was_sold_pays_its_seller_no_more() {
    let mut story = Story::new();
    story.open(0, FIRST);
    story.world.ok(&[story.proves(&story.machine)], &[]);
    let sold = story.sell();
    story.world.ok(&[story.tree.challenge_instruction(&sold, false)], &[]);
    let node: Node = story.world.read(story.machine.node());
    assert_eq!((node.owner, node.synced_at), (story.owner.pubkey(), story.world.now()));
    story.world.fails(story.claim(&story.owner, 0, FIRST), &[&story.owner], BmeError::NodeNotProved);
}

#[test]
fn nobody_else_claims_for_a_machine() {
    let mut story = Story::new();
    story.open(0, FIRST);
    story.world.ok(&[story.proves(&story.machine)], &[]);
    let claim = |owner| story.claim(owner, 0, FIRST);
    story.world.fails(unsigned(claim(&story.owner), 0), &[], BmeError::MissingSigner);
    story.world.fails(claim(&story.buyer), &[&story.buyer], BmeError::Unauthorized);
    // An account of another program that says the same, and another kind of account.
    let node = story.world.account(story.machine.node()).unwrap();
    let false_node = story.world.address();
    for (account, error) in [
        (Account { owner: ID, ..node.clone() }, BmeError::WrongOwner),
        (Account { data: [&[2], &node.data[1..]].concat(), ..node.clone() }, BmeError::WrongAccountType),
        // One of `identity` that stands elsewhere has another leaf, and so another record.
        (node, BmeError::Unauthorized),
    ] {
        story.world.set_account(false_node, account);
        let claim = swap(story.claim(&story.owner, 0, FIRST), 1, false_node);
        story.world.fails(claim, &[&story.owner], error);
    }
    // Nor does the owner claim what a person earned, or the other way round.
    let wrong = story.network.root_claim(story.owner.pubkey());
    story.world.ok(&[story.network.open_root_claim_instruction(&story.world, story.owner.pubkey())], &[]);
    let claim = swap(story.claim(&story.owner, 0, FIRST), 5, wrong);
    story.world.fails(claim, &[&story.owner], BmeError::Unauthorized);
    let (_, leaves) = reward_tree(&story.network, &[(story.machine.node(), FIRST)]);
    let as_person = story.network.claim_root_instruction(story.owner.pubkey(), 0, &leaves[0], story.wallet);
    story.world.fails(as_person, &[&story.owner], BmeError::InvalidProof);
}

/// A machine does not sign: whoever paid for its record can close it.
#[test]
fn who_paid_for_a_machines_record_closes_it() {
    let story = Story::new();
    let (world, network, payer) = (&story.world, &story.network, story.world.payer().pubkey());
    let close = |closer| swap(network.close_root_claim_instruction(world, story.machine.node()), 0, closer);
    world.fails(close(story.owner.pubkey()), &[&story.owner], BmeError::Unauthorized);
    story.open(0, FIRST);
    world.ok(&[close(payer)], &[]);
    world.ok(&[network.open_root_claim_instruction(world, story.machine.node())], &[]);
    world.ok(&[story.proves(&story.machine), story.claim(&story.owner, 0, FIRST)], &[&story.owner]);
    world.fails(close(payer), &[], BmeError::NotEmpty);
}
