//! Where the four programs are. This is the one place: the programs, their builders, their IDLs and whatever is made from
//! those take the ids from here.
//!
//! Nobody holds the keys of the ids below. A deployment has ids of its own: set `JOULE_BME_ID`, `JOULE_STAKE_ID`,
//! `JOULE_ESCROW_ID` and `JOULE_IDENTITY_ID`, all four, when you compile; `scripts/deploy` sets them from its key pairs.
//! In a project that uses the interface crates, set them in `.cargo/config.toml`:
//!
//! ```toml
//! [env]
//! JOULE_BME_ID = "…"
//! JOULE_STAKE_ID = "…"
//! JOULE_ESCROW_ID = "…"
//! JOULE_IDENTITY_ID = "…"
//! ```

use crate::Address;

const SET: [Option<&str>; 4] = [
    option_env!("JOULE_BME_ID"),
    option_env!("JOULE_STAKE_ID"),
    option_env!("JOULE_ESCROW_ID"),
    option_env!("JOULE_IDENTITY_ID"),
];

/// `bme`.
pub const BME: Address = id(SET[0], "JouLeBme11111111111111111111111111111111111");
/// `stake`.
pub const STAKE: Address = id(SET[1], "JouLeStake111111111111111111111111111111111");
/// `escrow`.
pub const ESCROW: Address = id(SET[2], "JouLeEscrow11111111111111111111111111111111");
/// `identity`.
pub const IDENTITY: Address = id(SET[3], "JouLeNode1111111111111111111111111111111111");

const fn id(set: Option<&str>, placeholder: &str) -> Address {
    Address::from_str_const(match set {
        Some(id) => id,
        None => placeholder,
    })
}

/// Whether all ids are set, or none: otherwise one program would call another at a placeholder.
const fn are_whole(set: [Option<&str>; 4]) -> bool {
    let first = set[0].is_some();
    set[1].is_some() == first && set[2].is_some() == first && set[3].is_some() == first
}

const _: () = assert!(
    are_whole(SET),
    "set JOULE_BME_ID, JOULE_STAKE_ID, JOULE_ESCROW_ID and JOULE_IDENTITY_ID, all four or none"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_set_replaces_the_placeholder() {
        let placeholder = "JouLeBme11111111111111111111111111111111111";
        let given = "So11111111111111111111111111111111111111112";
        assert_eq!(id(Some(given), placeholder), Address::from_str_const(given));
        assert_eq!(id(None, placeholder), Address::from_str_const(placeholder));
    }

    #[test]
    fn one_id_is_not_set_without_the_others() {
        assert!(are_whole([None; 4]));
        assert!(are_whole([Some(""); 4]));
        for missing in 0..4 {
            let mut set = [Some(""); 4];
            set[missing] = None;
            assert!(!are_whole(set), "{missing}");
        }
    }
}
