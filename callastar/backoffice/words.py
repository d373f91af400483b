"""The platform's own words for what is kept as codes: accounts and entries of the journal, obstacles, actors."""

from django.utils.translation import gettext_lazy as _

from callastar.audit.models import ActorKind
from callastar.backoffice.cells import Text
from callastar.ledger.models import Account, EntryKind, RunStatus
from callastar.payments.models import ReversalPurpose
from callastar.payouts.models import PayoutStatus
from callastar.payouts.rules.eligibility import Obstacle

ACCOUNTS: dict[str, Text] = {
    Account.PLATFORM_BALANCE: _("Platform’s balance at Stripe"),
    Account.CREATOR_BALANCE: _("Creator’s balance at Stripe"),
    Account.IN_TRANSIT: _("On its way to the bank"),
    Account.CREATOR_BANK: _("Creator’s bank"),
    Account.PLATFORM_BANK: _("Platform’s bank"),
    Account.DISPUTED: _("Held by disputes"),
    Account.DEBT: _("Owed by creators"),
    Account.FAN_FUNDS: _("Fans’ money, not allocated"),
    Account.EARNINGS: _("Earned by creators"),
    Account.IN_PAYOUT: _("In payouts"),
    Account.PAID: _("Paid out"),
    Account.DISPUTE_RESERVE: _("Taken back for disputes"),
    Account.COMMISSION: _("Commission"),
    Account.PROCESSING_FEES: _("Processing fees collected"),
    Account.STRIPE_FEES: _("Stripe’s fees, as estimated"),
    Account.FEE_DIFFERENCE: _("Difference to Stripe’s real fees"),
    Account.DISPUTE_FEES: _("Dispute fees"),
    Account.ADJUSTMENTS: _("Moved at Stripe by hand"),
    Account.SETTLED_OUTSIDE: _("Debts settled by hand"),
}
ENTRIES: dict[str, Text] = {
    EntryKind.CHARGE: _("Charge"),
    EntryKind.TRANSFER: _("Transfer to the creator"),
    EntryKind.COMMISSION: _("Commission"),
    EntryKind.PROCESSING_FEE: _("Processing fee"),
    EntryKind.STRIPE_FEE: _("Stripe’s fee"),
    EntryKind.REFUND: _("Refund"),
    EntryKind.REFUND_FAILURE: _("Refund that failed"),
    EntryKind.TRANSFER_REVERSAL: _("Taken back from the creator"),
    EntryKind.FEE_REFUND: _("Fee given back"),
    EntryKind.FEE_WAIVED: _("Platform’s share of a refund"),
    EntryKind.DISPUTE: _("Withdrawn by a dispute"),
    EntryKind.DISPUTE_FEE: _("Dispute fee"),
    EntryKind.DISPUTE_WON: _("Dispute won"),
    EntryKind.DISPUTE_LOST: _("Dispute lost"),
    EntryKind.RESTITUTION: _("Given back after a dispute"),
    EntryKind.DEBT_MADE: _("Debt made"),
    EntryKind.DEBT_SETTLED: _("Debt settled"),
    EntryKind.DEBT_CANCELLED: _("Debt cancelled"),
    EntryKind.PAYOUT: _("Payout sent"),
    EntryKind.PAYOUT_PAID: _("Payout arrived"),
    EntryKind.PAYOUT_FAILURE: _("Payout failed"),
    EntryKind.PLATFORM_PAYOUT: _("Platform’s own payout"),
    EntryKind.PLATFORM_PAYOUT_FAILURE: _("Platform’s own payout failed"),
    EntryKind.ADJUSTMENT: _("Adjustment"),
    EntryKind.CORRECTION: _("Correction"),
}
OBSTACLES: dict[str, Text] = {
    Obstacle.NOT_ONBOARDED: _("The Stripe account is not finished or gone"),
    Obstacle.PAYOUTS_DISABLED: _("Stripe has stopped payouts of the account"),
    Obstacle.BLOCKED: _("Payouts are blocked"),
    Obstacle.BANK_ACCOUNT_MUST_BE_FIXED: _("The bank account must be changed first"),
    Obstacle.DEBT_ABOVE_THRESHOLD: _("The debt is above the limit"),
    Obstacle.PAYOUT_IN_PROGRESS: _("Another payout is under way"),
    Obstacle.PAUSED: _("The creator has paused payouts"),
    Obstacle.WAITING_FOR_RETRY: _("A payout that failed is tried again soon"),
    Obstacle.NOTHING_PAYABLE: _("Nothing can be paid out yet"),
    Obstacle.BELOW_MINIMUM: _("Below the creator’s minimum"),
}
RUNS: dict[str, Text] = {
    RunStatus.RUNNING: _("Running"),
    RunStatus.CLEAN: _("No differences"),
    RunStatus.DIFFERENT: _("Differences found"),
    RunStatus.FAILED: _("Failed"),
}
ACTORS: dict[str, Text] = {
    ActorKind.USER: _("Fan"),
    ActorKind.CREATOR: _("Creator"),
    ActorKind.ADMIN: _("Team"),
    ActorKind.SYSTEM: _("System"),
    ActorKind.GUEST: _("Guest"),
}
PURPOSES: dict[str, Text] = {
    ReversalPurpose.DEBT: _("To settle a debt"),
    ReversalPurpose.DISPUTE: _("For a dispute"),
}
PAYOUT_STATUSES: dict[str, Text] = dict(PayoutStatus.choices)
TRANSFERS: dict[str, Text] = {
    "paid": _("Transferred"),
    "partly_reversed": _("Partly taken back"),
    "reversed": _("Taken back"),
}
# Statuses of mails (`mail.EmailStatus`), as evidence names them.
MAILS: dict[str, Text] = {
    "pending": _("not sent yet"),
    "sent": _("sent"),
    "delivered": _("delivered"),
    "bounced": _("came back"),
    "complained": _("marked as unwanted"),
    "failed": _("not sent"),
    "skipped": _("not needed any more"),
}
