//! What each instruction does.

use {
    crate::{
        FeedError, Result,
        accounts::{at, clock, close as close_account, create, edit, require},
        instruction::*,
        median, pda,
        state::{Feed, PROPOSAL_WINDOW, Report as SourceReport, Settings, Source},
    },
    joule_bme_interface::price_update::{ACCOUNT_SIZE, DISCRIMINATOR, PriceUpdate},
    joule_interface::{
        Account, Address, Fault, Header, Layout, SYSTEM_PROGRAM, address_eq, bytemuck,
        pinocchio::{AccountView, sysvars::clock::Clock},
    },
    joule_math::{Seconds, Timestamp},
};

pub fn report(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Report::parse(accounts, data)?;
    let source = Source { key: *a.reporter.address(), receiver: Address::default() };
    let said = SourceReport { price: args.price, conf: args.conf, observed_at: args.observed_at };
    take(a.feed, a.price, &source, |_| Ok(said))
}

pub fn pull(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Pull::parse(accounts, data)?;
    let update: PriceUpdate = {
        let data = a.price_update.try_borrow()?;
        require(data.len() == ACCOUNT_SIZE, FeedError::InvalidPriceAccount)?;
        bytemuck::pod_read_unaligned(&data[..size_of::<PriceUpdate>()])
    };
    // Who calls chooses the account. That its owner and its id are a source's is all that makes it one; the System program's
    // address, which is zero, stands for signers.
    let is_owned = !address_eq(a.price_update.owner(), &SYSTEM_PROGRAM);
    require(is_owned, FeedError::InvalidPriceAccount)?;
    let source = Source { key: Address::new_from_array(update.feed_id), receiver: *a.price_update.owner() };
    take(a.feed, a.price, &source, |feed| median::read(&update, feed.exponent))
}

/// Takes a report, and publishes.
fn take(
    view: &AccountView,
    price: &AccountView,
    source: &Source,
    said: impl FnOnce(&Feed) -> Result<SourceReport>,
) -> Result<()> {
    let Clock { unix_timestamp, slot, .. } = clock()?;
    let now = Timestamp(unix_timestamp);
    let update = edit::<Feed, _>(view, |feed| {
        at(price, &feed.price_account)?;
        let said = said(feed)?;
        median::take(feed, source, said, now)?;
        let before = feed.published_at;
        Ok(median::publish(feed, now)?.then(|| median::update(feed, view.address(), before, slot)))
    })?;
    match update {
        Some(update) => write(price, &update),
        None => Ok(()),
    }
}

fn write(price: &AccountView, update: &PriceUpdate) -> Result<()> {
    let mut price = *price;
    price.try_borrow_mut()?[..size_of::<PriceUpdate>()].copy_from_slice(bytemuck::bytes_of(update));
    Ok(())
}

pub fn open(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, tail) = Open::parse(accounts, data)?;
    let sources = sources(tail)?;
    let settings: Settings = args.settings;
    let (creator, id, feed) = (a.authority.address(), args.id.to_le_bytes(), a.feed.address());
    let delay = { args.change_delay };
    let in_range = (-12..=0).contains(&{ args.exponent }) && (Seconds(3_600)..=Seconds(30 * 86_400)).contains(&delay);
    require(in_range, Fault::InvalidParameter)?;
    median::check(&settings, &sources, feed)?;

    let (address, bump) = pda::feed::find(creator, &id);
    at(a.feed, &address)?;
    let bump_seed = [bump];
    create(a.payer, a.feed, Feed::SIZE, &[(&pda::feed::signer(creator, &id, &bump_seed)).into()])?;
    let (address, price_bump) = pda::price::find(feed);
    at(a.price, &address)?;
    let bump_seed = [price_bump];
    create(a.payer, a.price, ACCOUNT_SIZE, &[(&pda::price::signer(feed, &bump_seed)).into()])?;
    // Of the right kind, and stale until the first price.
    write(a.price, &PriceUpdate { discriminator: DISCRIMINATOR, feed_id: *feed.as_array(), ..PriceUpdate::default() })?;

    let header = Header { discriminator: Feed::DISCRIMINATOR, version: Feed::VERSION, bump, reserved: [0; 5] };
    {
        let mut view = *a.feed;
        view.try_borrow_mut()?[..Header::SPEC.size].copy_from_slice(bytemuck::bytes_of(&header));
    }
    edit::<Feed, _>(a.feed, |feed| {
        (feed.authority, feed.creator, feed.payer) = (*creator, *creator, *a.payer.address());
        (feed.price_account, feed.id) = (address, args.id);
        (feed.change_delay, feed.exponent, feed.settings) = (delay, args.exponent, settings);
        median::set(feed, &sources);
        Ok(())
    })
}

