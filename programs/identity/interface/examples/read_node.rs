//! Whether a machine serves a class now: the question that a market asks.
use {
    joule_identity_interface::{
        ID, pda,
        state::{Node, status},
    },
    joule_interface::{Account, Address},
    joule_math::Timestamp,
};

/// `owner` and `data` of an account, as an RPC node gives them.
fn serves(owner: &Address, data: &[u8], operator: &Address, class: u32, now: Timestamp) -> bool {
    Node::read(owner, data).is_some_and(|node| node.operator == *operator && node.serves(class, now))
}

fn main() {
    let [network, operator] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
    let registry = pda::registry::find(&network).0;
    let mut node = Node { registry, network, operator, class: 4, status: status::ACTIVE, ..Node::default() };
    node.class_expires_at = Timestamp(1_790_000_000);
    assert!(node.serves(4, Timestamp(1_789_999_999)) && !node.serves(5, Timestamp(1_789_999_999)));
    assert!(!serves(&ID, &[0; 8], &operator, 4, Timestamp(1_789_999_999)));
}
