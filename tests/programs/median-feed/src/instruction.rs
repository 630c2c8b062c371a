//! Instructions.

use {
    crate::state::{Settings, Source},
    joule_interface::instruction,
    joule_math::{Seconds, Timestamp},
};

instruction! {
    /// Reports what a signer observed, and publishes a price if enough is new.
    pub Report(ReportArgs) = 0 {
        accounts {
            /// A signer of the feed's sources.
            reporter: [signer],
            /// The feed.
            feed: [writable],
            /// Its price account.
            price: [writable],
        }
        args {
            /// Price, in units of the feed's exponent: 1 to 2^53.
            price: u64,
            /// Half width of its confidence interval: at most the price.
            conf: u64,
            /// When it was observed: after the source's last report, no longer ago than `max_age`, and at most 30 seconds from now,
            /// which counts as now.
            observed_at: Timestamp,
        }
    }
}
instruction! {
    /// Takes over another feed's price, and publishes one if enough is new. Anyone may call.
    pub Pull(PullArgs) = 1 {
        accounts {
            /// The feed.
            feed: [writable],
            /// Its price account.
            price: [writable],
            /// A fully verified price update, of a feed and a receiver that are a source.
            price_update: [],
        }
        args {}
    }
}
instruction! {
    /// Opens a feed.
    pub Open(OpenArgs) = 2 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// Authority of the new feed.
            authority: [signer],
            /// The feed to create.
            feed: [writable],
            /// Its price account to create.
            price: [writable],
            /// System program.
            system_program: [],
        }
        args {
            /// Number among the authority's feeds.
            id: u64,
            /// Power of ten of all prices, -12 to 0.
            exponent: i32,
            /// How long proposals wait: an hour to 30 days. No shorter than the network's `change_delay`.
            change_delay: Seconds,
            /// How reports become a price.
            settings: Settings,
        }
        tail {
            /// The sources: 1 to 16.
            sources: [Source],
        }
    }
}
instruction! {
    /// Proposes other sources and settings, or to close the feed. Replaces what was proposed before.
    pub Propose(ProposeArgs) = 3 {
        accounts {
            /// Authority of the feed.
            authority: [signer],
            /// The feed.
            feed: [writable],
        }
        args {
            /// How reports become a price.
            settings: Settings,
        }
        tail {
            /// All sources, at most 16; none to close the feed.
            sources: [Source],
        }
    }
}
instruction! {
    /// Puts what was proposed in force, from `change_delay` after it was, for 14 days. Anyone may call. Sources that stay keep
    /// their reports.
    pub Execute(ExecuteArgs) = 4 {
        accounts {
            /// The feed.
            feed: [writable],
        }
        args {}
    }
}
instruction! {
    /// Removes a source at once. No fewer reports make a price then, so it can stop a feed. Those that are left may be others' majority:
    /// see README.md.
    pub Remove(RemoveArgs) = 5 {
        accounts {
            /// Authority of the feed.
            authority: [signer],
            /// The feed.
            feed: [writable],
        }
        args {
            /// The source.
            source: Source,
        }
    }
}
instruction! {
    /// Gives the authority to another, who signs as well; or to nobody, for good.
    pub HandOver(HandOverArgs) = 6 {
        accounts {
            /// Authority of the feed.
            authority: [signer],
            /// The feed.
            feed: [writable],
            /// The next authority; left out: nobody can change the feed any more.
            successor: [signer, optional],
        }
        args {}
    }
}
instruction! {
    /// Closes a feed, from `change_delay` after that was proposed, for 14 days. Anyone may call. It waits as a change does, because
    /// its creator can open it again with other sources.
    pub Close(CloseArgs) = 7 {
        accounts {
            /// The feed.
            feed: [writable],
            /// Its price account.
            price: [writable],
            /// Who paid the rent, and gets it.
            rent_receiver: [writable],
        }
        args {}
    }
}
