//! Owners, operators, attestors, whoever passes by and the network's authority, on machines that are minted, sold and burned
//! at the real Bubblegum, into trees that follow one another.
//!
//! A model of the registry and a Merkle tree kept off chain foresee each action: whether it is accepted, and what every
//! `Node` says afterwards. Proofs are taken from the copy, some of them used only after the tree has changed. Of those that
//! are older than the tree's buffer it is not foreseen whether they hold, only that they never prove what is not there.

use {
    super::{Random, Shared, TrackedWorld},
    crate::{
        Network, World,
        fixture::{Machine, Tree, Voucher, add_class, class, create_registry, metadata, policy},
        world::place,
    },
    joule_bme_interface::state::Network as NetworkState,
    joule_identity_interface::{
        instruction::*,
        state::{
            COMMITMENT_DELAY, COMMITMENT_WINDOW, LOST_DELAY, MAX_ATTESTATIONS, Node, POLICY_WINDOW, Policy,
            RESERVATION_PERIOD, Registry, SUSPENSION_PERIOD, SpecificationClaim, status,
        },
    },
    joule_interface::{Address, Instruction},
    joule_math::Timestamp,
    solana_keypair::Keypair,
    solana_signer::Signer,
    spl_merkle_tree_reference::EMPTY,
    std::{collections::BTreeMap, rc::Rc},
};

const OWNERS: usize = 4;
const DAY: u64 = 86_400;
/// Depth and buffer of the trees.
const SHAPE: (u32, u32) = (5, 8);
/// Classes, and the weight that each asks for.
const CLASSES: [(u32, u32); 3] = [(7, 0), (8, 3), (9, 6)];
const FEE: u64 = 10_000_000;

fn threshold(class: u32) -> u32 {
    CLASSES.iter().find(|(id, _)| *id == class).expect("one of the classes").1
}

/// What an attestor said: who, until when, and what it counts.
#[derive(Clone, Debug)]
struct Word {
    attestor: u32,
    expires: i64,
    weight: u32,
}

/// A node as it should be.
#[derive(Clone, Debug)]
struct Record {
    owner: Address,
    operator: Address,
    class: u32,
    specification: [u8; 32],
    version: u32,
    synced: i64,
    lost: bool,
    suspended: bool,
    suspension_ends_at: i64,
    revoked: bool,
    words: Vec<Word>,
}

impl Record {
    fn status(&self) -> u8 {
        let sum = [(self.lost, status::LOST), (self.suspended, status::SUSPENDED), (self.revoked, status::REVOKED)]
            .iter()
            .map(|(is, bit)| if *is { *bit } else { 0 })
            .sum();
        if sum == 0 { status::ACTIVE } else { sum }
    }

    fn is_blocked(&self) -> bool {
        self.suspended || self.revoked
    }

    /// Enough attestors vouch for it at that time.
    fn stands(&self, now: i64) -> bool {
        let weight: u32 = self.words.iter().filter(|word| now < word.expires).map(|word| word.weight).sum();
        weight >= threshold(self.class)
    }

    fn renew(&mut self) {
        self.version += 1;
        self.words.clear();
    }
}

/// Who has a specification.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Holder {
    /// A machine uses it.
    Used(usize),
    /// It is reserved for an owner, until then.
    Owner(Address, i64),
    /// It is reserved for a machine that was lost, until then.
    Machine(usize, i64),
}

impl Holder {
    /// It is reserved for the machine, or for who owns it.
    fn is_for(self, item: usize, owner: Address) -> bool {
        match self {
            Self::Used(_) => false,
            Self::Owner(holder, _) => holder == owner,
            Self::Machine(holder, _) => holder == item,
        }
    }
}

/// A machine: its NFT as it is, and its node as it should be.
#[derive(Clone, Debug)]
struct Item {
    tree: usize,
    /// Where its node is: derived once.
    address: Address,
    nft: Machine,
    burned: bool,
    node: Option<Record>,
}

/// An instruction with a proof, made earlier and not used yet.
struct Stale {
    item: usize,
    instruction: Instruction,
    /// The leaf then, and how many changes the tree had seen.
    leaf: [u8; 32],
    changes: u64,
}

/// Them all.
pub struct Machines {
    pub(super) random: Random,
    pub(super) chain: Shared,
    network: Rc<Network>,
    /// In the order of their creation.
    trees: Vec<Tree>,
    /// Changes that each tree has seen.
    changes: Vec<u64>,
    owners: Vec<Keypair>,
    /// Who may run machines.
    operators: Vec<Address>,
    items: Vec<Item>,
    /// The attestors, with their weights.
    vouchers: Vec<(Voucher, u32)>,
    /// Who has a specification.
    claims: BTreeMap<[u8; 32], Holder>,
    /// Who committed to reserve what, and when.
    commitments: BTreeMap<(Address, [u8; 32]), i64>,
    stale: Vec<Stale>,
    /// What is minted has its price for whoever mints.
    receiver: Address,
    collected: u64,
    charged: u64,
    refused: BTreeMap<&'static str, u32>,
    /// How seldom time passes here.
    pub(super) pace: u64,
}

