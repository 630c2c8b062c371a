use joule_interface::errors;

errors! {
    /// Errors of `stake`.
    pub enum StakeError = 2000 {
        WrongPool = 2100 => "an account belongs to another pool",
        WrongProvider = 2101 => "an account belongs to another provider",
        CommissionTooHigh = 2102 => "the commission is more than the pool allows",
        InsufficientShares = 2103 => "the delegation has fewer shares",
        InsufficientStake = 2104 => "the provider has fewer free tokens: the rest backs running jobs or is to be slashed",
        NotWithdrawable = 2105 => "the unbonding time has not passed yet",
        WrongSlasher = 2106 => "the bond was locked by another slasher",
        ProviderNotActive = 2107 => "the provider may not take jobs or stake",
        SelfStakeTooLow = 2108 => "the provider's stake is below the pool's minimum",
        WrongPayer = 2109 => "the account to receive the rent is not the one that paid it",
        CommissionStepTooLarge = 2110 => "one change may not move the commission so far",
        Locked = 2111 => "the delegation is locked: its stake cannot leave and its lock not end before its time",
        LockTooShort = 2112 => "the lock would end before the one that is running",
        IncomingStake = 2113 => "stake of other providers is on its way to the delegation",
        NotEmpty = 2114 => "what is to be closed still holds something",
        Redelegating = 2115 => "the ticket goes to another delegation",
        WrongNewDelegation = 2116 => "the ticket goes to another delegation or to none",
        SlashPending = 2117 => "a slash of the provider is proposed: nothing leaves its reach until that is decided",
        MissingRight = 2118 => "the slasher does not have the right to do this",
        SlasherLimitReached = 2119 => "the slasher has proposed all that it may in this window",
        SlashLimitReached = 2120 => "all that may be slashed of the provider in this window is proposed already",
        SlashNotExecutable = 2121 => "the slash can still be vetoed",
        SlashExpired = 2122 => "the slash was not executed in time",
        SlashNotExpired = 2123 => "the slash can still be executed",
        NotJailed = 2124 => "the provider is not in jail",
        StillJailed = 2125 => "the provider's time in jail has not passed yet",
        BondInUse = 2126 => "the bond holds another job's collateral",
        WrongBond = 2127 => "the bond is not this job's, or does not hold so much",
        WrongReceiver = 2128 => "what is seized does not go there by the bond's terms",
        NoRewards = 2129 => "there is nothing to claim",
        ChangeNotReady = 2130 => "the change of rules has not waited long enough",
        ChangeExpired = 2131 => "the change of rules was not executed in time",
    }
}
