//! What machines cost as compressed NFTs, against an account for each: `scripts/costs`.
//!
//! Compute units are means over transactions on the real programs, sizes those of the accounts that these made. Lamports
//! follow from the sizes by the rate of the argument, and from signatures.

use {
    joule_identity_interface::{ID, instruction::ActivateNode, state::Node},
    joule_interface::Address,
    joule_tests::{
        Network, World,
        fixture::{Tree, add_class, create_registry, merkle_tree_size},
    },
    mpl_bubblegum::accounts::TreeConfig,
    solana_keypair::Keypair,
    solana_program::instruction::AccountMeta,
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
    spl_merkle_tree_reference::{empty_node, recompute},
};

/// Machines, how many trees they need, and of which depth, buffer and canopy. What the canopy leaves of a proof, 14 nodes,
/// fits a transaction of 1,232 bytes.
const SCALES: [(u64, u64, u32, u32, u32); 4] =
    [(1_000, 1, 14, 64, 0), (1_000_000, 1, 20, 64, 6), (100_000_000, 96, 20, 64, 6), (100_000_000, 1, 30, 512, 16)];
const CLASS: u32 = 1;
/// Machines over which the mean is taken.
const SAMPLE: u64 = 24;
const SIGNATURE: u64 = 5_000;
/// Bytes that an account pays for besides its data.
const OVERHEAD: u64 = 128;

/// What was measured at one scale.
struct Measured {
    machines: u64,
    shape: String,
    tree_bytes: u64,
    machine_bytes: u64,
    mint: u64,
    activate: u64,
    activate_own: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rate = match arguments.as_slice() {
        [] => 5_080,
        [rate] => rate.parse().expect("lamports a byte, a number"),
        _ => panic!("one argument: lamports a byte"),
    };
    println!("{}", table(rate, &SCALES.map(measure)));
}

fn table(rate: u64, all: &[Measured]) -> String {
    let mut text = format!(
        "At {rate} lamports a byte and {} lamports a signature (two sign a mint, two an activation).\n\n\
        | machines | trees of depth, buffer, canopy | a minted machine | and in service | an account for each | \
        CU: mint | CU: activation | own part |\n|---:|---|---:|---:|---:|---:|---:|---:|\n",
        grouped(SIGNATURE)
    );
    for it in all {
        // The tree is paid once, whatever is in it.
        let fees = 2 * SIGNATURE;
        let minted = (it.tree_bytes * rate).div_ceil(it.machines) + fees;
        let in_service = minted + it.machine_bytes * rate + fees;
        let account = (OVERHEAD + size_of::<Node>() as u64) * rate + fees;
        text += &format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
            grouped(it.machines),
            it.shape,
            grouped(minted),
            grouped(in_service),
            grouped(account),
            grouped(it.mint),
            grouped(it.activate),
            grouped(it.activate_own),
        );
    }
    text
}

fn measure((machines, trees, depth, buffer, canopy): (u64, u64, u32, u32, u32)) -> Measured {
    let mut world = World::new();
    let owner = world.user();
    let network = Network::new(&mut world, &[]).0;
    create_registry(&world, &network);
    add_class(&world, &network, CLASS, 3);
    let account = world.key();
    // The copy is only asked for addresses: proofs of the first leaves of so large a tree are made below.
    let mut tree = Tree::unborn(&network, account.pubkey(), 5, 0);
    let size = merkle_tree_size(depth, buffer, canopy);
    let payer = world.payer().pubkey();
    let owner_of_trees = joule_identity_interface::COMPRESSION_PROGRAM;
    let allocate = create_account(&payer, &tree.merkle_tree, world.rent(size), size as u64, &owner_of_trees);
    let create = tree.create_instruction(&world, &network, depth, buffer);
    world.ok(&[allocate, create], &[&account, &network.authority]);

    let mut leaves = vec![];
    let (mut mint, mut activate, mut own) = (0, 0, 0);
    let mut last = [Address::default(); 2];
    for number in 0..SAMPLE {
        let (machine, receipt) = tree.mint(&world, &network, owner.pubkey(), &format!("machine {number}"));
        mint += receipt.units();
        leaves.push(machine.leaf());
        tree.reserve(&world, owner.pubkey(), &tree.specification(&machine));
        let mut instruction = tree.activate_instruction(&world, &machine, owner.pubkey(), CLASS);
        let path = path(&leaves, number as usize, depth);
        let root = recompute(machine.leaf(), &path, number as u32);
        instruction.data[1..33].copy_from_slice(&root);
        instruction.accounts.truncate(ActivateNode::ACCOUNTS.len());
        let below_canopy = &path[..(depth - canopy) as usize];
        let nodes = below_canopy.iter().map(|node| AccountMeta::new_readonly(Address::new_from_array(*node), false));
        instruction.accounts.extend(nodes);
        let receipt = world.ok(&[instruction.clone()], &[&owner]);
        activate += receipt.units();
        own += receipt.own_units(ID);
        last = [machine.node(), tree.claim(&tree.specification(&machine))];
        assert!(bytes_of_transaction(&instruction, &owner, &payer) <= 1_232, "an activation fits a transaction");
    }
    let data = |address| world.account(address).map_or(0, |account| account.data.len() as u64);
    assert_eq!(data(tree.config), TreeConfig::LEN as u64);
    let of_one: u64 =
        [tree.merkle_tree, tree.config, tree.address].map(|address| OVERHEAD + data(address)).iter().sum();
    let machine_bytes = last.map(|address| OVERHEAD + data(address)).iter().sum();
    Measured {
        machines,
        shape: format!("{trees} of {depth}, {buffer}, {canopy}"),
        tree_bytes: trees * of_one,
        machine_bytes,
        mint: mint / SAMPLE,
        activate: activate / SAMPLE,
        activate_own: own / SAMPLE,
    }
}

/// The proof of a leaf in a tree of which only the first leaves are there.
fn path(leaves: &[[u8; 32]], index: usize, depth: u32) -> Vec<[u8; 32]> {
    let mut level: Vec<[u8; 32]> = leaves.to_vec();
    let mut path = vec![];
    for height in 0..depth {
        let empty = empty_node(height);
        path.push(level.get((index >> height) ^ 1).copied().unwrap_or(empty));
        if level.len() % 2 == 1 {
            level.push(empty);
        }
        level = level.chunks(2).map(|pair| recompute(pair[0], &pair[1..], 0)).collect();
    }
    path
}

/// Bytes of a transaction of this instruction alone, paid by `payer`.
fn bytes_of_transaction(instruction: &joule_interface::Instruction, owner: &Keypair, payer: &Address) -> usize {
    let mut keys: Vec<_> = instruction.accounts.iter().map(|account| account.pubkey).collect();
    keys.extend([instruction.program_id, *payer, owner.pubkey()]);
    keys.sort();
    keys.dedup();
    let signatures = 1 + 64 * 2;
    let message = 3 + 1 + 32 * keys.len() + 32 + 1;
    let compiled = 1 + 1 + instruction.accounts.len() + 2 + instruction.data.len();
    signatures + message + compiled
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
