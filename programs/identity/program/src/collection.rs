//! Core's collections: what one must be like, for a tree of schema 2 to mint into it. Source: `mpl-core`, `state/collection.rs`
//! and `plugins/plugin_registry.rs`.

use {
    crate::{Result, metadata::take_text},
    borsh::BorshDeserialize,
    joule_common::{AccountView, guard, guard::require},
    joule_identity_interface::{CORE_PROGRAM, IdentityError},
    joule_interface::{Address, Fault},
};

/// Kinds of what lies in an account of Core.
mod key {
    pub const PLUGIN_HEADER: u8 = 3;
    pub const PLUGIN_REGISTRY: u8 = 4;
    pub const COLLECTION: u8 = 5;
}

/// Core's plugins, as far as they matter here.
mod plugin {
    pub const UPDATE_DELEGATE: u8 = 4;
    pub const PERMANENT_FREEZE_DELEGATE: u8 = 5;
    pub const PERMANENT_TRANSFER_DELEGATE: u8 = 7;
    pub const PERMANENT_BURN_DELEGATE: u8 = 8;
    pub const BUBBLEGUM_V2: u8 = 15;
}

/// How a collection begins: kind, update authority; two texts follow, its name and its URI.
type Collection = (u8, Address);
/// What follows: how many were minted, how many are in it; kind of the header, and where the list of plugins is.
type Header = (u32, u32, u8, u64);
/// The list: kind, and plugins.
type Plugins = (u8, Vec<Plugin>);

/// A plugin, with its authority, and where it is.
#[derive(BorshDeserialize)]
struct Plugin {
    kind: u8,
    authority: Authority,
    _offset: u64,
}

#[derive(BorshDeserialize, PartialEq)]
#[allow(clippy::enum_variant_names, reason = "as Core calls them")]
enum Authority {
    None,
    Owner,
    UpdateAuthority,
    Address(Address),
}

/// The registry is the collection's update authority, so that it mints into it, and its permanent freeze and burn delegate, so
/// that it controls its leaves. Nobody else moves a leaf, or takes it out of the collection. Only the update authority changes
/// any of this, and the registry signs nothing of the kind: it stays so.
#[inline(never)]
pub fn check(collection: &AccountView, registry: &Address) -> Result<()> {
    require(guard::eq(collection.owner(), &CORE_PROGRAM), IdentityError::InvalidCollection)?;
    let data = collection.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    require(is_valid(&data, registry), IdentityError::InvalidCollection)
}

fn is_valid(data: &[u8], registry: &Address) -> bool {
    let mut rest = data;
    let Ok((key::COLLECTION, update_authority)) = Collection::deserialize(&mut rest) else { return false };
    if take_text(&mut rest).and_then(|_| take_text(&mut rest)).is_none() {
        return false;
    }
    let Ok((_, _, key::PLUGIN_HEADER, at)) = Header::deserialize(&mut rest) else { return false };
    let Some(mut list) = usize::try_from(at).ok().and_then(|at| data.get(at..)) else { return false };
    let Ok((key::PLUGIN_REGISTRY, plugins)) = Plugins::deserialize(&mut list) else { return false };

    let is_registrys = |plugin: &Plugin| match &plugin.authority {
        Authority::UpdateAuthority => true,
        Authority::Address(address) => guard::eq(address, registry),
        Authority::None | Authority::Owner => false,
    };
    let find = |kind| plugins.iter().find(|plugin| plugin.kind == kind);
    guard::eq(&update_authority, registry)
        && find(plugin::BUBBLEGUM_V2).is_some()
        && find(plugin::PERMANENT_FREEZE_DELEGATE).is_some_and(is_registrys)
        && find(plugin::PERMANENT_BURN_DELEGATE).is_some_and(is_registrys)
        && find(plugin::PERMANENT_TRANSFER_DELEGATE).is_none_or(is_registrys)
        && find(plugin::UPDATE_DELEGATE).is_none()
}
