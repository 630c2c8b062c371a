//! Zero-copy accounts: loading in place, creating at a derived address, closing.
//!
//! A loaded account is borrowed. Loading it twice for a change fails with [`Fault::DuplicateAccount`], and so does an
//! inner call that writes it: what an inner call may change is never held across it. [`load`] borrows until it is dropped;
//! [`keep`] for as long as the instruction runs, which costs nothing to end, and nothing on every way out before.

#[cfg(not(target_os = "solana"))]
use crate::native::Rent;
#[cfg(target_os = "solana")]
use pinocchio::sysvars::{Sysvar, rent::Rent};
use {
    crate::{AccountView, Seed, guard, system},
    core::{
        mem::{ManuallyDrop, MaybeUninit},
        slice::{from_raw_parts, from_raw_parts_mut},
    },
    joule_interface::{Account, Address, Fault, Header, SYSTEM_PROGRAM},
    pinocchio::UnsafeResize,
    solana_program::{
        hash::hashv,
        program_memory::{sol_memcpy, sol_memset},
        pubkey::bytes_are_curve_point,
    },
};

pub use pinocchio::account::{Ref, RefMut};

/// Most seeds of an address, without the bump. The runtime allows 15.
const MAX_SEEDS: usize = 4;

/// Seeds of an address, without the bump: an array, so that how many there are is known to the compiler.
pub trait Seeds {
    /// How many.
    const COUNT: usize;
    /// The seed at a place.
    fn get(&self, place: usize) -> &[u8];
}

impl<const N: usize> Seeds for [&[u8]; N] {
    const COUNT: usize = N;

    #[inline(always)]
    fn get(&self, place: usize) -> &[u8] {
        self[place]
    }
}

/// Reads an account: owned by its program, of its kind and size, and of a version that is read.
#[inline(always)]
pub fn load<T: Account>(view: &AccountView) -> Result<Ref<'_, T>, Fault> {
    check::<T>(view)?;
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    // SAFETY: `check` saw that the data is as long as `T`; the runtime aligns account data to 8 bytes, which no `T`
    // exceeds (asserted where it is declared); `T` is `Pod`.
    Ok(Ref::map(data, |data| unsafe { &*data.as_ptr().cast::<T>() }))
}

/// Reads an account for a change: as [`load`]. That it is writable is checked when accounts are parsed. One of the version
/// before becomes one of the version that is written.
#[inline(always)]
pub fn load_mut<T: Account>(view: &AccountView) -> Result<RefMut<'_, T>, Fault> {
    check::<T>(view)?;
    if const { T::ALSO_READ < T::VERSION } {
        migrate(view, T::VERSION)?;
    }
    // SAFETY: as in `load`.
    Ok(RefMut::map(borrow_mut(view)?, |data| unsafe { &mut *data.as_mut_ptr().cast::<T>() }))
}

/// Makes an account of the version before one of the version that is written: what was reserved in the one is zero, which
/// the other takes for "as before". A program before it refuses the account from then on, as it would not keep up what is new.
fn migrate(view: &AccountView, version: u8) -> Result<(), Fault> {
    if view.is_writable() {
        borrow_mut(view)?[1] = version;
    }
    Ok(())
}

/// The bytes of an account that is longer than `T`, for a change: checked as by [`load`], but at least of its size.
#[inline(always)]
pub fn load_bytes_mut<T: Account>(view: &AccountView) -> Result<RefMut<'_, [u8]>, Fault> {
    if !guard::eq(view.owner(), &T::PROGRAM) {
        return Err(Fault::WrongOwner);
    }
    if view.data_len() < T::SIZE {
        return Err(Fault::WrongAccountType);
    }
    check_kind::<T>(view)?;
    if const { T::ALSO_READ < T::VERSION } {
        migrate(view, T::VERSION)?;
    }
    borrow_mut(view)
}