impl Machines {
    /// Everybody arrives at a network.
    pub(super) fn arrive(
        world: &mut World,
        network: Rc<Network>,
        owners: Vec<Keypair>,
        operators: Vec<Address>,
    ) -> Self {
        create_registry(world, &network);
        for (id, threshold) in CLASSES {
            add_class(world, &network, id, threshold);
        }
        // Classes of the same numbers, of another network: there nobody needs to vouch.
        let other = Network::new(world, &[]).0;
        create_registry(world, &other);
        for (id, _) in CLASSES {
            add_class(world, &other, id, 0);
        }
        Tree::new(world, &other, SHAPE.0, SHAPE.1, 0);
        let receiver = world.user().pubkey();
        let tree = Tree::new(world, &network, SHAPE.0, SHAPE.1, 0).0;
        Self {
            random: Random::new(1),
            chain: Shared::elsewhere(),
            network,
            trees: vec![tree],
            changes: vec![0],
            owners,
            operators,
            items: vec![],
            vouchers: vec![],
            claims: BTreeMap::new(),
            commitments: BTreeMap::new(),
            stale: vec![],
            receiver,
            collected: 0,
            charged: 0,
            refused: BTreeMap::new(),
            pace: 1,
        }
    }

    /// The machine that one runs, in any class that is asked for; the newest first.
    pub(super) fn machine_of(&self, operator: Address, class: u32) -> Option<Address> {
        let mut runs = self
            .items
            .iter()
            .rev()
            .filter(|item| item.node.as_ref().is_some_and(|node| node.operator == operator && node.class == class));
        runs.next().map(|item| item.address)
    }

    fn authority(&self) -> Keypair {
        self.network.authority.insecure_clone()
    }

    fn is_paused(&self) -> bool {
        self.chain.read::<NetworkState>(self.network.address).paused != 0
    }

    fn now(&self) -> i64 {
        self.chain.world.now().0
    }

    fn owner(&self, address: Address) -> Keypair {
        self.owners.iter().find(|owner| owner.pubkey() == address).expect("one of the owners").insecure_clone()
    }

    fn some_owner(&mut self) -> Keypair {
        self.owners[self.random.place(self.owners.len())].insecure_clone()
    }

    fn some_class(&mut self) -> u32 {
        CLASSES[self.random.place(CLASSES.len())].0
    }

    fn some_operator(&mut self) -> Address {
        self.operators[self.random.place(self.operators.len())]
    }

    /// One of few, so that machines get into each other's way.
    fn some_specification(&mut self) -> [u8; 32] {
        [self.random.below(40) as u8; 32]
    }

    /// Mostly one that is reserved for the machine or its owner.
    fn some_specification_for(&mut self, item: usize, owner: Address) -> [u8; 32] {
        let reserved: Vec<_> =
            self.claims.iter().filter(|(_, holder)| holder.is_for(item, owner)).map(|(it, _)| *it).collect();
        if reserved.is_empty() || self.random.one_in(8) {
            return self.some_specification();
        }
        reserved[self.random.place(reserved.len())]
    }

    /// Commits to reserve a specification; or reveals it, when it is time; or closes what nobody revealed.
    fn reserve(&mut self) {
        let now = self.now();
        let known: Vec<_> = self.commitments.iter().map(|(key, at)| (*key, *at)).collect();
        if known.is_empty() || known.len() < 8 && self.random.one_in(2) {
            let (owner, specification) = (self.some_owner().pubkey(), self.some_specification());
            let commit = self.trees[0].commit_instruction(&self.chain.world, owner, &specification);
            let possible = !self.commitments.contains_key(&(owner, specification));
            self.attempt("commit", commit, &[], possible);
            if possible {
                self.commitments.insert((owner, specification), now);
            }
            return;
        }
        let ((owner, specification), at) = known[self.random.place(known.len())];
        let over = now >= at + COMMITMENT_WINDOW.0 as i64;
        if over && self.random.one_in(2) {
            let close = self.trees[0].close_commitment_instruction(&self.chain.world, owner, &specification);
            self.attempt("close a commitment", close, &[], true);
            self.commitments.remove(&(owner, specification));
            return;
        }
        if !over && now < at + COMMITMENT_DELAY.0 as i64 && !self.random.one_in(8) {
            self.chain.world.pass(COMMITMENT_DELAY.0 as u64);
        }
        let now = self.now();
        let reveal = self.trees[0].reserve_instruction(&self.chain.world, owner, &specification);
        let age = now - at;
        let in_time = (COMMITMENT_DELAY.0 as i64..COMMITMENT_WINDOW.0 as i64).contains(&age);
        let possible = in_time && !self.claims.contains_key(&specification);
        self.attempt("reserve", reveal, &[], possible);
        if possible {
            self.commitments.remove(&(owner, specification));
            self.claims.insert(specification, Holder::Owner(owner, now + RESERVATION_PERIOD.0 as i64));
        }
    }

