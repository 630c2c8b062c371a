//! An account as a whole: what nothing that happened explains is as it was.

use {
    super::{Transition, Verdict},
    crate::books::read,
    joule_interface::{Account, Address, bytemuck},
};

/// It is what is expected, but for these fields; how many events it counts is told by the events.
pub(super) fn equal_but<T: Account>(expected: &T, is: &T, but: &[&str]) -> Verdict {
    let (old, new) = (bytemuck::bytes_of(expected), bytemuck::bytes_of(is));
    let is_other = |field: &&joule_interface::FieldSpec| {
        let range = field.offset..field.offset + field.size;
        !["header", "sequence"].contains(&field.name) && !but.contains(&field.name) && old[range.clone()] != new[range]
    };
    let Some(field) = T::SPEC.fields.iter().find(is_other) else { return Ok(()) };
    // Told once, before everything ends.
    Err(Box::leak(format!("{}.{} is another than what happened makes it", T::SPEC.name, field.name).into_boxed_str()))
}

/// It is what is expected.
pub(super) fn equal<T: Account>(expected: &T, is: &T) -> Verdict {
    equal_but(expected, is, &[])
}

impl Transition<'_> {
    /// Accounts of a kind that are there before and after, and changed.
    pub(super) fn changes<T: Account>(&self) -> impl Iterator<Item = (&Address, &T, &T)> {
        self.before.iter().filter_map(|(address, before)| {
            let after = self.after.get(address).filter(|after| *after != before)?;
            Some((address, read::<T>(before)?, read::<T>(after)?))
        })
    }

    /// Accounts of a kind that are no more.
    pub(super) fn gone<T: Account>(&self) -> impl Iterator<Item = (&Address, &T)> {
        self.before.iter().filter_map(|(address, before)| {
            let was = read::<T>(before)?;
            self.after.get(address).and_then(read::<T>).is_none().then_some((address, was))
        })
    }

    /// Accounts of a kind that are there, of those that can have changed those that did last.
    pub(super) fn there<T: Account>(&self) -> impl Iterator<Item = (&Address, &T)> {
        self.after.iter().filter_map(|(address, account)| Some((address, read::<T>(account)?)))
    }

    /// As it was, if it was there and could change.
    pub(super) fn was<T: Account>(&self, address: &Address) -> Option<&T> {
        self.before.get(address).and_then(read::<T>)
    }
}