/// Makes an account of the calling program, which is long enough, another: all of it zero but its header.
#[inline(never)]
pub fn convert<From: Account, To: Account>(view: &AccountView) -> Result<RefMut<'_, To>, Fault> {
    guard::require(view.data_len() >= To::SIZE, Fault::WrongAccountType)?;
    let mut data = load_bytes_mut::<From>(view)?;
    let length = data.len();
    data[1] = To::VERSION;
    data[0] = To::DISCRIMINATOR;
    data[size_of::<Header>()..length].fill(0);
    // SAFETY: it is long enough; alignment and validity as in `load`.
    Ok(RefMut::map(data, |data| unsafe { &mut *data.as_mut_ptr().cast::<To>() }))
}

/// Lamports that an account of `size` bytes must hold.
#[inline(never)]
pub fn rent(size: usize) -> Result<u64, Fault> {
    Rent::get().and_then(|rent| rent.try_minimum_balance(size)).map_err(|_| Fault::CallFailed)
}

/// Adds `bytes` zeros to an account of the calling program, rent paid by `payer`. Once in an instruction.
#[inline(never)]
pub fn grow(payer: &AccountView, view: &AccountView, bytes: usize) -> Result<(), Fault> {
    guard::require(bytes <= MAX_GROWTH, Fault::InvalidParameter)?;
    let size = view.data_len() + bytes;
    let rent = self::rent(size)?;
    let missing = rent.saturating_sub(view.lamports());
    if missing > 0 {
        system::transfer(payer, view, missing)?;
    }
    let mut copy = *view;
    copy.check_borrow_mut().map_err(|_| Fault::DuplicateAccount)?;
    // SAFETY: nobody borrows the data; the runtime leaves `MAX_GROWTH` bytes behind what the account had when the
    // instruction began, and it grows once.
    unsafe { copy.resize(size) };
    Ok(())
}

/// Cuts an account of the calling program off after `size` bytes. The rent of the others goes to `receiver`.
#[inline(never)]
pub fn shrink(view: &AccountView, size: usize, receiver: &AccountView) -> Result<(), Fault> {
    guard::require(size <= view.data_len(), Fault::InvalidParameter)?;
    let rent = self::rent(size)?;
    pay(view, receiver, view.lamports().saturating_sub(rent))?;
    let mut copy = *view;
    copy.check_borrow_mut().map_err(|_| Fault::DuplicateAccount)?;
    // SAFETY: nobody borrows the data, and less of it is always there.
    unsafe { copy.resize(size) };
    Ok(())
}

/// Most bytes by which the runtime lets an account grow in an instruction.
const MAX_GROWTH: usize = 10_240;

/// Reads an account, as [`load`], and keeps it.
#[inline(always)]
pub fn keep<T: Account>(view: &AccountView) -> Result<&T, Fault> {
    let account = ManuallyDrop::new(load::<T>(view)?);
    let account: *const T = &**account;
    // SAFETY: the borrow is never given back, so nobody changes the account as long as there are views of it.
    Ok(unsafe { &*account })
}

/// Reads an account for a change, as [`load_mut`], and keeps it.
#[inline(always)]
#[allow(clippy::mut_from_ref, reason = "a view is a pointer, and who borrows what it points to is counted there")]
pub fn keep_mut<T: Account>(view: &AccountView) -> Result<&mut T, Fault> {
    Ok(kept(load_mut::<T>(view)?))
}

/// Reads an account of whatever program, and keeps it.
#[inline(always)]
pub fn keep_bytes(view: &AccountView) -> Result<&[u8], Fault> {
    let data = ManuallyDrop::new(view.try_borrow().map_err(|_| Fault::DuplicateAccount)?);
    let data: *const [u8] = &**data;
    // SAFETY: as in `keep`.
    Ok(unsafe { &*data })
}

/// Keeps an account that was loaded or created.
#[inline(always)]
pub fn kept<T>(account: RefMut<'_, T>) -> &mut T {
    let mut account = ManuallyDrop::new(account);
    let account: *mut T = &mut **account;
    // SAFETY: the borrow is never given back, so nobody else reads or changes the account as long as there are views of
    // it.
    unsafe { &mut *account }
}

