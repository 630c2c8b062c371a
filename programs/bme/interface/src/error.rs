use joule_interface::errors;

errors! {
    /// Errors of `bme`.
    pub enum BmeError = 1000 {
        WrongPriceOwner = 1100 => "the price account does not belong to the network's price receiver",
        WrongPriceAccount = 1101 => "the price account is not the one that the network pins",
        InvalidPriceAccount = 1102 => "the price account does not hold a price update",
        PartialPrice = 1103 => "the price update's signatures were not all verified",
        WrongFeed = 1104 => "the price update is of another feed",
        StalePrice = 1105 => "the price is older than the network allows, or than one that the shard accepted before",
        FuturePrice = 1106 => "the price was published in the future",
        NotPositivePrice = 1107 => "the price is not positive, or not more than its confidence interval",
        UncertainPrice = 1108 => "the price's confidence interval is wider than the network allows",
        PriceExponent = 1109 => "the price's exponent is out of range",
        Slippage = 1110 => "the tokens buy fewer credits than the caller asked for at least",
        InsufficientCredits = 1111 => "the account has fewer free credits, or fewer locked for this spender",
        WrongMintAuthority = 1112 => "the signer cannot hand the mint's authority to the network",
        TooManyShards = 1113 => "the network has as many shards as it can have",
        TooManySpenders = 1114 => "the network has as many spenders as it can have",
        RingFull = 1115 => "the provider's ring holds unaccrued work in that place: accrue it first",
        EpochOpen = 1116 => "the epoch has not ended yet",
        WrongEpoch = 1117 => "the epoch is neither the open one nor the one that is being closed",
        EpochUnsettled = 1118 => "the epoch is still being closed",
        AlreadyFolded = 1119 => "the shard is folded into the epoch already",
        NoWork = 1120 => "the provider has no unaccrued work in the epoch",
        NothingToClaim = 1121 => "nothing is accrued",
        MintHasSupplyOverMaximum = 1122 => "the mint's supply exceeds the maximum supply",
    }
}
