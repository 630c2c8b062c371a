//! What is promised: to whom, and what he may lose at most although he does what is his. Each line of the tables of
//! [SECURITY.md](../../.github/SECURITY.md) is one; the tests that hold it stand there. A test compares both, and makes
//! `tests/golden/promises.md` of them.

use {Loss::*, Who::*};

/// To whom something is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Who stakes, or delegates.
    Backer,
    /// Who works, and its own stake.
    Provider,
    /// Who has jobs done.
    Client,
    /// Who bought credits.
    Owner,
    /// Who holds a network's token.
    Holder,
    /// Who is paid by reward roots.
    Claimant,
    /// Who has a machine.
    Machine,
    /// The network, its treasury, and all who trust its verdicts.
    Network,
    /// Anyone.
    Anyone,
}

impl Who {
    /// What he does, for the promise to hold.
    pub fn behaviour(self) -> &'static str {
        match self {
            Backer => "a backer: stakes, and leaves when he likes",
            Provider => "a provider: starts, beats and delivers in time, and reveals what it committed to",
            Client => "a client: posts, accepts what is right, and rejects in time what is not",
            Owner => "an owner of credits: buys them, and has them worked off",
            Holder => "a holder of the token: holds it",
            Claimant => "a claimant of roots: claims",
            Machine => "a machine's owner: keeps its leaf, and syncs it within a day",
            Network => "the network: its authority and guardian keep their keys",
            Anyone => "anyone",
        }
    }
}

/// What he may lose at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing but rounding.
    Nothing,
    /// The same part by slashes as everybody behind the provider.
    ItsPart,
    /// Time: until the deadline, delay or period that ends it.
    Time,
    /// What the promise names, or he named himself.
    WhatIsNamed,
    /// The price of ten seconds.
    TenSeconds,
    /// A base unit for each proposal.
    AUnit,
}

impl Loss {
    /// In words.
    pub fn at_most(self) -> &'static str {
        match self {
            Nothing => "nothing",
            ItsPart => "the same part by slashes as all",
            Time => "time",
            WhatIsNamed => "what is named",
            TenSeconds => "ten seconds' price",
            AUnit => "a base unit a proposal",
        }
    }
}

/// A promise.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// To whom.
    pub who: Who,
    /// What he may lose at most.
    pub loss: Loss,
    /// The scene of the [adversary](crate::adversary) that plays it, if one does.
    pub scene: Option<&'static str>,
    /// As SECURITY.md says it, without its links.
    pub says: &'static str,
}

const fn promise(who: Who, loss: Loss, scene: Option<&'static str>, says: &'static str) -> Promise {
    Promise { who, loss, scene, says }
}

