//! What may be minted: Bubblegum's `MetadataArgs` or `MetadataArgsV2`, walked through in its borsh bytes, in which it is
//! passed on.
//!
//! Bubblegum checks all of this again. Here a caller learns what is wrong before anything is paid for, and the
//! registry's signature, which the mint carries, vouches for no creator but the registry.

use {
    crate::Result,
    joule_common::guard::require,
    joule_identity_interface::{IdentityError, state::Tree},
    joule_interface::Address,
};

/// Longest name, symbol and URI, bytes.
const MAX_NAME: usize = 32;
const MAX_SYMBOL: usize = 10;
const MAX_URI: usize = 200;
const MAX_SELLER_FEE: u16 = 10_000;
const MAX_CREATORS: usize = 5;
const WHOLE_SHARE: u8 = 100;

/// Address, verified, share.
const CREATOR: usize = 32 + 1 + 1;

/// The bytes are one metadata of the tree's schema, within the limits, with no verified creator but the registry. In
/// schema 1 no collection is verified; in schema 2 it is the tree's.
#[inline(never)]
pub fn check(metadata: &[u8], tree: &Tree) -> Result<()> {
    let mut rest = metadata;
    let walked = if tree.schema == 1 { walk_1(&mut rest, &tree.registry) } else { walk_2(&mut rest, tree) };
    require(walked.is_some() && rest.is_empty(), IdentityError::InvalidMetadata)
}

/// `None` at the first byte that cannot stand where it does.
#[inline(always)]
fn walk_1(rest: &mut &[u8], registry: &Address) -> Option<()> {
    head(rest)?;
    if option(rest)? {
        let _edition_nonce: &[u8; 1] = array(rest)?;
    }
    non_fungible(rest)?;
    if option(rest)? {
        let verified = variant(rest, 2)? == 1;
        let _collection: &[u8; 32] = array(rest)?;
        if verified {
            return None;
        }
    }
    if option(rest)? {
        let _use_method = variant(rest, 3)?;
        let _remaining_and_total: &[u8; 16] = array(rest)?;
    }
    let _token_program_version = variant(rest, 2)?;
    creators(rest, registry)
}

#[inline(always)]
fn walk_2(rest: &mut &[u8], tree: &Tree) -> Option<()> {
    head(rest)?;
    non_fungible(rest)?;
    creators(rest, &tree.registry)?;
    let collection = if option(rest)? { Some(array(rest)?) } else { None };
    let the_trees = Some(tree.collection.as_array()).filter(|collection| **collection != [0; 32]);
    (collection == the_trees).then_some(())
}

/// Name, symbol, URI, fee, and two booleans.
#[inline(always)]
fn head(rest: &mut &[u8]) -> Option<()> {
    text(rest, MAX_NAME)?;
    text(rest, MAX_SYMBOL)?;
    text(rest, MAX_URI)?;
    let seller_fee = u16::from_le_bytes(*array(rest)?);
    let _primary_sale_happened = variant(rest, 2)?;
    let _is_mutable = variant(rest, 2)?;
    (seller_fee <= MAX_SELLER_FEE).then_some(())
}

#[inline(always)]
fn non_fungible(rest: &mut &[u8]) -> Option<()> {
    let token_standard = option(rest)?.then(|| variant(rest, 4)).flatten();
    (token_standard == Some(NON_FUNGIBLE)).then_some(())
}

const NON_FUNGIBLE: u8 = 0;

/// None, or up to five different ones who share the whole.
#[inline(always)]
fn creators(rest: &mut &[u8], registry: &Address) -> Option<()> {
    let count = u32::from_le_bytes(*array(rest)?) as usize;
    if count == 0 {
        return Some(());
    }
    if count > MAX_CREATORS {
        return None;
    }
    let (all, _) = rest.as_chunks::<CREATOR>();
    let all = all.get(..count)?;
    let mut shared = 0u8;
    for (index, creator) in all.iter().enumerate() {
        let (address, verified) = (&creator[..32], variant(&mut &creator[32..33], 2)? == 1);
        if verified && address != registry.as_ref() || all[..index].iter().any(|other| &other[..32] == address) {
            return None;
        }
        shared = shared.checked_add(creator[33])?;
    }
    *rest = &rest[count * CREATOR..];
    (shared == WHOLE_SHARE).then_some(())
}