    /// Sets a reserved specification free.
    fn release(&mut self) {
        let known: Vec<_> = self.claims.iter().map(|(specification, holder)| (*specification, *holder)).collect();
        if known.is_empty() {
            return;
        }
        let (specification, holder) = known[self.random.place(known.len())];
        let (by, signs) = (self.some_owner(), self.random.one_in(2));
        let mut release = self.trees[0].release_instruction(&self.chain.world, by.pubkey(), &specification);
        release.accounts[0].is_signer = signs;
        let now = self.now();
        let possible = match holder {
            Holder::Used(_) => false,
            Holder::Owner(owner, until) => signs && owner == by.pubkey() || now >= until,
            Holder::Machine(_, until) => now >= until,
        };
        let signers: &[&Keypair] = if signs { &[&by] } else { &[] };
        self.attempt("release", release, signers, possible);
        if possible {
            self.claims.remove(&specification);
        }
    }

    /// The node's owner still has the leaf.
    fn still_owns(&self, item: usize) -> bool {
        let Item { nft, burned, node, .. } = &self.items[item];
        !burned && node.as_ref().is_some_and(|record| record.owner == nft.owner)
    }

    /// Sends what the model foresees.
    #[track_caller]
    fn attempt(&mut self, name: &'static str, instruction: Instruction, signers: &[&Keypair], expected: bool) {
        let outcome = self.chain.attempt(name, instruction, signers);
        assert_eq!(outcome.is_some(), expected, "{name}: true if it was accepted, and false if it should be");
        if !expected {
            *self.refused.entry(name).or_default() += 1;
        }
    }

    /// A random machine.
    fn any(&mut self) -> Option<usize> {
        if self.items.is_empty() {
            return None;
        }
        Some(self.random.place(self.items.len()))
    }

    /// A random machine with a node.
    fn in_service(&mut self) -> Option<usize> {
        let with_node: Vec<_> = (0..self.items.len()).filter(|&item| self.items[item].node.is_some()).collect();
        if with_node.is_empty() {
            return None;
        }
        Some(with_node[self.random.place(with_node.len())])
    }

    /// The leaf changed: in the copy as well.
    fn changed(&mut self, item: usize) {
        let Item { tree, nft, burned, .. } = self.items[item].clone();
        let leaf = if burned { EMPTY } else { nft.leaf() };
        self.trees[tree].set_leaf(nft.nonce, leaf);
        self.changes[tree] += 1;
    }

    fn mint(&mut self) {
        let newest = self.trees.len() - 1;
        let owner = self.some_owner().pubkey();
        let name = metadata(&format!("machine {}", self.items.len()));
        let mint = self.trees[newest].mint_instruction(&self.chain.world, &self.network, owner, &name);
        let authority = self.authority();
        let room = self.items.iter().filter(|item| item.tree == newest).count() < 1 << SHAPE.0;
        let registry: Registry = self.chain.read(self.trees[newest].registry);
        let possible = room && !self.is_paused() && registry.policy.minter == authority.pubkey();
        self.attempt("mint", mint, &[&authority], possible);
        if possible {
            let nft = self.trees[newest].minted(owner, name);
            self.changes[newest] += 1;
            let address = nft.node();
            self.items.push(Item { tree: newest, address, nft, burned: false, node: None });
            self.charged += registry.policy.mint_fee;
        } else if !room {
            let canopy = self.random.below(3) as u32;
            let tree = Tree::new(&self.chain.world, &self.network, SHAPE.0, SHAPE.1, canopy).0;
            for address in [tree.registry, tree.address, tree.config, tree.merkle_tree] {
                self.chain.track(address);
            }
            self.trees.push(tree);
            self.changes.push(0);
        }
    }

    /// Fees go where the policy says; nobody pays twice.
    fn collect(&mut self) {
        let tree = self.random.place(self.trees.len());
        let (collect, address) = (self.trees[tree].collect_fees_instruction(self.receiver), self.trees[tree].address);
        let there = self.chain.world.lamports(address) > self.chain.world.rent(256);
        let receiver = self.chain.read::<Registry>(self.trees[tree].registry).policy.fee_receiver;
        let before = self.chain.world.lamports(self.receiver);
        self.attempt("collect fees", collect, &[], there && receiver == self.receiver);
        self.collected += self.chain.world.lamports(self.receiver) - before;
    }