/// All of them, in the order of the page.
#[rustfmt::skip]
pub const PROMISES: &[Promise] = &[
    promise(Backer, Nothing, Some("stake"), "A seizure takes the provider's own stake only, never a delegator's"),
    promise(Network, Nothing, None, "A slash on bonded tokens is collected before the client's part, and does not expire"),
    promise(Backer, Nothing, Some("stake"), "Nobody earns on tokens that are not there"),
    promise(Client, Nothing, None, "No bond or job begins in an account that vanishes, or that is a party"),
    promise(Backer, Nothing, None, "What is due is settled once, whatever it is worth"),
    promise(Backer, ItsPart, Some("stake"), "What is leaving answers for the same part as what stays"),
    promise(Network, Nothing, None, "A used-up window shields nobody, and no slasher uses up what another can propose"),
    promise(Backer, Time, None, "What is worse for backers waits until they can have left, and the locked can leave"),
    promise(Backer, ItsPart, Some("stake"), "A proposal holds back what it may take and no more, whoever left before; each slasher has a few, none of dust"),
    promise(Backer, ItsPart, Some("stake"), "Who stays pays no more because others left meanwhile; who left leaves no loss to the others by withdrawing again"),
    promise(Backer, Time, Some("stake"), "What is withheld is paid once its own proposals are decided, whatever is proposed later"),
    promise(Network, Nothing, None, "A fault of a small provider costs it something"),
    promise(Client, Nothing, None, "A reputation costs what its jobs cost their parties for good"),
    promise(Backer, Nothing, None, "A lock holds stake on its way as well, whatever the new provider can take"),
    promise(Backer, Nothing, None, "A lock does not hold behind a jailed provider, a rising commission or a tombstone"),
    promise(Provider, Nothing, None, "A slasher is closed when nobody depends on it, and takes nothing with it that it held; a pool when nobody is in it"),
    promise(Backer, Nothing, None, "Nobody is bound by stake that a stranger gave"),
    promise(Network, Nothing, None, "No token account stops a slash or a seizure"),
    promise(Provider, Nothing, Some("stake"), "A stranger chooses no receiver"),
    promise(Client, Nothing, None, "A provider that cannot be paid delays nobody: what it earned is booked as owed; nor does a receiver of fees"),
    promise(Provider, WhatIsNamed, None, "What a token's issuer does to one account concerns the payments of that account; nobody is paid less than the books say; a clawback falls on the deposit that it hit"),
    promise(Client, WhatIsNamed, None, "Nobody is exposed to a power of an issuer that he did not name"),
    promise(Provider, WhatIsNamed, None, "A stolen hot key loses, within one window's length, bonds up to twice the limit and what the manager bonded itself, and takes nothing out; a lost one loses nothing; it is replaced at once while jobs run. (A stolen manager key loses all own stake, to a client who is the thief)"),
    promise(Provider, Nothing, None, "What an identity earns goes to its payee, by anyone's call, but for roots, which the manager collects in their order; other keys wait, and the recovery key cancels them"),
    promise(Backer, Nothing, None, "A provider that comes back gives the same notice of a higher commission"),
    promise(Client, Nothing, None, "A provider whose account refuses its pay delays its own pay alone"),
    promise(Client, Nothing, None, "No result comes before the shortest time of a job, but by proof; a service ends earlier by notice or with its client"),
    promise(Client, Time, None, "No job blocks a queue, sixteen do so for sixteen minutes at most, and what is posted and cancelled behind one does not either"),
    promise(Provider, Nothing, None, "A voucher is paid only if the session key signed it, for this posting, in time; and each end leaves its provider the time to redeem it"),
    promise(Provider, Nothing, None, "In a gang nobody works before all have joined, or for nothing: each member has its own seconds until the clock of all stops, whoever stopped it; and what a member that fails loses of its bond goes to nobody"),
    promise(Provider, Nothing, None, "A member of a gang that stops working because the right to its credits was revoked has not failed, whoever shows it silent; nor has a replica of a panel"),
    promise(Provider, Nothing, None, "A member of a gang on a beacon has failed only if its machine was silent by that beacon, by the gang's clock, and beats afterwards do not hide it; the beacon stays while the member works"),
    promise(Client, Nothing, None, "A gang at one site has only machines for whose site an attestor vouches"),
    promise(Provider, Time, None, "A gang that is not full holds nobody's bond longer than its deadline, and who leaves it before pays a part of the bond"),
    promise(Provider, Nothing, None, "Nothing but its gang moves a place of a gang"),
    promise(Provider, Nothing, None, "A beacon counts for each of its jobs what the job's own heartbeats would: no more downtime than there was while at most 32 gaps ended since, never less; the first read after a job's end is final, and what was paid stays paid"),
    promise(Client, Nothing, None, "A node has one beacon of each operator, on which no more jobs are at once than attestors vouched for when it was opened, and it stays while a job uses it"),
    promise(Client, WhatIsNamed, None, "A reservation fixes the price and locks the bond from when it is taken; whoever leaves pays for it, more the closer the start is, and waiting for the start makes it no cheaper. What a provider pays goes to the client, or is burned if the terms ask for a class"),
    promise(Provider, Nothing, None, "A provider that may not start, because the right to the credits ends before it is known what the job pays, has not failed"),
    promise(Provider, Nothing, None, "Of jobs that StartJob, Heartbeat, DeliverJob, FinishJob, AcceptJob or CloseJob takes together, none keeps the others from going on; a job that is passed over stays as it was, and an event names it"),
    promise(Provider, Nothing, None, "A job ends where its pool gave `escrow` no rights"),
    promise(Provider, TenSeconds, None, "It pays neither to post a job that cannot be done, nor to refuse one that can"),
    promise(Client, WhatIsNamed, None, "A mandate gives its delegate no more than it names, ends at once, and its jobs go on"),
    promise(Client, Nothing, None, "Nobody has a reputation for a fee that came back"),
    promise(Provider, Nothing, None, "A provider need not work for what the issuer of a token froze or took, nor start a job for credits that may not be paid"),
    promise(Client, Nothing, None, "A client is bound only by the terms of the market that it signed for"),
    promise(Provider, Nothing, None, "A halt of the chain is nobody's fault, also before anyone has noted it, if the halt clock was ticked shortly before (how much is missing otherwise)"),
    promise(Network, Nothing, Some("stake"), "Nobody takes own stake out of reach of slashes through a job with itself"),
    promise(Client, Nothing, None, "Borrowed stake does not count in the second in which it came"),
    promise(Backer, Nothing, Some("stake"), "Leaving never depends on what slashes did to others"),
    promise(Backer, Nothing, None, "A pot holds and releases whatever a supply can be"),
    promise(Provider, Nothing, None, "Closing a provider returns its rent and forgets nothing"),
    promise(Backer, Nothing, None, "Ticket numbers are used once"),
    promise(Backer, Nothing, None, "No lock is left by a seizure: no job holds locked own stake"),
    promise(Backer, Nothing, Some("stake"), "Only stake that is locked has a lock's weight"),
    promise(Backer, Nothing, None, "Nobody but its owner takes a backer's way out of a lock"),
    promise(Backer, Nothing, None, "Nobody pays for a fault that was found before his stake came"),
    promise(Client, AUnit, Some("stake"), "Until its bond is seized, the client of a bond pays nothing of slashes that were proposed before it was locked, but for a base unit of rounding for each proposal after the first; what is seized for it leaves like stake, and shares in what is decided after"),
    promise(Backer, Nothing, Some("stake"), "Jail costs the provider its rewards"),
    promise(Network, Nothing, None, "What was slashed can be burned and paid"),
    promise(Backer, ItsPart, Some("stake"), "Whatever a coalition of providers, delegators and a slasher of bonds does, who only stakes earns his part and loses his part of slashes, and it pays its own"),
    promise(Provider, Nothing, Some("escrow"), "Whatever a client and a provider do together, a provider that starts, beats and delivers in time is paid and keeps its bond, and a client pays for what it got"),
    promise(Holder, Nothing, Some("bme"), "All that self-dealing returns, to whomever, is at most what it burned, or, for dollars, what these would have bought"),
    promise(Provider, Nothing, None, "Nobody is paid out of what was burned for another's work"),
    promise(Holder, Nothing, None, "Without work nothing is minted"),
    promise(Provider, Nothing, None, "An epoch is settled by the policy that it began with"),
    promise(Provider, Nothing, None, "A slip of the epochs' length ends with the change that mends it, and pays for its time alone"),
    promise(Provider, Nothing, None, "A keeper who sleeps changes nobody's total"),
    promise(Holder, Nothing, None, "What was burned for credits can return later; what else is burned never"),
    promise(Claimant, WhatIsNamed, None, "What may leave by a root in a given time is bounded, and claims do not race"),
    promise(Claimant, Nothing, None, "One oracle alone takes no claimant's right to what an older root still opens"),
    promise(Claimant, Nothing, None, "Stopping an active root takes nothing from its claimants that is open, and gives nobody anything"),
    promise(Claimant, Nothing, None, "What a root owes is promised as what is deferred"),
    promise(Claimant, Nothing, None, "Neither epochs nor roots take the other's part of the breaker"),
    promise(Provider, Nothing, None, "A revocation leaves 30 days to settle"),
    promise(Owner, Nothing, None, "A right to credits that is given again pays no older job"),
    promise(Provider, Time, None, "A limit never makes a locked credit unsettleable, and is no prize for whoever comes first"),
    promise(Provider, Nothing, None, "A shard is closed with nothing lost that it counts or holds, and its lane keeps one"),
    promise(Holder, Nothing, None, "A change of policy begins no window of the breaker"),
    promise(Holder, Nothing, None, "A limit is what it says, whatever the number of shards"),
    promise(Provider, Time, None, "What waits for a limit is paid whoever accrues it, and blocks no epoch"),
    promise(Holder, Nothing, None, "No lane returns more than was burned for its work, unless the operator vouches"),
    promise(Client, WhatIsNamed, None, "A keeper's tip is for a change that certainly happens, once, out of what was advanced for the job, the panel or the game; a party gets none"),
    promise(Provider, Nothing, None, "Each lane pays for the jobs of its markets, and ends no others"),
    promise(Provider, WhatIsNamed, None, "Lanes are weighed once an epoch, within the policy's band, for later epochs"),
    promise(Owner, Nothing, None, "A newer price does not refuse a buyer whose price is at most 30 seconds older, and that price buys no more"),
    promise(Provider, Nothing, None, "An epoch closes while the oracle is silent"),
    promise(Holder, Nothing, None, "No emission, fee or slash goes to an account of a program's address that the program does not know"),
    promise(Network, WhatIsNamed, None, "Keepers of a network get no more than a share of what its treasury got, once an interval; with it they keep it alive"),
    promise(Anyone, Time, None, "A pause ends, whoever lost which key"),
    promise(Owner, Nothing, Some("bme"), "An account is closed only when it is empty, by its owner, and its rent goes to whoever paid it"),
    promise(Claimant, Nothing, None, "Closing an account forgets nothing that somebody needs: what roots paid, numbers of panels, what closed spenders left locked"),
    promise(Provider, Nothing, None, "A provider that closed its record of work delays nobody, and is still owed its pay"),
    promise(Anyone, Nothing, None, "Every number of a policy has two bounds"),
    promise(Holder, Nothing, None, "A reserve pays no more than was sent there, and promises no more than it holds"),
    promise(Provider, Nothing, None, "No account that refuses a reserve's tokens stops an epoch"),
    promise(Provider, Nothing, None, "What was set aside for owners whose credits nobody took is there again for who works"),
    promise(Holder, Nothing, None, "Nobody can mint a reserve's token, and nobody takes another founder's address"),
    promise(Holder, Nothing, None, "What customers pay goes where the policy of the open epoch says"),
    promise(Holder, Nothing, None, "Credits for dollars are no more than the dollars, less the treasury's part"),
    promise(Holder, Nothing, None, "Dollars leave for tokens that are burned in the same instruction, and for the treasury's part, and not otherwise"),
    promise(Holder, WhatIsNamed, None, "A wrong price loses at most the bucket; a sale in parts is paid no more; dust moves it by dust"),
    promise(Holder, Nothing, None, "A circle of dollars, work, emission and sale loses, and is refused where it would not"),
    promise(Holder, Nothing, None, "Nobody gains by choosing among prices of sales and purchases, or by being the first after a change"),
    promise(Provider, WhatIsNamed, None, "Dollars share with no work that was done before their mint and feed were named in public, but for work above its lane's limit, which is paid in later epochs"),
    promise(Owner, Nothing, None, "Whatever a stablecoin's issuer does, credits go on"),
    promise(Holder, Nothing, None, "Dollars that nobody wants stop sales for dollars"),
    promise(Holder, Nothing, None, "Nobody ever freezes a network's token"),
    promise(Network, Nothing, None, "What an attestor said stays punishable until its time is over, whatever becomes of node, owner and attestor"),
    promise(Network, Nothing, None, "Who attested can be punished while it counts, and for `liability_period` after that, whether or not anyone looks"),
    promise(Network, Nothing, None, "A false attestation is struck whether or not stake can punish it"),
    promise(Network, Nothing, None, "A closed class stops no verdict on its machines"),
    promise(Client, Nothing, None, "Borrowed stake vouches for nothing"),
    promise(Machine, Time, None, "A suspension ends without the authority, and no guardian stops a machine for good"),
    promise(Machine, Nothing, None, "Who is not the leaf's owner any more changes nothing of its node"),
    promise(Machine, Nothing, None, "A specification is its machine's: it is reserved by who committed first, and waits for a machine that was lost"),
    promise(Machine, Time, None, "Nobody throws a sold machine out of its class: its new owner has a day to sync it"),
    promise(Client, Nothing, None, "Whatever takes a leaf from its owner or its collection takes its machine out of service"),
    promise(Machine, Nothing, None, "A tree of another registry says nothing of this one's machines"),
    promise(Machine, Nothing, None, "No tree is made in which nothing can be minted or bound"),
    promise(Network, Nothing, None, "Fees are their receiver's, whoever paid for the tree"),
    promise(Anyone, Nothing, None, "Each account has an end, and its rent returns, but for what has to stay"),
];
