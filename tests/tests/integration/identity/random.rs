//! Random actions, each of which a model of the registry and a Merkle tree kept off chain foresee: whether it is accepted,
//! and what every `Node` says afterwards.
//!
//! Machines are minted, sold and burned at the real Bubblegum, by owners, into trees that follow one another; proofs are
//! taken from the copy, some of them used only after the tree has changed. Of those that are older than the tree's buffer
//! it is not foreseen whether they hold, only that they never prove what is not there. After a failure the seed and the
//! number of the action say where.

use {super::*, std::collections::BTreeMap};

const ACTIONS: u32 = 6_000;
const OWNERS: usize = 4;
/// Depth and buffer of the trees.
const SHAPE: (u32, u32) = (5, 8);
/// Classes, and the weight that each asks for.
const CLASSES: [(u32, u32); 3] = [(7, 0), (8, 3), (9, 6)];

fn threshold(class: u32) -> u32 {
    CLASSES.iter().find(|(id, _)| *id == class).expect("one of the classes").1
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % end
    }

    fn place(&mut self, end: usize) -> usize {
        self.below(end as u64) as usize
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }
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

/// A machine: its NFT as it is, and its node as it should be.
#[derive(Clone, Debug)]
struct Item {
    tree: usize,
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

struct Play {
    random: Random,
    story: Story,
    /// The trees that the story does not hold at the moment, in the order of their creation; a stand-in for that one.
    trees: Vec<Tree>,
    current: usize,
    /// Changes that each tree has seen.
    changes: Vec<u64>,
    owners: [Keypair; OWNERS],
    items: Vec<Item>,
    /// The attestors, with their weights.
    vouchers: Vec<(Voucher, u32)>,
    /// Who has a specification.
    claims: BTreeMap<[u8; 32], usize>,
    stale: Vec<Stale>,
    accepted: BTreeMap<&'static str, u32>,
    refused: BTreeMap<&'static str, u32>,
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut world = World::new();
        let network = Network::new(&mut world, &[]).0;
        create_registry(&world, &network);
        for (id, threshold) in CLASSES {
            add_class(&world, &network, id, threshold);
        }
        let owners: [Keypair; OWNERS] = std::array::from_fn(|_| world.user());
        let tree = Tree::new(&world, &network, SHAPE.0, SHAPE.1, 0).0;
        let stand_in = Tree::unborn(&network, OPERATOR, 1, 0);
        Self {
            random: Random(seed),
            story: Story { world, network, tree, owner: owners[0].insecure_clone() },
            trees: vec![stand_in],
            current: 0,
            changes: vec![0],
            owners,
            items: vec![],
            vouchers: vec![],
            claims: BTreeMap::new(),
            stale: vec![],
            accepted: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }

    /// Gives the story this tree.
    fn turn_to(&mut self, tree: usize) {
        if tree != self.current {
            std::mem::swap(&mut self.story.tree, &mut self.trees[self.current]);
            std::mem::swap(&mut self.story.tree, &mut self.trees[tree]);
            self.current = tree;
        }
    }

    fn now(&self) -> i64 {
        self.story.world.now().0
    }

    fn owner(&self, address: Address) -> Keypair {
        self.owners.iter().find(|owner| owner.pubkey() == address).expect("one of the owners").insecure_clone()
    }

    fn some_owner(&mut self) -> Keypair {
        self.owners[self.random.place(OWNERS)].insecure_clone()
    }

    fn some_class(&mut self) -> u32 {
        CLASSES[self.random.place(CLASSES.len())].0
    }

    fn some_operator(&mut self) -> Address {
        Address::new_from_array([self.random.below(200) as u8 + 1; 32])
    }

    /// One of few, so that machines get into each other's way.
    fn some_specification(&mut self) -> [u8; 32] {
        [self.random.below(40) as u8; 32]
    }

    /// Sends what the model foresees.
    #[track_caller]
    fn attempt(&mut self, name: &'static str, instruction: Instruction, signers: &[&Keypair], expected: bool) {
        let outcome = self.story.world.send(&[instruction], signers);
        match (&outcome, expected) {
            (Ok(_), true) | (Err(_), false) => {}
            (Ok(_), false) => panic!("{name}: accepted, and should not be"),
            (Err(failure), true) => panic!("{name}: {:?}\n{}", failure.error, failure.logs.join("\n")),
        }
        *if expected { &mut self.accepted } else { &mut self.refused }.entry(name).or_default() += 1;
    }

    /// A random machine, and the tree that it is in turned to.
    fn any(&mut self) -> Option<usize> {
        if self.items.is_empty() {
            return None;
        }
        let item = self.random.place(self.items.len());
        self.turn_to(self.items[item].tree);
        Some(item)
    }