    fn change_policy(&mut self) {
        let (authority, now) = (self.authority(), self.now());
        let registry: Registry = self.chain.read(self.trees[0].registry);
        if self.random.one_in(2) {
            let next = Policy {
                fee_receiver: self.receiver,
                mint_fee: [0, FEE, 3 * FEE][self.random.place(3)],
                ..policy(&self.network)
            };
            let propose = self.trees[0].propose_policy_instruction(&self.network, next);
            self.attempt("propose a policy", propose, &[&authority], true);
        } else {
            let (from, last) = (registry.next_policy_at.0, registry.next_policy_at.0 + POLICY_WINDOW.0 as i64);
            let due = from != 0 && (from..=last).contains(&now);
            self.attempt("execute a policy", self.trees[0].execute_policy_instruction(), &[], due);
        }
    }

    fn transfer(&mut self) {
        let Some(item) = self.any() else { return };
        let (nft, to) = (self.items[item].nft.clone(), self.some_owner().pubkey());
        let transfer = self.trees[self.items[item].tree].transfer_instruction(&nft, to);
        let there = !self.items[item].burned;
        self.attempt("transfer", transfer, &[&self.owner(nft.owner)], there);
        if there {
            self.items[item].nft.owner = to;
            self.changed(item);
        }
    }

    fn burn(&mut self) {
        let Some(item) = self.any() else { return };
        let nft = self.items[item].nft.clone();
        let there = !self.items[item].burned;
        let burn = self.trees[self.items[item].tree].burn_instruction(&nft);
        self.attempt("burn", burn, &[&self.owner(nft.owner)], there);
        if there {
            self.items[item].burned = true;
            self.changed(item);
        }
    }

    fn activate(&mut self) {
        let Some(item) = self.any() else { return };
        // Sometimes by one who does not own it.
        let mut nft = self.items[item].nft.clone();
        if self.random.one_in(8) {
            nft.owner = self.some_owner().pubkey();
        }
        let (class, operator) = (self.some_class(), self.some_operator());
        let specification = self.some_specification_for(item, nft.owner);
        let tree = &self.trees[self.items[item].tree];
        let mut activate = tree.activate_instruction(&self.chain.world, &nft, operator, class);
        let claim = place(&activate, "specification_claim");
        activate.accounts[claim].pubkey = tree.claim(&specification);
        let possible = !self.is_paused()
            && !self.items[item].burned
            && nft.owner == self.items[item].nft.owner
            && self.items[item].node.is_none()
            && self.claims.get(&specification).is_some_and(|holder| holder.is_for(item, nft.owner));
        self.attempt("activate", activate, &[&self.owner(nft.owner)], possible);
        if possible {
            self.claims.insert(specification, Holder::Used(item));
            self.items[item].node = Some(Record {
                owner: nft.owner,
                operator,
                class,
                specification,
                version: 1,
                synced: self.now(),
                lost: false,
                suspended: false,
                suspension_ends_at: 0,
                revoked: false,
                words: vec![],
            });
        }
    }

    fn sync(&mut self) {
        let Some(item) = self.in_service() else { return };
        let Item { nft, burned, node, .. } = self.items[item].clone();
        let record = node.expect("it is in service");
        let operator = self.some_operator();
        let mut sync = self.trees[self.items[item].tree].sync_instruction(&nft, operator, record.class);
        let handed_over = nft.owner != record.owner;
        let signs = self.random.one_in(2);
        let owner = self.owner(nft.owner);
        if signs {
            let owner = place(&sync, "owner");
            sync.accounts[owner].is_signer = true;
        }
        let possible = !burned && (signs || !handed_over);
        let signers: &[&Keypair] = if signs { &[&owner] } else { &[] };
        self.attempt("sync", sync, signers, possible);
        if possible {
            self.synced(item, nft.owner, operator);
        }
    }

    fn synced(&mut self, item: usize, owner: Address, operator: Address) {
        let now = self.now();
        let record = self.items[item].node.as_mut().expect("it is in service");
        if owner != record.owner {
            (record.owner, record.operator) = (owner, operator);
            record.renew();
        }
        (record.synced, record.lost) = (now, false);
    }

    fn challenge(&mut self) {
        let Some(item) = self.in_service() else { return };
        let Item { nft, burned, node, .. } = self.items[item].clone();
        let gone = self.random.one_in(2);
        let challenge = self.trees[self.items[item].tree].challenge_instruction(&nft, gone);
        let possible = if gone { burned } else { !burned && nft.owner != node.expect("it is in service").owner };
        self.attempt("challenge", challenge, &[], possible);
        if possible {
            self.lost(item);
        }
    }

