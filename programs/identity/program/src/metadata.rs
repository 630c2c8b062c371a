//! What may be minted: Bubblegum's `MetadataArgs` or `MetadataArgsV2`, in borsh.
//!
//! Bubblegum checks all of this again. The check here tells a caller what is wrong before anything is paid for. It also
//! keeps the registry's signature, which the mint carries, from verifying any creator but the registry.

use {
    crate::Result,
    borsh::BorshDeserialize,
    joule_common::{guard, guard::require},
    joule_identity_interface::{IdentityError, state::Tree},
    joule_interface::Address,
    mpl_bubblegum::types::{Collection, Creator, TokenProgramVersion, TokenStandard, Uses},
};

/// Longest name, symbol and URI, in bytes.
const MAX_TEXTS: [usize; 3] = [32, 10, 200];
const MAX_SELLER_FEE: u16 = 10_000;
const MAX_CREATORS: usize = 5;
const WHOLE_SHARE: u32 = 100;

/// Checks that the bytes are one metadata of the tree's schema, within the limits, and that no creator is verified but
/// the registry. In schema 1 no collection is verified; in schema 2 the collection is the tree's.
#[inline(never)]
pub fn check(metadata: &[u8], tree: &Tree) -> Result<()> {
    let mut rest = metadata;
    let texts = MAX_TEXTS.iter().all(|max| is_text(&mut rest, *max));
    let valid = texts && if tree.schema == 1 { is_valid_v1(&mut rest, tree) } else { is_valid_v2(&mut rest, tree) };
    require(valid && rest.is_empty(), IdentityError::InvalidMetadata)
}

/// Both schemas begin with their texts. The crate's `MetadataArgs` would copy them to the heap, for 490 compute units:
/// 1.5 % of a mint. So they are checked in place, and only what follows them is decoded.
#[inline(always)]
fn is_text(rest: &mut &[u8], max: usize) -> bool {
    let Some(text) = take_text(rest) else { return false };
    // Most texts are ASCII, which the standard library sees faster than it reads UTF-8.
    text.len() <= max && (text.is_ascii() || core::str::from_utf8(text).is_ok())
}

/// The text with which `rest` begins, in borsh, of whatever bytes. borsh would copy it to the heap, and an absurd length exceeds
/// that.
#[inline(always)]
pub fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, tail) = rest.split_first_chunk()?;
    let (text, tail) = tail.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = tail;
    Some(text)
}

#[inline(always)]
fn is_valid_v1(rest: &mut &[u8], tree: &Tree) -> bool {
    /// The fields of `MetadataArgs` behind its texts.
    type Fields = (
        u16,
        bool,
        bool,
        Option<u8>,
        Option<TokenStandard>,
        Option<Collection>,
        Option<Uses>,
        TokenProgramVersion,
        Vec<Creator>,
    );
    let decoded = Fields::deserialize(rest);
    let Ok((seller_fee, _sold, _mutable, _edition, standard, collection, _uses, _program, creators)) = &decoded else {
        return false;
    };
    is_valid(*seller_fee, standard, creators, tree) && collection.as_ref().is_none_or(|collection| !collection.verified)
}

#[inline(always)]
fn is_valid_v2(rest: &mut &[u8], tree: &Tree) -> bool {
    /// The fields of `MetadataArgsV2` behind its texts.
    type Fields = (u16, bool, bool, Option<TokenStandard>, Vec<Creator>, Option<Address>);
    let decoded = Fields::deserialize(rest);
    let Ok((seller_fee, _sold, _mutable, standard, creators, collection)) = &decoded else { return false };
    is_valid(*seller_fee, standard, creators, tree)
        && *collection == Some(tree.collection).filter(|collection| *collection != Address::default())
}

/// The rules of both schemas. Up to five different creators share the whole.
#[inline(always)]
fn is_valid(seller_fee: u16, standard: &Option<TokenStandard>, creators: &[Creator], tree: &Tree) -> bool {
    let different = |(index, creator): (usize, &Creator)| {
        creators[..index].iter().all(|other| !guard::eq(&other.address, &creator.address))
    };
    seller_fee <= MAX_SELLER_FEE
        && *standard == Some(TokenStandard::NonFungible)
        && creators.len() <= MAX_CREATORS
        && creators.iter().all(|creator| !creator.verified || guard::eq(&creator.address, &tree.registry))
        && creators.iter().enumerate().all(different)
        && (creators.is_empty() || creators.iter().map(|creator| creator.share as u32).sum::<u32>() == WHOLE_SHARE)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
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
        (text(MAX_TEXTS[0]), text(MAX_TEXTS[1]), text(MAX_TEXTS[2]), fee, any::<(bool, bool)>(), options, creators())
            .prop_map(|(name, symbol, uri, fee, (sold, mutable), (edition, standard, collection, uses), creators)| {
                MetadataArgs {
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
                }
            })
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