    /// A random machine with a node.
    fn in_service(&mut self) -> Option<usize> {
        let with_node: Vec<_> = (0..self.items.len()).filter(|&item| self.items[item].node.is_some()).collect();
        if with_node.is_empty() {
            return None;
        }
        let item = with_node[self.random.place(with_node.len())];
        self.turn_to(self.items[item].tree);
        Some(item)
    }

    /// The leaf changed: in the copy as well.
    fn changed(&mut self, item: usize) {
        let Item { tree, ref nft, burned, .. } = self.items[item];
        self.story.tree.set_leaf(nft.nonce, if burned { EMPTY } else { nft.leaf() });
        self.changes[tree] += 1;
    }

    fn act(&mut self) {
        match self.random.below(100) {
            0..12 => self.mint(),
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
            _ => self.story.world.pass(self.random.below(3 * DAY)),
        }
    }

    fn mint(&mut self) {
        let newest = self.trees.len() - 1;
        self.turn_to(newest);
        let owner = self.some_owner().pubkey();
        let name = metadata(&format!("machine {}", self.items.len()));
        let mint = self.story.tree.mint_instruction(&self.story.world, &self.story.network, owner, &name);
        let authority = self.story.network.authority.insecure_clone();
        let room = self.items.iter().filter(|item| item.tree == newest).count() < 1 << SHAPE.0;
        self.attempt("mint", mint, &[&authority], room);
        if room {
            let nft = self.story.tree.minted(owner, name);
            self.changes[newest] += 1;
            self.items.push(Item { tree: newest, nft, burned: false, node: None });
        } else {
            let canopy = self.random.below(3) as u32;
            let tree = Tree::new(&self.story.world, &self.story.network, SHAPE.0, SHAPE.1, canopy).0;
            self.trees.push(tree);
            self.changes.push(0);
        }
    }

    fn transfer(&mut self) {
        let Some(item) = self.any() else { return };
        let (nft, to) = (self.items[item].nft.clone(), self.some_owner().pubkey());
        let transfer = self.story.tree.transfer_instruction(&nft, to);
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
        self.attempt("burn", self.story.tree.burn_instruction(&nft), &[&self.owner(nft.owner)], there);
        if there {
            self.items[item].burned = true;
            self.changed(item);
        }
    }