    fn lost(&mut self, item: usize) {
        let now = self.now();
        let record = self.items[item].node.as_mut().expect("it is in service");
        if !record.lost {
            (record.synced, record.lost) = (now, true);
        }
    }

    /// Takes a proof that nothing changed, or that something did, and does not use it yet.
    fn keep_for_later(&mut self) {
        let Some(item) = self.in_service() else { return };
        let Item { tree, nft, burned, node, .. } = self.items[item].clone();
        let record = node.expect("it is in service");
        let instruction = if burned || nft.owner != record.owner {
            self.trees[tree].challenge_instruction(&nft, burned)
        } else {
            self.trees[tree].sync_instruction(&nft, self.operators[0], record.class)
        };
        let leaf = self.trees[tree].leaf(nft.nonce);
        self.stale.push(Stale { item, instruction, leaf, changes: self.changes[tree] });
    }

    fn use_what_was_kept(&mut self) {
        if self.stale.is_empty() {
            return;
        }
        let Stale { item, instruction, leaf, changes } = self.stale.swap_remove(self.random.place(self.stale.len()));
        let Item { tree, nft, node, .. } = self.items[item].clone();
        let Some(record) = node else { return };
        let same_leaf = self.trees[tree].leaf(nft.nonce) == leaf;
        let challenges = instruction.data[0] == ChallengeNode::DISCRIMINATOR;
        // The record may have changed as well: then other checks come first.
        let class = class(&self.trees[tree].registry, record.class);
        let fits = if challenges {
            leaf == EMPTY || nft.owner != record.owner
        } else {
            nft.owner == record.owner && instruction.accounts[place(&instruction, "class")].pubkey == class
        };
        let remembered = self.changes[tree] - changes < SHAPE.1 as u64;
        let outcome = self.chain.attempt("an old proof", instruction, &[]);
        if !same_leaf || !fits {
            assert!(outcome.is_none(), "proved what is not there");
            *self.refused.entry("an old proof").or_default() += 1;
            return;
        }
        assert!(outcome.is_some() || !remembered, "the buffer should remember");
        if outcome.is_none() {
            return;
        }
        if challenges {
            self.lost(item);
        } else {
            self.synced(item, nft.owner, self.operators[0]);
        }
    }

    fn attest(&mut self) {
        let Some(item) = self.in_service() else { return };
        if self.vouchers.is_empty() {
            return;
        }
        let now = self.now();
        let which = self.random.place(self.vouchers.len());
        let days = self.random.below(100);
        let expires = now + (days * DAY) as i64 + self.random.below(DAY) as i64;
        let (voucher, weight) = &self.vouchers[which];
        let (weight, id, key) = (*weight, voucher.id, voucher.key.insecure_clone());
        let tree = &self.trees[self.items[item].tree];
        let attest = tree.attest_instruction(&self.chain.world, voucher, &self.items[item].nft, Timestamp(expires));
        let record = self.items[item].node.as_ref().expect("it is in service");
        let live: Vec<_> = record.words.iter().filter(|word| now < word.expires).collect();
        let possible = now < expires
            && expires <= now + 90 * DAY as i64
            && live.iter().all(|word| word.attestor != id)
            && live.len() < MAX_ATTESTATIONS;
        self.attempt("attest", attest, &[&key], possible);
        if possible {
            let record = self.items[item].node.as_mut().expect("it is in service");
            record.words.retain(|word| now < word.expires);
            record.words.push(Word { attestor: id, expires, weight });
        }
    }

    fn withdraw(&mut self) {
        let Some(item) = self.in_service() else { return };
        if self.vouchers.is_empty() {
            return;
        }
        let now = self.now();
        let which = self.random.place(self.vouchers.len());
        let voucher = &self.vouchers[which].0;
        let (id, key) = (voucher.id, voucher.key.insecure_clone());
        let tree = &self.trees[self.items[item].tree];
        let withdraw = tree.withdraw_instruction(&self.chain.world, voucher, &self.items[item].nft);
        let record = self.items[item].node.as_ref().expect("it is in service");
        let possible = record.words.iter().any(|word| word.attestor == id && now < word.expires);
        self.attempt("withdraw", withdraw, &[&key], possible);
        if possible {
            let record = self.items[item].node.as_mut().expect("it is in service");
            record.words.retain(|word| word.attestor != id);
        }
    }