/// Lamports a byte, and an account counts 128 bytes more than it has: two years at mainnet's first rate, which never rose.
const DEAREST_RENT: u64 = 6_960;

/// Reads an account for a change, as [`keep_mut`], or starts one that the System program made for this program, which nobody
/// has written; says whether it did. All of it is zero but the header then: only its owner writes an account, and none changes
/// hands with anything in it.
#[inline(always)]
#[allow(clippy::mut_from_ref, reason = "as in `keep_mut`")]
pub fn keep_or_begin<T: Account>(view: &AccountView) -> Result<(&mut T, bool), Fault> {
    check_size::<T>(view)?;
    let discriminator_and_version = discriminator_and_version(view);
    if discriminator_and_version != u16::from_le_bytes([T::DISCRIMINATOR, T::VERSION]) && discriminator_and_version != 0
    {
        if const { T::ALSO_READ == T::VERSION } {
            return Err(Fault::WrongAccountType);
        }
        guard::require(is_other::<T>(discriminator_and_version), Fault::WrongAccountType)?;
    }
    if const { T::ALSO_READ < T::VERSION } {
        migrate(view, T::VERSION)?;
    }
    // SAFETY: as in `load`.
    let account = kept(RefMut::map(borrow_mut(view)?, |data| unsafe { &mut *data.as_mut_ptr().cast::<T>() }));
    if discriminator_and_version == 0 {
        // Without its rent it would vanish with the transaction, and whatever counts on it would wait for ever.
        // What pays the dearest rent that there ever was need not ask for today's: that costs 130 units.
        if view.lamports() < (128 + T::SIZE as u64) * DEAREST_RENT {
            let rent = self::rent(T::SIZE)?;
            guard::require(view.lamports() >= rent, Fault::NotRentExempt)?;
        }
        // Its first bytes are those of its header.
        let header = Header { discriminator: T::DISCRIMINATOR, version: T::VERSION, bump: 0, reserved: [0; 5] };
        bytemuck::bytes_of_mut(account)[..size_of::<Header>()].copy_from_slice(bytemuck::bytes_of(&header));
    }
    Ok((account, discriminator_and_version == 0))
}

/// Copies an account to `buffer`. By syscall, as in [`blank`].
#[inline(always)]
pub fn copy_to<'a, T: Account>(account: &T, buffer: &'a mut MaybeUninit<T>) -> &'a T {
    let from = bytemuck::bytes_of(account);
    // SAFETY: as many bytes as `T` has are written to it, and any bytes are a `T`.
    unsafe {
        sol_memcpy(from_raw_parts_mut(buffer.as_mut_ptr().cast::<u8>(), from.len()), from, from.len());
        buffer.assume_init_ref()
    }
}

/// Makes all of an account zero but its header. By syscall: the compiler's own takes an instruction a word and more.
#[inline(always)]
pub fn blank<T: Account>(account: &mut T) {
    let bytes = &mut bytemuck::bytes_of_mut(account)[size_of::<Header>()..];
    let length = bytes.len();
    // SAFETY: it writes as many bytes as there are.
    unsafe { sol_memset(bytes, 0, length) };
}

#[inline(always)]
fn borrow_mut(view: &AccountView) -> Result<RefMut<'_, [u8]>, Fault> {
    let mut copy = *view;
    let data = copy.try_borrow_mut().map_err(|_| Fault::DuplicateAccount)?;
    // SAFETY: only the lifetime changes. A view is a pointer to the runtime's account, which outlives every view of it,
    // and who else borrows it is counted there, not in the view.
    Ok(unsafe { core::mem::transmute::<RefMut<'_, [u8]>, RefMut<'_, [u8]>>(data) })
}

#[inline(always)]
fn check<T: Account>(view: &AccountView) -> Result<(), Fault> {
    check_size::<T>(view)?;
    check_kind::<T>(view)
}

/// The account is the program's, and as long as a `T`.
#[inline(always)]
fn check_size<T: Account>(view: &AccountView) -> Result<(), Fault> {
    if !guard::eq(view.owner(), &T::PROGRAM) {
        return Err(Fault::WrongOwner);
    }
    if view.data_len() != T::SIZE {
        return Err(Fault::WrongAccountType);
    }
    Ok(())
}