/// UTF-8 of at most `max` bytes behind its length.
#[inline(always)]
fn text(rest: &mut &[u8], max: usize) -> Option<()> {
    let length = u32::from_le_bytes(*array(rest)?) as usize;
    let (text, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    (length <= max && (is_ascii(text) || core::str::from_utf8(text).is_ok())).then_some(())
}

/// Word by word, the last ones again where they do not come out even: the library's goes byte by byte through short ones.
#[inline(always)]
fn is_ascii(text: &[u8]) -> bool {
    let words = text.as_chunks::<8>().0.iter().fold(0, |bits, word| bits | u64::from_le_bytes(*word));
    let rest = match (text.last_chunk(), text.first_chunk(), text.last_chunk()) {
        (Some(last), ..) => u64::from_le_bytes(*last),
        (None, Some(first), Some(last)) => (u32::from_le_bytes(*first) | u32::from_le_bytes(*last)) as u64,
        _ => text.iter().fold(0, |bits, byte| bits | *byte as u64),
    };
    (words | rest) & 0x8080_8080_8080_8080 == 0
}

/// Whether there is a value.
#[inline(always)]
fn option(rest: &mut &[u8]) -> Option<bool> {
    Some(variant(rest, 2)? == 1)
}

/// One of `count` variants; of two, for a boolean.
#[inline(always)]
fn variant(rest: &mut &[u8], count: u8) -> Option<u8> {
    let &[variant] = array(rest)?;
    (variant < count).then_some(variant)
}

/// The next `N` bytes.
#[inline(always)]
fn array<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(head)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        borsh::BorshDeserialize,
        mpl_bubblegum::types::*,
        proptest::{collection::vec, option, prelude::*, sample::Index},
        std::collections::HashSet,
    };

    const REGISTRY: Address = Address::new_from_array([9; 32]);
    const COLLECTION: Address = Address::new_from_array([12; 32]);

    /// A tree of schema 1, one of schema 2 with a collection, and one without.
    fn trees() -> [Tree; 3] {
        [(1, Address::default()), (2, COLLECTION), (2, Address::default())].map(|(schema, collection)| Tree {
            registry: REGISTRY,
            schema,
            collection,
            ..Tree::default()
        })
    }

    /// Bubblegum's own rules (`asserts.rs`, `processor/mint.rs`), with the registry as the only signer.
    fn bubblegum_mints(metadata: &MetadataArgs) -> bool {
        let creators = &metadata.creators;
        let different: HashSet<_> = creators.iter().map(|creator| creator.address).collect();
        let shares: u32 = creators.iter().map(|creator| creator.share as u32).sum();
        metadata.name.len() <= 32
            && metadata.symbol.len() <= 10
            && metadata.uri.len() <= 200
            && metadata.seller_fee_basis_points <= 10_000
            && creators.len() <= 5
            && different.len() == creators.len()
            && (creators.is_empty() || shares == 100)
            && creators.iter().all(|creator| !creator.verified || creator.address == REGISTRY)
            && metadata.collection.as_ref().is_none_or(|collection| !collection.verified)
            && metadata.token_standard == Some(TokenStandard::NonFungible)
    }

    fn agrees(bytes: &[u8]) -> bool {
        let theirs = MetadataArgs::try_from_slice(bytes).is_ok_and(|metadata| bubblegum_mints(&metadata));
        let [first, collects, alone] = trees();
        let in_collection = |of: Option<Address>| {
            MetadataArgsV2::try_from_slice(bytes)
                .is_ok_and(|metadata| metadata.collection == of && bubblegum_mints(&as_first(&metadata)))
        };
        check(bytes, &first).is_ok() == theirs
            && check(bytes, &collects).is_ok() == in_collection(Some(COLLECTION))
            && check(bytes, &alone).is_ok() == in_collection(None)
    }

    /// The rules of what both schemas have are the same.
    fn as_first(metadata: &MetadataArgsV2) -> MetadataArgs {
        MetadataArgs {
            name: metadata.name.clone(),
            symbol: metadata.symbol.clone(),
            uri: metadata.uri.clone(),
            seller_fee_basis_points: metadata.seller_fee_basis_points,
            primary_sale_happened: metadata.primary_sale_happened,
            is_mutable: metadata.is_mutable,
            edition_nonce: None,
            token_standard: metadata.token_standard.clone(),
            collection: None,
            uses: None,
            token_program_version: TokenProgramVersion::Original,
            creators: metadata.creators.clone(),
        }
    }

    fn as_second(metadata: &MetadataArgs, collection: Option<Address>) -> MetadataArgsV2 {
        MetadataArgsV2 {
            name: metadata.name.clone(),
            symbol: metadata.symbol.clone(),
            uri: metadata.uri.clone(),
            seller_fee_basis_points: metadata.seller_fee_basis_points,
            primary_sale_happened: metadata.primary_sale_happened,
            is_mutable: metadata.is_mutable,
            token_standard: metadata.token_standard.clone(),
            creators: metadata.creators.clone(),
            collection,
        }
    }

    /// In both schemas, in the tree's collection or another's.
    fn bytes_of(metadata: &MetadataArgs, collection: Option<Address>) -> [Vec<u8>; 2] {
        [borsh::to_vec(metadata).unwrap(), borsh::to_vec(&as_second(metadata, collection)).unwrap()]
    }

    fn collection() -> impl Strategy<Value = Option<Address>> {
        prop_oneof![4 => Just(None), 4 => Just(Some(COLLECTION)), 1 => Just(Some(REGISTRY)), 1 => Just(Some(Address::default()))]
    }

    fn rarely<T: Clone + std::fmt::Debug>(other: T, usual: T) -> impl Strategy<Value = T> {
        prop_oneof![1 => Just(other), 12 => Just(usual)]
    }

    fn text(max: usize) -> impl Strategy<Value = String> {
        let letters = |length| vec(prop::char::range('a', 'z'), length);
        let of_any_length = (0..=max).prop_flat_map(letters);
        let chars =
            prop_oneof![12 => of_any_length, 1 => letters(max), 1 => letters(max + 1), 2 => vec(any::<char>(), 0..4)];
        chars.prop_map(String::from_iter)
    }

    fn creators() -> impl Strategy<Value = Vec<Creator>> {
        let address = (5..10u8).prop_map(|byte| Address::new_from_array([byte; 32]));
        let creators = vec((address, rarely(true, false)), 0..=6);
        (creators, rarely(1, 0)).prop_map(|(creators, excess)| {
            let equal = 100 / creators.len().max(1) as u8;
            let first = 100 - equal * creators.len().saturating_sub(1) as u8 + excess;
            let creators = creators.into_iter().enumerate();
            creators
                .map(|(index, (address, verified))| Creator {
                    address,
                    verified,
                    share: if index == 0 { first } else { equal },
                })
                .collect()
        })
    }

    /// Mostly valid, now and then over a limit.
    fn metadata() -> impl Strategy<Value = MetadataArgs> {
        let fee = prop_oneof![12 => 0..=10_000u16, 1 => 10_001..=u16::MAX];
        let standard = prop_oneof![
            12 => Just(Some(TokenStandard::NonFungible)),
            1 => Just(Some(TokenStandard::NonFungibleEdition)),
            1 => Just(None),
        ];
        let key = any::<[u8; 32]>().prop_map(Address::new_from_array);
        let collection = (rarely(true, false), key).prop_map(|(verified, key)| Collection { verified, key });
        let uses =
            any::<(u64, u64)>().prop_map(|(remaining, total)| Uses { use_method: UseMethod::Single, remaining, total });
        let options = (option::of(any::<u8>()), standard, option::of(collection), option::of(uses));
        (text(MAX_NAME), text(MAX_SYMBOL), text(MAX_URI), fee, any::<(bool, bool)>(), options, creators()).prop_map(
            |(name, symbol, uri, fee, (sold, mutable), (edition, standard, collection, uses), creators)| MetadataArgs {
                name,
                symbol,
                uri,
                seller_fee_basis_points: fee,
                primary_sale_happened: sold,
                is_mutable: mutable,
                edition_nonce: edition,
                token_standard: standard,
                collection,
                uses,
                token_program_version: TokenProgramVersion::Token2022,
                creators,
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn agrees_with_bubblegum(metadata in metadata(), collection in collection()) {
            for bytes in bytes_of(&metadata, collection) {
                prop_assert!(agrees(&bytes));
            }
        }

        #[test]
        fn agrees_on_broken_bytes(
            metadata in metadata(), collection in collection(), at: Index, byte: u8, end: Index, more in vec(any::<u8>(), 0..3),
        ) {
            for mut bytes in bytes_of(&metadata, collection) {
                let at = at.index(bytes.len());
                bytes[at] = byte;
                prop_assert!(agrees(&bytes));
                prop_assert!(agrees(&bytes[..end.index(bytes.len())]));
                bytes.extend_from_slice(&more);
                prop_assert!(agrees(&bytes));
            }
        }
    }

    #[test]
    fn a_byte_that_is_not_ascii_is_seen_wherever_it_is() {
        for length in 0..40 {
            let mut text = vec![127; length];
            assert!(is_ascii(&text));
            for place in 0..length {
                text[place] = 128;
                assert!(!is_ascii(&text), "{place} of {length}");
                text[place] = 127;
            }
        }
    }

    #[test]
    fn a_valid_one_is_valid() {
        let metadata = MetadataArgs {
            name: "machine".into(),
            symbol: "NODE".into(),
            uri: "https://example.org".into(),
            seller_fee_basis_points: 0,
            primary_sale_happened: false,
            is_mutable: false,
            edition_nonce: None,
            token_standard: Some(TokenStandard::NonFungible),
            collection: None,
            uses: None,
            token_program_version: TokenProgramVersion::Original,
            creators: vec![],
        };
        let [first, collects, alone] = trees();
        let [one, two] = bytes_of(&metadata, Some(COLLECTION));
        assert_eq!((check(&one, &first), check(&two, &collects)), (Ok(()), Ok(())));
        assert_eq!(check(&bytes_of(&metadata, None)[1], &alone), Ok(()));
        for (bytes, tree) in [(&one, &collects), (&two, &first), (&two, &alone)] {
            assert_eq!(check(bytes, tree), Err(IdentityError::InvalidMetadata));
        }
    }
}