    fn refresh(&mut self) {
        let Some(item) = self.in_service() else { return };
        let tree = &self.trees[self.items[item].tree];
        let refresh = tree.refresh_instruction(&self.chain.world, &self.items[item].nft);
        self.attempt("refresh", refresh, &[], true);
        let now = self.now();
        let record = self.items[item].node.as_mut().expect("it is in service");
        for word in record.words.iter_mut().filter(|word| now < word.expires) {
            let attestor = self.vouchers.iter().find(|(voucher, _)| voucher.id == word.attestor);
            word.weight = attestor.map_or(0, |(_, weight)| *weight);
        }
    }

    fn change_attestors(&mut self) {
        if self.vouchers.len() < 6 || self.vouchers.len() < 12 && self.random.one_in(2) {
            let weight = self.random.below(4) as u16 + 1;
            let (key, authority) = (self.chain.world.key(), self.authority());
            let tree = &self.trees[0];
            let add = tree.add_attestor_instruction(&self.network, key.pubkey(), joule_identity_interface::ID, weight);
            let registry = tree.registry;
            self.attempt("add an attestor", add, &[&authority], true);
            let id = self.chain.read::<Registry>(registry).attestor_count;
            let voucher = Voucher { key, id, provider: joule_identity_interface::ID };
            self.vouchers.push((voucher, weight as u32));
        } else {
            let (voucher, _) = self.vouchers.swap_remove(self.random.place(self.vouchers.len()));
            let authority = self.authority();
            let remove = self.trees[0].remove_attestor_instruction(&self.network, voucher.id);
            self.attempt("remove an attestor", remove, &[&authority], true);
        }
    }

    /// What the network does to a machine.
    fn decide(
        &mut self,
        name: &'static str,
        make: impl FnOnce(&Tree, &World, &Network, &Machine) -> Instruction,
        possible: fn(&Record) -> bool,
        change: impl FnOnce(&mut Record),
    ) {
        let Some(item) = self.in_service() else { return };
        let authority = self.authority();
        let tree = &self.trees[self.items[item].tree];
        let instruction = make(tree, &self.chain.world, &self.network, &self.items[item].nft);
        let possible = possible(self.items[item].node.as_ref().expect("it is in service"));
        self.attempt(name, instruction, &[&authority], possible);
        if possible {
            change(self.items[item].node.as_mut().expect("it is in service"));
        }
    }

    fn suspend(&mut self) {
        let suspend = |tree: &Tree, _: &World, network: &Network, nft: &Machine| tree.suspend_instruction(network, nft);
        let until = self.now() + SUSPENSION_PERIOD.0 as i64;
        let change = |record: &mut Record| (record.suspended, record.suspension_ends_at) = (true, until);
        self.decide("suspend", suspend, |record| !record.revoked, change);
    }

    fn reinstate(&mut self) {
        let end = |record: &mut Record| {
            (record.suspended, record.suspension_ends_at, record.revoked) = (false, 0, false);
        };
        if self.random.one_in(2) {
            return self.decide("reinstate", Tree::reinstate_instruction, Record::is_blocked, end);
        }
        // Whoever passes by does when its time is over.
        let Some(item) = self.in_service() else { return };
        let (stranger, now) = (self.some_owner(), self.now());
        let tree = &self.trees[self.items[item].tree];
        let mut reinstate = tree.reinstate_instruction(&self.chain.world, &self.network, &self.items[item].nft);
        reinstate.accounts[0].pubkey = stranger.pubkey();
        let record = self.items[item].node.as_ref().expect("it is in service");
        let possible = record.suspended && !record.revoked && now >= record.suspension_ends_at;
        self.attempt("reinstate", reinstate, &[&stranger], possible);
        if possible {
            end(self.items[item].node.as_mut().expect("it is in service"));
        }
    }

    fn revoke(&mut self) {
        self.decide("revoke", Tree::revoke_instruction, |record| !record.revoked, |record| record.revoked = true);
    }

    /// The machine as its node has it: with the owner who may speak for it.
    fn as_recorded(&self, item: usize) -> Machine {
        let owner = self.items[item].node.as_ref().expect("it is in service").owner;
        Machine { owner, ..self.items[item].nft.clone() }
    }

    fn change_specification(&mut self) {
        let Some(item) = self.in_service() else { return };
        let machine = self.as_recorded(item);
        let old = self.items[item].node.as_ref().expect("it is in service").specification;
        let class = self.some_class();
        let specification = if self.random.one_in(4) { old } else { self.some_specification_for(item, machine.owner) };
        let tree = &self.trees[self.items[item].tree];
        let change = tree.change_specification_instruction(&self.chain.world, &machine, specification, class);
        let record = self.items[item].node.as_ref().expect("it is in service");
        let free = specification == old
            || self.claims.get(&specification).is_some_and(|holder| holder.is_for(item, machine.owner));
        let possible = !record.is_blocked() && free && self.still_owns(item);
        self.attempt("change the specification", change, &[&self.owner(machine.owner)], possible);
        if possible {
            let until = self.now() + RESERVATION_PERIOD.0 as i64;
            self.claims.insert(old, Holder::Owner(machine.owner, until));
            self.claims.insert(specification, Holder::Used(item));
            let record = self.items[item].node.as_mut().expect("it is in service");
            (record.specification, record.class) = (specification, class);
            record.renew();
        }
    }