/// Whether an account of `T`'s kind is there, of whatever version. Where an account may be gone, one of a version that is not
/// read is not: what then loads it is refused, until the program is upgraded.
#[inline(always)]
pub fn exists<T: Account>(view: &AccountView) -> bool {
    guard::eq(view.owner(), &T::PROGRAM)
        && view.data_len() >= size_of::<Header>()
        && discriminator_and_version(view) as u8 == T::DISCRIMINATOR
}

/// The account, at least as long as a header, is of `T`'s kind and a version that is read.
#[inline(always)]
fn check_kind<T: Account>(view: &AccountView) -> Result<(), Fault> {
    // One comparison. Whether there is another is known when it is compiled: where only one version is read, nothing is left of it.
    if discriminator_and_version(view) != u16::from_le_bytes([T::DISCRIMINATOR, T::VERSION]) {
        if const { T::ALSO_READ == T::VERSION } {
            return Err(Fault::WrongAccountType);
        }
        guard::require(is_other::<T>(discriminator_and_version(view)), Fault::WrongAccountType)?;
    }
    Ok(())
}

/// Whether these are `T`'s discriminator and the other version that is read.
#[inline(always)]
fn is_other<T: Account>(discriminator_and_version: u16) -> bool {
    discriminator_and_version == u16::from_le_bytes([T::DISCRIMINATOR, T::ALSO_READ])
}

/// The first two bytes of an account that has them.
#[inline(always)]
fn discriminator_and_version(view: &AccountView) -> u16 {
    // SAFETY: callers checked the length, and a copy is taken before any reference is made.
    u16::from_le_bytes(unsafe { *view.data_ptr().cast::<[u8; 2]>() })
}

/// Creates the account at the address that `seeds` derive, rent paid by `payer`, and starts it with its header.
///
/// Whatever lamports lie at the address already count towards the rent.
#[inline(never)]
pub fn create<'a, T: Account>(
    payer: &AccountView,
    view: &'a AccountView,
    seeds: &impl Seeds,
) -> Result<RefMut<'a, T>, Fault> {
    let bump = create_at(payer, view, seeds, &T::PROGRAM, T::SIZE, &T::PROGRAM)?;
    let data = borrow_mut(view)?;
    // SAFETY: the account was just allocated with this size; alignment and validity as in `load`.
    let mut account = RefMut::map(data, |data| unsafe { &mut *data.as_mut_ptr().cast::<T>() });
    let header = Header { discriminator: T::DISCRIMINATOR, version: T::VERSION, bump, reserved: [0; 5] };
    bytemuck::bytes_of_mut(&mut *account)[..size_of::<Header>()].copy_from_slice(bytemuck::bytes_of(&header));
    Ok(account)
}

/// Creates an account of `size` zero bytes, owned by `owner`, at the address that `seeds` derive from `program`.
/// Returns the bump.
#[allow(clippy::needless_range_loop, reason = "written out, each place is a constant")]
pub fn create_at<S: Seeds>(
    payer: &AccountView,
    view: &AccountView,
    seeds: &S,
    owner: &Address,
    size: usize,
    program: &Address,
) -> Result<u8, Fault> {
    let (address, bump) = find_address(seeds, program).ok_or(Fault::WrongAddress)?;
    guard::address(view, &address)?;
    if !guard::eq(view.owner(), &SYSTEM_PROGRAM) || view.data_len() != 0 {
        return Err(Fault::AlreadyInitialized);
    }
    let mut signer = [const { MaybeUninit::<Seed>::uninit() }; MAX_SEEDS + 1];
    for i in 0..S::COUNT {
        signer[i].write(seeds.get(i).into());
    }
    signer[S::COUNT].write(bump.into());
    // SAFETY: so many were just written.
    let signer = unsafe { from_raw_parts(signer.as_ptr().cast::<Seed>(), S::COUNT + 1) };
    system::create_account(payer, view, owner, size, &[signer.into()])?;
    Ok(bump[0])
}

