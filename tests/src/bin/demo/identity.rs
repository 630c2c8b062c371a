//! The machines' scene: minted and put into service in a tree that others write at the same time, vouched for, and one of
//! them sold.

use {
    super::Demo,
    joule_identity_interface::{
        ID,
        instruction::{AddAttestor, AddAttestorArgs, Attest, AttestArgs},
        state::{COMMITMENT_DELAY, Node},
    },
    joule_interface::{Address, Instruction},
    joule_math::Timestamp,
    joule_tests::{
        Network,
        fixture::{Machine, Tree, add_class_instruction, class, create_registry, metadata},
    },
    solana_keypair::Keypair,
    solana_signer::Signer,
};

const MONTH: i64 = 30 * 86_400;

/// Plays it. Returns the operator's machine, in service and of `kind`.
pub fn play(demo: &mut Demo, network: &Network, operator: &Keypair, kind: u32) -> Address {
    let neighbour = demo.world.user();
    create_registry(&demo.world, network);
    let add = add_class_instruction(&demo.world, network, kind, 2);
    demo.step(
        "The founder",
        "adds a class of machines that two attestors must vouch for",
        &[add],
        &[&network.authority],
    );
    let (mut tree, receipt) = Tree::new(&demo.world, network, 14, 64, 0);
    demo.note("The founder", "creates a Bubblegum tree for 16,384 machines", receipt.units(), receipt.writable.len());

    // Four machines in one transaction: the operator's two, and the neighbour's.
    let owners = [operator.pubkey(), operator.pubkey(), neighbour.pubkey(), neighbour.pubkey()];
    let names = ["H100 #1", "H100 #2", "H100 #3", "H100 #4"].map(metadata);
    let mints: Vec<Instruction> = owners
        .iter()
        .zip(&names)
        .map(|(owner, name)| tree.mint_instruction(&demo.world, network, *owner, name))
        .collect();
    demo.step("The founder", "mints four machines as compressed NFTs", &mints, &[&network.authority]);
    let mut minted = owners.iter().zip(names).map(|(owner, name)| tree.minted(*owner, name)).collect::<Vec<Machine>>();

    // Nobody who sees a specification revealed can take it: who reserves it committed before.
    let specifications = [0, 1].map(|i| tree.specification(&minted[i]));
    let commits = specifications.map(|it| tree.commit_instruction(&demo.world, operator.pubkey(), &it));
    demo.step("The operator", "commits to reserve two specifications", &commits, &[]);
    demo.world.pass(COMMITMENT_DELAY.0 as u64);
    let reveals = specifications.map(|it| tree.reserve_instruction(&demo.world, operator.pubkey(), &it));
    demo.step("The operator", "reveals them a minute later", &reveals, &[]);

    // The operator takes proofs; before they are used, the tree changes under them.
    let activations = [0, 1].map(|i| tree.activate_instruction(&demo.world, &minted[i], operator.pubkey(), kind));
    let transfer = tree.transfer_instruction(&minted[2], operator.pubkey());
    demo.step("The neighbour", "meanwhile sells a machine at Bubblegum", &[transfer], &[&neighbour]);
    minted[2].owner = operator.pubkey();
    tree.set(&minted[2]);
    let burn = tree.burn_instruction(&minted[3]);
    demo.step("The neighbour", "and burns the other one", &[burn], &[&neighbour]);
    tree.set_leaf(minted[3].nonce, [0; 32]);
    let more = tree.mint_instruction(&demo.world, network, neighbour.pubkey(), &metadata("H100 #5"));
    demo.step("The founder", "and mints one more", &[more], &[&network.authority]);
    tree.minted(neighbour.pubkey(), metadata("H100 #5"));
    for activation in activations {
        demo.step("The operator", "puts a machine into service, with its proof of before", &[activation], &[operator]);
    }

    // Two attestors look at the first.
    let node = minted[0].node();
    for (number, who) in [(1, "An attestor"), (2, "Another attestor")] {
        let attestor = demo.world.user();
        let add = AddAttestor {
            authority: network.authority.pubkey(),
            network: network.address,
            registry: tree.registry,
            attestor: attestor.pubkey(),
            provider: ID,
        };
        let add = add.instruction(&AddAttestorArgs { weight: 1 });
        demo.world.ok(&[add], &[&network.authority]);
        let seen: Node = demo.world.read(node);
        let attest = Attest {
            authority: attestor.pubkey(),
            registry: tree.registry,
            class: class(&tree.registry, kind),
            node,
            provider: ID,
            pool: ID,
            payer: ID,
            statement: ID,
            system_program: ID,
        };
        let attest = attest.instruction(&AttestArgs {
            evidence: [number; 32],
            expires_at: Timestamp(demo.world.now().0 + MONTH),
            attestor: number as u32,
            class: kind,
            owner: seen.owner,
            specification: seen.specification,
            site: seen.site,
        });
        demo.step(who, "vouches for the first machine, for a month", &[attest], &[&attestor]);
    }
    assert!(demo.world.read::<Node>(node).serves(kind, demo.world.now()));

    // The second is sold, and does not go on in the seller's name.
    let transfer = tree.transfer_instruction(&minted[1], neighbour.pubkey());
    demo.step("The operator", "sells the second machine at Bubblegum", &[transfer], &[operator]);
    let sold = Machine { owner: neighbour.pubkey(), ..minted[1].clone() };
    tree.set(&sold);
    let challenge = tree.challenge_instruction(&sold, false);
    demo.step("A keeper", "proves that it is another's: it is out of service", &[challenge], &[]);
    let mut sync = tree.sync_instruction(&sold, neighbour.pubkey(), kind);
    sync.accounts[0].is_signer = true;
    demo.step("The neighbour", "proves that it is theirs: it is back", &[sync], &[&neighbour]);
    node
}