    fn set_operator(&mut self) {
        let Some(item) = self.in_service() else { return };
        let (machine, by, operator) = (self.as_recorded(item), self.some_owner(), self.some_operator());
        let signed = Machine { owner: by.pubkey(), ..machine.clone() };
        let set = self.trees[self.items[item].tree].set_operator_instruction(&signed, operator);
        let possible = by.pubkey() == machine.owner && self.still_owns(item);
        self.attempt("set the operator", set, &[&by], possible);
        if possible {
            self.items[item].node.as_mut().expect("it is in service").operator = operator;
        }
    }

    fn deactivate(&mut self) {
        let Some(item) = self.in_service() else { return };
        let machine = self.as_recorded(item);
        let record = self.items[item].node.clone().expect("it is in service");
        let signs = self.random.one_in(2);
        let owner = self.owner(machine.owner);
        let tree = &self.trees[self.items[item].tree];
        let world = &self.chain.world;
        let deactivate =
            if signs { tree.leave_instruction(world, &machine) } else { tree.deactivate_instruction(world, &machine) };
        let lost = record.lost && self.now() >= record.synced + LOST_DELAY.0 as i64;
        let possible = !record.is_blocked() && (lost || signs && self.still_owns(item));
        let signers: &[&Keypair] = if signs { &[&owner] } else { &[] };
        self.attempt("deactivate", deactivate, signers, possible);
        if possible {
            let until = self.now() + RESERVATION_PERIOD.0 as i64;
            let holder = if lost { Holder::Machine(item, until) } else { Holder::Owner(record.owner, until) };
            self.claims.insert(record.specification, holder);
            self.items[item].node = None;
        }
    }

    fn strike(&mut self) {
        let Some(item) = self.in_service() else { return };
        let now = self.now();
        let record = self.items[item].node.as_ref().expect("it is in service");
        let id = match record.words.first() {
            Some(word) if !self.random.one_in(4) => word.attestor,
            _ => 1,
        };
        let possible = record.words.iter().any(|word| word.attestor == id && now < word.expires);
        let authority = self.authority();
        let tree = &self.trees[self.items[item].tree];
        let strike = tree.strike_instruction(&self.chain.world, &self.network, &self.items[item].nft, id);
        self.attempt("strike", strike, &[&authority], possible);
        if possible {
            let record = self.items[item].node.as_mut().expect("it is in service");
            record.words.retain(|word| word.attestor != id);
        }
    }

    /// The root as account compression has it: that of the newest change.
    fn root_on_chain(&self, tree: &Tree) -> [u8; 32] {
        const HEADER: usize = 56;
        let account = self.chain.account(tree.merkle_tree).expect("the tree is there");
        let newest = u64::from_le_bytes(account.data[HEADER + 8..HEADER + 16].try_into().unwrap()) as usize;
        let change = 32 + 32 * SHAPE.0 as usize + 8;
        let at = HEADER + 24 + newest * change;
        account.data[at..at + 32].try_into().unwrap()
    }
}