/// What the hash of a derived address ends with.
pub(crate) const DERIVED_ADDRESS_MARKER: &[u8] = b"ProgramDerivedAddress";

/// Every bump: a slice of it is a seed, which costs less than to write one.
pub(crate) static BUMPS: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        bytes[byte] = byte as u8;
        byte += 1;
    }
    bytes
};

/// The address that `seeds` derive from `program`, and its bump: the highest with which it is no point of the curve, so
/// that no key signs for it. The runtime's own search gives the same and charges four times as much for each try.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "written out, each place is a constant")]
pub fn find_address<S: Seeds>(seeds: &S, program: &Address) -> Option<(Address, &'static [u8])> {
    const { assert!(S::COUNT <= MAX_SEEDS) };
    let mut parts = [const { MaybeUninit::<&[u8]>::uninit() }; MAX_SEEDS + 3];
    for i in 0..S::COUNT {
        parts[i].write(seeds.get(i));
    }
    parts[S::COUNT + 1].write(program.as_ref());
    parts[S::COUNT + 2].write(DERIVED_ADDRESS_MARKER);
    for bump in BUMPS.chunks_exact(1).rev() {
        parts[S::COUNT].write(bump);
        // SAFETY: so many were just written.
        let hash = hashv(unsafe { from_raw_parts(parts.as_ptr().cast::<&[u8]>(), S::COUNT + 3) }).to_bytes();
        if !bytes_are_curve_point(hash) {
            return Some((Address::new_from_array(hash), bump));
        }
    }
    None
}

/// Closes an account of the calling program: its lamports go to `receiver`, and nothing of it can be read again.
#[inline(always)]
pub fn close(view: &AccountView, receiver: &AccountView) -> Result<(), Fault> {
    pay(view, receiver, view.lamports())?;
    let mut view = *view;
    view.close().map_err(|_| Fault::DuplicateAccount)
}

/// Moves lamports out of an account of the calling program.
#[inline(always)]
pub fn pay(view: &AccountView, receiver: &AccountView, lamports: u64) -> Result<(), Fault> {
    guard::require(!guard::eq(view.address(), receiver.address()), Fault::DuplicateAccount)?;
    let left = view.lamports().checked_sub(lamports).ok_or(Fault::Overflow)?;
    let sum = receiver.lamports().checked_add(lamports).ok_or(Fault::Overflow)?;
    let (mut view, mut receiver) = (*view, *receiver);
    receiver.set_lamports(sum);
    view.set_lamports(left);
    Ok(())
}

#[cfg(test)]
mod tests {
    use {super::*, crate::entrypoint::tests::account_of};

    joule_interface::account! {
        /// An account.
        pub struct Thing: discriminator 3, size 16 {
            /// Its kind.
            pub header: Header,
            /// A number.
            pub number: u64,
        }
    }

    #[test]
    fn kept_data_stays_borrowed_to_the_end() {
        let mut bytes = account_of(
            &crate::ID,
            bytemuck::bytes_of(&Thing {
                header: Header { discriminator: 3, version: 1, ..Header::default() },
                number: 7,
            }),
        );
        // SAFETY: an account lies there, as the runtime writes it.
        let view = unsafe { AccountView::new_unchecked(bytes.as_mut_ptr().cast()) };
        {
            let first = load::<Thing>(&view).unwrap();
            assert_eq!((first.number, load_mut::<Thing>(&view).err()), (7, Some(Fault::DuplicateAccount)));
        }
        load_mut::<Thing>(&view).unwrap().number += 1;
        let (first, second) = (keep::<Thing>(&view).unwrap(), keep::<Thing>(&view).unwrap());
        assert_eq!((first.number, second.number), (8, 8));
        assert_eq!(keep_mut::<Thing>(&view).err(), Some(Fault::DuplicateAccount));

        // SAFETY: as before; nobody uses the views of it any more.
        unsafe { bytes.as_mut_ptr().cast::<u8>().write(255) };
        // SAFETY: as before.
        let view = unsafe { AccountView::new_unchecked(bytes.as_mut_ptr().cast()) };
        let thing = keep_mut::<Thing>(&view).unwrap();
        assert_eq!(load::<Thing>(&view).err(), Some(Fault::DuplicateAccount));
        assert_eq!(keep_mut::<Thing>(&view).err(), Some(Fault::DuplicateAccount));
        thing.number += 1;
        assert_eq!(thing.number, 9);
    }