    fn activate(&mut self) {
        let Some(item) = self.any() else { return };
        // Sometimes by one who does not own it.
        let mut nft = self.items[item].nft.clone();
        if self.random.chance(8) {
            nft.owner = self.some_owner().pubkey();
        }
        let (class, operator, specification) = (self.some_class(), self.some_operator(), self.some_specification());
        let activate = self.story.tree.activate_instruction(&self.story.world, &nft, operator, class);
        let activate = activating(activate, |args| args.specification = specification);
        let activate = swap(activate, "claim", self.story.tree.claim(&specification));
        let possible = !self.items[item].burned
            && nft.owner == self.items[item].nft.owner
            && self.items[item].node.is_none()
            && !self.claims.contains_key(&specification);
        self.attempt("activate", activate, &[&self.owner(nft.owner)], possible);
        if possible {
            self.claims.insert(specification, item);
            self.items[item].node = Some(Record {
                owner: nft.owner,
                operator,
                class,
                specification,
                version: 1,
                synced: self.now(),
                lost: false,
                suspended: false,
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
        let mut sync = self.story.tree.sync_instruction(&nft, operator, record.class);
        let handed_over = nft.owner != record.owner;
        let signs = self.random.chance(2);
        let owner = self.owner(nft.owner);
        if signs {
            sync = signed(sync, "owner");
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
        let gone = self.random.chance(2);
        let challenge = self.story.tree.challenge_instruction(&nft, gone);
        let possible = if gone { burned } else { !burned && nft.owner != node.expect("it is in service").owner };
        self.attempt("challenge", challenge, &[], possible);
        if possible {
            self.items[item].node.as_mut().expect("it is in service").lost = true;
        }
    }

    /// Takes a proof that nothing changed, or that something did, and does not use it yet.
    fn keep_for_later(&mut self) {
        let Some(item) = self.in_service() else { return };
        let Item { tree, nft, burned, node } = self.items[item].clone();
        let record = node.expect("it is in service");
        let instruction = if burned || nft.owner != record.owner {
            self.story.tree.challenge_instruction(&nft, burned)
        } else {
            self.story.tree.sync_instruction(&nft, OPERATOR, record.class)
        };
        let leaf = self.story.tree.leaf(nft.nonce);
        self.stale.push(Stale { item, instruction, leaf, changes: self.changes[tree] });
    }

    fn use_what_was_kept(&mut self) {
        if self.stale.is_empty() {
            return;
        }
        let Stale { item, instruction, leaf, changes } = self.stale.swap_remove(self.random.place(self.stale.len()));
        let Item { tree, nft, node, .. } = self.items[item].clone();
        self.turn_to(tree);
        let Some(record) = node else { return };
        let same_leaf = self.story.tree.leaf(nft.nonce) == leaf;
        let challenges = instruction.data[0] == ChallengeNode::<()>::DISCRIMINANT;
        // The record may have changed as well: then other checks come first.
        let class = class(&self.story.tree.registry, record.class);
        let fits = if challenges {
            leaf == EMPTY || nft.owner != record.owner
        } else {
            nft.owner == record.owner && instruction.accounts[place(&instruction, "class")].pubkey == class
        };
        let remembered = self.changes[tree] - changes < SHAPE.1 as u64;
        let outcome = self.story.world.send(&[instruction], &[]);
        if !same_leaf || !fits {
            assert!(outcome.is_err(), "proved what is not there");
            *self.refused.entry("an old proof").or_default() += 1;
            return;
        }
        assert!(outcome.is_ok() || !remembered, "the buffer should remember: {outcome:?}");
        if outcome.is_err() {
            return;
        }
        *self.accepted.entry("an old proof").or_default() += 1;
        if challenges {
            self.items[item].node.as_mut().expect("it is in service").lost = true;
        } else {
            self.synced(item, nft.owner, OPERATOR);
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
        let attest = self.story.attest(voucher, &self.items[item].nft, Timestamp(expires));
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
        let withdraw = self.story.withdraw(voucher, &self.items[item].nft);
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
        self.attempt("refresh", self.story.refresh(&self.items[item].nft), &[], true);
        let now = self.now();
        let record = self.items[item].node.as_mut().expect("it is in service");
        for word in record.words.iter_mut().filter(|word| now < word.expires) {
            let attestor = self.vouchers.iter().find(|(voucher, _)| voucher.id == word.attestor);
            word.weight = attestor.map_or(0, |(_, weight)| *weight);
        }
    }

    fn change_attestors(&mut self) {
        if self.vouchers.len() < 6 || self.vouchers.len() < 12 && self.random.chance(2) {
            let weight = self.random.below(4) as u16 + 1;
            let voucher = self.story.add_attestor(weight);
            self.vouchers.push((voucher, weight as u32));
        } else {
            let (voucher, _) = self.vouchers.swap_remove(self.random.place(self.vouchers.len()));
            let authority = self.story.network.authority.insecure_clone();
            self.attempt("remove an attestor", self.story.remove_attestor(voucher.id), &[&authority], true);
        }
    }

    /// What the network does to a machine.
    fn decide(
        &mut self,
        name: &'static str,
        make: fn(&Story, &Machine) -> Instruction,
        possible: fn(&Record) -> bool,
        change: fn(&mut Record),
    ) {
        let Some(item) = self.in_service() else { return };
        let authority = self.story.network.authority.insecure_clone();
        let instruction = make(&self.story, &self.items[item].nft);
        let possible = possible(self.items[item].node.as_ref().expect("it is in service"));
        self.attempt(name, instruction, &[&authority], possible);
        if possible {
            change(self.items[item].node.as_mut().expect("it is in service"));
        }
    }

    fn suspend(&mut self) {
        self.decide("suspend", Story::suspend, |record| !record.is_blocked(), |record| record.suspended = true);
    }

    fn reinstate(&mut self) {
        let end = |record: &mut Record| (record.suspended, record.revoked) = (false, false);
        self.decide("reinstate", Story::reinstate, Record::is_blocked, end);
    }

    fn revoke(&mut self) {
        self.decide("revoke", Story::revoke, |record| !record.revoked, |record| record.revoked = true);
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
        let specification = if self.random.chance(4) { old } else { self.some_specification() };
        let change = self.story.change_specification(&machine, specification, class);
        let record = self.items[item].node.as_ref().expect("it is in service");
        let free = specification == old || !self.claims.contains_key(&specification);
        let possible = !record.is_blocked() && free;
        self.attempt("change the specification", change, &[&self.owner(machine.owner)], possible);
        if possible {
            self.claims.remove(&old);
            self.claims.insert(specification, item);
            let record = self.items[item].node.as_mut().expect("it is in service");
            (record.specification, record.class) = (specification, class);
            record.renew();
        }
    }

    fn set_operator(&mut self) {
        let Some(item) = self.in_service() else { return };
        let (machine, by, operator) = (self.as_recorded(item), self.some_owner(), self.some_operator());
        let set = SetOperator { owner: by.pubkey(), node: machine.node() };
        let possible = by.pubkey() == machine.owner;
        self.attempt("set the operator", set.instruction(&SetOperatorArgs { operator }), &[&by], possible);
        if possible {
            self.items[item].node.as_mut().expect("it is in service").operator = operator;
        }
    }

    fn deactivate(&mut self) {
        let Some(item) = self.in_service() else { return };
        let machine = self.as_recorded(item);
        let record = self.items[item].node.clone().expect("it is in service");
        let signs = self.random.chance(2);
        let owner = self.owner(machine.owner);
        let mut deactivate = self.story.deactivate(&machine);
        if signs {
            deactivate = signed(deactivate, "owner");
        }
        let possible = !record.is_blocked() && (signs || record.lost);
        let signers: &[&Keypair] = if signs { &[&owner] } else { &[] };
        self.attempt("deactivate", deactivate, signers, possible);
        if possible {
            self.claims.remove(&record.specification);
            self.items[item].node = None;
        }
    }

    /// What is on chain is what should be.
    fn check(&mut self) {
        let now = self.now();
        let world = &self.story.world;
        let moments = [now, now + 1, now + DAY as i64, now + 10 * DAY as i64, now + 60 * DAY as i64, i64::MAX - 1];
        for item in &self.items {
            let address = item.nft.node();
            let Some(record) = &item.node else {
                assert!(world.account(address).is_none(), "a node of nothing");
                continue;
            };
            let node: Node = world.read(address);
            assert_eq!((node.owner, node.operator, node.asset), (record.owner, record.operator, item.nft.asset));
            assert_eq!((node.class, node.specification), (record.class, record.specification));
            assert_eq!((node.version, node.status, node.synced.0), (record.version, record.status(), record.synced));
            for moment in moments {
                assert_eq!(moment < node.standing_until.0, record.stands(moment), "standing at {moment}");
                let serves = record.status() == status::ACTIVE && record.stands(moment);
                assert_eq!(node.serves(record.class, Timestamp(moment)), serves);
            }
        }
        let tree = &self.story.tree;
        for specification in (0..40).map(|byte| [byte; 32]) {
            let claim = world.account(tree.claim(&specification));
            match self.claims.get(&specification) {
                None => assert!(claim.is_none(), "a claim of nobody"),
                Some(&item) => {
                    let claim: Claim = world.read(tree.claim(&specification));
                    let record = self.items[item].node.as_ref().expect("whose specification it is");
                    assert_eq!((claim.node, claim.revoked == 1), (self.items[item].nft.node(), record.revoked));
                }
            }
        }
        for index in 0..self.trees.len() {
            self.turn_to(index);
            assert_eq!(self.root_on_chain(), self.story.tree.root(), "the copy of tree {index}");
        }
    }

    /// The root as account compression has it: that of the newest change.
    fn root_on_chain(&self) -> [u8; 32] {
        const HEADER: usize = 56;
        let account = self.story.world.account(self.story.tree.merkle_tree).unwrap();
        let newest = u64::from_le_bytes(account.data[HEADER + 8..HEADER + 16].try_into().unwrap()) as usize;
        let change = 32 + 32 * SHAPE.0 as usize + 8;
        let at = HEADER + 24 + newest * change;
        account.data[at..at + 32].try_into().unwrap()
    }
}

fn run(seed: u64) {
    let mut play = Play::new(seed);
    for action in 0..ACTIONS {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            play.act();
            if action % 20 == 19 {
                play.check();
            }
        }));
        if let Err(panic) = outcome {
            eprintln!("seed {seed:#x}, action {action}");
            std::panic::resume_unwind(panic);
        }
    }
    eprintln!("seed {seed:#x}: {:?}; refused: {:?}", play.accepted, play.refused);
    // A run in which nothing happens proves nothing: each kind of action was taken, and refused where it can be.
    let can_fail = [
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
    ];
    for name in can_fail.iter().chain(&["refresh", "remove an attestor"]) {
        assert!(play.accepted.contains_key(name), "seed {seed:#x}: never: {name}");
    }
    for name in can_fail {
        assert!(play.refused.contains_key(name), "seed {seed:#x}: never refused: {name}");
    }
}

#[test]
fn records_follow_the_leaves_in_the_first_chain() {
    run(0x9e37_79b9_7f4a_7c15);
}

#[test]
fn records_follow_the_leaves_in_the_second_chain() {
    run(0xbf58_476d_1ce4_e5b9);
}