impl super::Actors for Machines {
    const ACTIONS: &'static [&'static str] = &[
        "mint",
        "transfer",
        "burn",
        "activate",
        "sync",
        "challenge",
        "an old proof",
        "attest",
        "withdraw",
        "refresh",
        "add an attestor",
        "remove an attestor",
        "suspend",
        "reinstate",
        "revoke",
        "change the specification",
        "set the operator",
        "deactivate",
        "commit",
        "reserve",
        "close a commitment",
        "release",
        "strike",
        "propose a policy",
        "execute a policy",
        "collect fees",
    ];

    fn new(mut world: World, random: Random) -> Self {
        let network = Rc::new(Network::new(&mut world, &[]).0);
        let owners = (0..OWNERS).map(|_| world.user()).collect();
        let operators = (1..6).map(|number| Address::new_from_array([number; 32])).collect();
        let mut machines = Self::arrive(&mut world, network, owners, operators);
        (machines.random, machines.chain) = (random, Shared::new(TrackedWorld::new(world)));
        machines.chain.may_stay = false;
        machines
    }

    fn act(&mut self) {
        match self.random.below(120) {
            0..12 if self.items.len() < 80 || self.random.one_in(8) => self.mint(),
            0..12 => self.attest(),
            12..20 => self.transfer(),
            20..23 => self.burn(),
            23..37 => self.activate(),
            37..48 => self.sync(),
            48..56 => self.challenge(),
            56..59 => self.keep_for_later(),
            59..63 => self.use_what_was_kept(),
            63..75 => self.attest(),
            75..79 => self.withdraw(),
            79..83 => self.refresh(),
            83..85 => self.change_attestors(),
            85..87 => self.suspend(),
            87..89 => self.reinstate(),
            89..90 => self.revoke(),
            90..93 => self.change_specification(),
            93..95 => self.set_operator(),
            95..98 => self.deactivate(),
            98..100 => self.collect(),
            100..102 => self.change_policy(),
            105..117 => self.reserve(),
            117..119 => self.release(),
            119 => self.strike(),
            102.. if !self.random.one_in(self.pace) => {}
            102 => {
                let random = &mut self.random;
                self.chain.pass_to_a_deadline(random, 100 * DAY);
            }
            _ => {
                let seconds = self.random.below(3 * DAY);
                self.chain.world.pass(seconds);
            }
        }
    }

    /// What is on chain is what should be.
    fn check(&self) {
        let now = self.now();
        let moments = [now, now + 1, now + DAY as i64, now + 10 * DAY as i64, now + 60 * DAY as i64, i64::MAX - 1];
        for item in &self.items {
            let Some(record) = &item.node else {
                assert!(self.chain.find::<Node>(item.address).is_none(), "a node of nothing");
                continue;
            };
            let node: Node = self.chain.read(item.address);
            assert_eq!((node.owner, node.operator, node.asset), (record.owner, record.operator, item.nft.asset));
            assert_eq!((node.class, node.specification), (record.class, record.specification));
            assert_eq!((node.version, node.status, node.synced_at.0), (record.version, record.status(), record.synced));
            assert_eq!(node.suspension_ends_at.0, record.suspension_ends_at);
            for moment in moments {
                assert_eq!(moment < node.class_expires_at.0, record.stands(moment), "standing at {moment}");
                let serves = record.status() == status::ACTIVE && record.stands(moment);
                assert_eq!(node.serves(record.class, Timestamp(moment)), serves);
            }
        }
        // As many claims as machines have, and each where it says.
        let registry = self.trees[0].registry;
        let claims: Vec<(Address, &SpecificationClaim)> = self.chain.all::<SpecificationClaim>().collect();
        assert_eq!(claims.len(), self.claims.len());
        let none = Address::default();
        for (specification, holder) in &self.claims {
            let (_, claim) = claims.iter().find(|(_, claim)| claim.specification == *specification).expect("a claim");
            let (node, owner, until) = match *holder {
                Holder::Used(item) => (self.items[item].address, none, 0),
                Holder::Owner(owner, until) => (none, owner, until),
                Holder::Machine(item, until) => (self.items[item].address, none, until),
            };
            assert_eq!((claim.node, claim.owner, claim.reservation_ends_at.0), (node, owner, until));
            let user = if let Holder::Used(item) = *holder { self.items[item].node.as_ref() } else { None };
            assert!(user.is_none_or(|record| record.specification == *specification));
            assert_eq!(claim.revoked == 1, user.is_some_and(|record| record.revoked));
        }
        // What was paid for machines lies with the trees, or where the policy sends it.
        let trees = self.chain.all::<joule_identity_interface::state::Tree>();
        let fees: u64 = (trees.filter(|(_, tree)| tree.registry == registry))
            .map(|(address, _)| self.chain.account(address).expect("it is there").lamports)
            .sum();
        let rent = self.trees.len() as u64 * self.chain.world.rent(256);
        assert_eq!(fees - rent + self.collected, self.charged);
        for (number, tree) in self.trees.iter().enumerate() {
            assert_eq!(self.root_on_chain(tree), tree.root(), "the copy of tree {number}");
        }
    }

    fn chain(&self) -> &TrackedWorld {
        &self.chain
    }

    fn into_chain(self) -> TrackedWorld {
        for name in CAN_FAIL.iter().filter(|_| self.chain.taken() > 1_500) {
            assert!(self.refused.contains_key(name), "never refused: {name}");
        }
        self.chain.into_inner()
    }

    fn random(&self) -> &Random {
        &self.random
    }
}

/// What a long run must have seen refused.
const CAN_FAIL: [&str; 17] = [
    "mint",
    "transfer",
    "burn",
    "activate",
    "sync",
    "challenge",
    "an old proof",
    "attest",
    "withdraw",
    "suspend",
    "reinstate",
    "revoke",
    "change the specification",
    "set the operator",
    "deactivate",
    "reserve",
    "release",
];