    #[test]
    fn a_copy_is_what_the_account_was() {
        let mut thing = Thing { header: Header { discriminator: 3, version: 1, ..Header::default() }, number: 7 };
        let mut buffer = MaybeUninit::uninit();
        let copy = copy_to(&thing, &mut buffer);
        thing.number += 1;
        assert_eq!((copy.number, copy.header, thing.number), (7, thing.header, 8));
    }

    #[test]
    fn bytes_that_are_kept_are_borrowed_to_the_end() {
        let mut bytes = account_of(&SYSTEM_PROGRAM, b"some data");
        // SAFETY: an account lies there, as the runtime writes it.
        let view = unsafe { AccountView::new_unchecked(bytes.as_mut_ptr().cast()) };
        assert_eq!(keep_bytes(&view), Ok(&b"some data"[..]));
        assert_eq!(borrow_mut(&view).err(), Some(Fault::DuplicateAccount));
    }

    #[test]
    fn bytes_behind_a_struct_are_borrowed_with_it() {
        let of = |program, kind| account_of(program, &[kind, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 42]);
        for (mut bytes, outcome) in [
            (of(&crate::ID, 3), Ok(42)),
            (of(&crate::ID, 4), Err(Fault::WrongAccountType)),
            (of(&SYSTEM_PROGRAM, 3), Err(Fault::WrongOwner)),
            (account_of(&crate::ID, &[3, 1]), Err(Fault::WrongAccountType)),
        ] {
            // SAFETY: an account lies there, as the runtime writes it.
            let view = unsafe { AccountView::new_unchecked(bytes.as_mut_ptr().cast()) };
            let last = load_bytes_mut::<Thing>(&view).map(|mut bytes| {
                bytes[8] += 1;
                assert_eq!(bytes[8], 2);
                bytes[16]
            });
            assert_eq!(last, outcome);
        }
    }