pub fn propose(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, tail) = Propose::parse(accounts, data)?;
    let sources = sources(tail)?;
    let settings: Settings = args.settings;
    let now = now()?;
    edit::<Feed, _>(a.feed, |feed| {
        is_authority(feed, a.authority)?;
        if !sources.is_empty() {
            median::check(&settings, &sources, a.feed.address())?;
        }
        feed.executable_at = now.after(feed.change_delay)?;
        (feed.proposed_settings, feed.proposed_count) = (settings, sources.len() as u8);
        feed.proposed_sources.fill(Source::default());
        feed.proposed_sources[..sources.len()].copy_from_slice(&sources);
        Ok(())
    })
}

pub fn execute(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Execute::parse(accounts, data)?;
    let now = now()?;
    edit::<Feed, _>(a.feed, |feed| {
        // Without sources it is to be closed.
        require(feed.proposed_count > 0, FeedError::NothingProposed)?;
        is_ready(feed, now)?;
        let sources = feed.proposed_sources;
        median::set(feed, &sources[..feed.proposed_count as usize]);
        feed.settings = feed.proposed_settings;
        (feed.executable_at, feed.proposed_count) = (Timestamp(0), 0);
        Ok(())
    })
}

pub fn remove(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = Remove::parse(accounts, data)?;
    let source: Source = args.source;
    edit::<Feed, _>(a.feed, |feed| {
        is_authority(feed, a.authority)?;
        median::remove(feed, &source)
    })
}

pub fn hand_over(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = HandOver::parse(accounts, data)?;
    let successor = *a.successor.address();
    edit::<Feed, _>(a.feed, |feed| {
        is_authority(feed, a.authority)?;
        feed.authority = if successor == crate::ID { Address::default() } else { successor };
        // What the last one proposed anyone could execute.
        (feed.executable_at, feed.proposed_count) = (Timestamp(0), 0);
        Ok(())
    })
}

pub fn close(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Close::parse(accounts, data)?;
    let now = now()?;
    edit::<Feed, _>(a.feed, |feed| {
        at(a.price, &feed.price_account)?;
        at(a.rent_receiver, &feed.payer)?;
        require(feed.proposed_count == 0, FeedError::NothingProposed)?;
        is_ready(feed, now)
    })?;
    close_account(a.price, a.rent_receiver)?;
    close_account(a.feed, a.rent_receiver)
}

fn now() -> Result<Timestamp> {
    Ok(Timestamp(clock()?.unix_timestamp))
}

/// Sources behind the arguments.
fn sources(tail: &[u8]) -> Result<Vec<Source>> {
    require(tail.len().is_multiple_of(size_of::<Source>()), Fault::InvalidArguments)?;
    require(tail.len() <= size_of::<Source>() * crate::state::MAX_SOURCES, FeedError::InvalidSources)?;
    Ok(tail.chunks_exact(size_of::<Source>()).map(bytemuck::pod_read_unaligned).collect())
}

fn is_authority(feed: &Feed, authority: &AccountView) -> Result<()> {
    require(feed.authority != Address::default(), FeedError::Final)?;
    require(address_eq(&feed.authority, authority.address()), Fault::Unauthorized)
}

/// What is proposed has waited, and not for so long that nobody remembers.
fn is_ready(feed: &Feed, now: Timestamp) -> Result<()> {
    require(feed.executable_at != Timestamp(0), FeedError::NothingProposed)?;
    require(now >= feed.executable_at, FeedError::NotReady)?;
    require(now <= feed.executable_at.after(PROPOSAL_WINDOW)?, FeedError::Expired)
}