    #[test]
    fn an_account_that_was_initialized_before_is_kept() {
        let of = |program, bytes: &[u8]| account_of(program, bytes);
        let begin = |bytes: &mut Vec<u64>| {
            // SAFETY: an account lies there, as the runtime writes it.
            let view = unsafe { AccountView::new_unchecked(bytes.as_mut_ptr().cast()) };
            let (thing, begun) = keep_or_begin::<Thing>(&view)?;
            thing.number += 1;
            let (header, number) = (thing.header, thing.number);
            assert_eq!(load::<Thing>(&view).err(), Some(Fault::DuplicateAccount));
            // SAFETY: as before; nobody uses the views of it any more.
            unsafe { bytes.as_mut_ptr().cast::<u8>().write(255) };
            Ok((header, number, begun))
        };
        let header = Header { discriminator: 3, version: 1, ..Header::default() };
        let mut begun = of(&crate::ID, &[3, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(begin(&mut begun), Ok((header, 2, false)));
        for (mut other, fault) in [
            (of(&SYSTEM_PROGRAM, &[0; 16]), Fault::WrongOwner),
            // One that is new must have its rent. This one has none.
            (of(&crate::ID, &[0; 16]), Fault::NotRentExempt),
            (of(&crate::ID, &[0; 15]), Fault::WrongAccountType),
            (of(&crate::ID, &[0; 24]), Fault::WrongAccountType),
            (of(&crate::ID, &[4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Fault::WrongAccountType),
            (of(&crate::ID, &[3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Fault::WrongAccountType),
        ] {
            assert_eq!(begin(&mut other), Err(fault));
        }
    }

    joule_interface::account! {
        /// The same with a second layout.
        pub struct Second: discriminator 3, version 2 reads 1, size 16 {
            /// Its kind.
            pub header: Header,
            /// A number.
            pub number: u64,
        }
    }

    joule_interface::account! {
        /// The same in a build that comes before the second layout, so that there is a way back to it.
        pub struct Before: discriminator 3, version 1 reads 2, size 16 {
            /// Its kind.
            pub header: Header,
            /// A number.
            pub number: u64,
        }
    }

    /// The version of what is left, after this was done to a view of an account of a version.
    fn after<R: PartialEq + core::fmt::Debug>(
        version: u8,
        writable: bool,
        change: impl FnOnce(&AccountView) -> Result<R, Fault>,
        expected: Result<R, Fault>,
    ) -> u8 {
        let mut bytes = account_of(&crate::ID, &[3, version, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
        bytemuck::cast_slice_mut::<_, u8>(&mut bytes)[2] = writable as u8;
        // SAFETY: an account lies there, as the runtime writes it.
        let view = unsafe { AccountView::new_unchecked(bytes.as_mut_ptr().cast()) };
        assert_eq!(change(&view), expected);
        let left = view.try_borrow().unwrap();
        assert_eq!((left[0], &left[2..]), (3, &[0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0][..]));
        left[1]
    }

    #[test]
    fn an_account_of_the_version_before_is_read_and_becomes_the_present_one_when_it_is_changed() {
        let unknown = Err(Fault::WrongAccountType);
        for (version, read, changed) in [(1, Ok(7), 2), (2, Ok(7), 2), (0, unknown, 0), (3, unknown, 3)] {
            assert_eq!(after(version, true, |view| Ok(load::<Second>(view)?.number), read), version);
            assert_eq!(after(version, true, |view| Ok(load_mut::<Second>(view)?.number), read), changed);
            assert_eq!(after(version, false, |view| Ok(load_mut::<Second>(view)?.number), read), version);
            let length = read.map(|_| 16);
            assert_eq!(after(version, true, |view| Ok(load_bytes_mut::<Second>(view)?.len()), length), changed);
        }
        for (version, begun) in [(1, Ok(false)), (2, Ok(false)), (3, Err(Fault::WrongAccountType))] {
            let begin = |view: &AccountView| {
                let (_, begun) = keep_or_begin::<Second>(view)?;
                let mut bytes = *view;
                // SAFETY: nobody uses what was kept; its borrow is given back so that the caller can read it.
                unsafe { bytes.account_mut_ptr().cast::<u8>().write(255) };
                Ok(begun)
            };
            assert_eq!(after(version, true, begin, begun), if begun.is_ok() { 2 } else { version });
        }
    }

    #[test]
    fn a_build_before_the_second_layout_leaves_it_as_it_is_and_one_before_that_refuses_it() {
        for version in [1, 2] {
            assert_eq!(after(version, true, |view| Ok(load_mut::<Before>(view)?.number), Ok(7)), version);
        }
        let refused = Err(Fault::WrongAccountType);
        assert_eq!(after(2, true, |view| Ok(load::<Thing>(view)?.number), refused), 2);
        assert_eq!(after(2, true, |view| Ok(load_mut::<Thing>(view)?.number), refused), 2);
    }

    #[test]
    fn addresses_are_those_of_the_runtime() {
        fn check<const N: usize>(seeds: &[&[u8]; N], program: &Address) {
            let (address, bump) = Address::find_program_address(seeds, program);
            assert_eq!(find_address(seeds, program), Some((address, &[bump][..])));
        }
        // A curve takes Miri seconds.
        for number in 0..if cfg!(miri) { 1 } else { 300u64 } {
            let program = Address::new_from_array([number as u8; 32]);
            let number = number.to_le_bytes();
            if !cfg!(miri) {
                check(&[], &program);
                check(&[&number], &program);
                check(&[&b"network"[..], &number], &program);
            }
            check(&[&number, program.as_ref(), &[], &[7; 32]], &program);
        }
    }
}
