"""Accounts at Stripe, the platform's own and every creator's: their payouts one by one, their balances as a whole."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Q, Sum

from callastar.core.errors import ProviderError
from callastar.creators.models import Creator
from callastar.ledger.models import Account, Balance, EntryKind, Line
from callastar.ledger.rules import AMOUNT, Found, Side, compare_totals
from callastar.payouts.models import Payout
from callastar.payouts.operations.reconcile.journal import Window, posted, references
from callastar.payouts.operations.reconcile.objects import BOOKED
from callastar.payouts.rules.states import CANCELED, FAILED, status_of_stripe
from callastar.providers.stripe import lists, money
from callastar.providers.stripe import payouts as gateway
from callastar.providers.stripe.money_types import PayoutSnapshot

_CAME_BACK = (FAILED, CANCELED)
UNREADABLE = "account_unreadable"


class Payouts:
    """The payouts of one creator's account: amount, status, and what the journal has of them."""

    noun = "payout"

    def __init__(self, account: str) -> None:
        self.account = account

    def listed(self, window: Window) -> Iterator[Side]:
        """Payouts that left the account, whoever made them."""
        return map(self._theirs, lists.payouts_since(window[0], account=self.account))

    def asked(self, id: str) -> Side:
        """One payout."""
        return self._theirs(gateway.get_payout(account=self.account, payout_id=id))

    def _theirs(self, payout: PayoutSnapshot) -> Side:
        status = status_of_stripe(payout.status)
        return Side(
            noun=self.noun,
            id=payout.id,
            figures={AMOUNT: payout.amount, BOOKED: 0 if status in _CAME_BACK else payout.amount},
            currency=payout.currency,
            status=status,
            account=payout.account,
        )

    def ours(self, theirs: Collection[Side], ids: Collection[str]) -> dict[str, Side]:
        """Our rows, and what their entries took off the account."""
        entries = posted([key for id_ in ids for key in (f"payout:{id_}", f"payout_failure:{id_}")])
        return {
            row.stripe_payout_id: Side(
                noun=self.noun,
                id=row.stripe_payout_id,
                figures={
                    AMOUNT: row.amount,
                    BOOKED: -sum(
                        entries[key].of(Account.CREATOR_BALANCE)
                        for key in (
                            f"payout:{row.stripe_payout_id}",
                            f"payout_failure:{row.stripe_payout_id}",
                        )
                        if key in entries
                    ),
                },
                currency=row.currency,
                status=row.status,
                our_id=str(row.pk),
                account=self.account,
            )
            for row in Payout.objects.filter(stripe_payout_id__in=ids, stripe_account=self.account)
        }

    def known(self, window: Window) -> Iterable[str]:
        """Payouts that Stripe has made, as far as we know."""
        rows = Payout.objects.filter(stripe_account=self.account, sent_at__gte=window[0])
        return rows.exclude(stripe_payout_id="").values_list("stripe_payout_id", flat=True)


class OwnPayouts:
    """The platform's payouts to its own bank: what left, and what came back."""

    noun = "own_payout"

    def listed(self, window: Window) -> Iterator[Side]:
        """The platform's payouts."""
        return map(self._theirs, lists.payouts_since(window[0]))

    def asked(self, id: str) -> Side:
        """One of them."""
        return self._theirs(gateway.get_payout(account=None, payout_id=id))

    def _theirs(self, payout: PayoutSnapshot) -> Side:
        came_back = status_of_stripe(payout.status) in _CAME_BACK
        figures = {AMOUNT: 0 if came_back else payout.amount}
        return Side(noun=self.noun, id=payout.id, figures=figures, currency=payout.currency)

    def ours(self, theirs: Collection[Side], ids: Collection[str]) -> dict[str, Side]:
        """Their entries, less those that took them back."""
        names = ("platform_payout", "platform_payout_failure")
        entries = posted([f"{name}:{id_}" for id_ in ids for name in names])
        return {
            id_: Side(
                noun=self.noun,
                id=id_,
                figures={
                    AMOUNT: sum(
                        entries[key].of(Account.PLATFORM_BANK)
                        for name in names
                        if (key := f"{name}:{id_}") in entries
                    )
                },
                currency=entries[f"platform_payout:{id_}"].currency,
                our_id=f"platform_payout:{id_}",
            )
            for id_ in ids
            if f"platform_payout:{id_}" in entries
        }

    def known(self, window: Window) -> Iterable[str]:
        """Payouts of the platform that were posted."""
        return references(window, EntryKind.PLATFORM_PAYOUT)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose balance is compared: a creator with all accounts they have had, or the platform (`creator_id` None)."""

    creator_id: int | None
    accounts: tuple[str, ...] = ()

    def differences(self) -> list[Found]:
        """What Stripe holds for them against what the journal says, by currency.

        Raises temporary `ProviderError`s; an account that Stripe does not let us read is a difference itself.
        """
        if self.creator_id is None:
            theirs = _at_stripe(None)
            return compare_totals(
                noun="balance",
                our_id=Account.PLATFORM_BALANCE,
                account="",
                ours=_of_platform(),
                theirs=theirs,
            )
        sums: defaultdict[str, int] = defaultdict(int)
        for account in self.accounts:
            try:
                for currency, amount in _at_stripe(account).items():
                    sums[currency] += amount
            except ProviderError as error:
                if error.is_temporary:
                    raise
                return [unreadable(self, account, error)]
        return compare_totals(
            noun="balance",
            our_id=f"{Account.CREATOR_BALANCE} {self.creator_id}",
            account=self.accounts[0],
            ours=_of_creator(self.creator_id),
            theirs=sums,
        )


def unreadable(holder: Holder, account: str, error: ProviderError) -> Found:
    """An account that was closed, or that its owner has taken away from the platform."""
    ours = {currency: amount for currency, amount in _of_creator(holder.creator_id or 0).items() if amount}
    currency, amount = next(iter(sorted(ours.items())), ("", None))
    return Found(
        UNREADABLE,
        account,
        f"{Account.CREATOR_BALANCE} {holder.creator_id}",
        account,
        currency,
        amount,
        None,
        f"Stripe: {error.code or error.message}"[:200],
    )


def holders() -> Iterator[Holder]:
    """Every creator who has or had an account, and those whom the journal has money of."""
    old: defaultdict[int, set[str]] = defaultdict(set)
    for creator_id, account in (
        Payout.objects.exclude(stripe_account="").values_list("creator_id", "stripe_account").distinct()
    ):
        old[creator_id].add(account)
    rows = Creator.objects.filter(~Q(stripe_account_id="") | Q(pk__in=old)).order_by("pk")
    for creator_id, current in rows.values_list("pk", "stripe_account_id").iterator(chunk_size=1000):
        accounts = dict.fromkeys([*filter(None, [current]), *sorted(old.get(creator_id, ()))])
        yield Holder(creator_id, tuple(accounts))


def _at_stripe(account: str | None) -> Mapping[str, int]:
    balance = money.balance(account=account)
    currencies = {*balance.available, *balance.pending, *balance.reserved}
    return {currency: balance.total(currency) for currency in currencies}


def _of_platform() -> dict[str, int]:
    rows = Line.objects.filter(account=Account.PLATFORM_BALANCE).values_list("currency")
    return dict(rows.annotate(total=Sum("amount")))


def _of_creator(creator_id: int) -> dict[str, int]:
    """Stored sums: that they are those of the lines is compared by itself."""
    rows = Balance.objects.filter(account=Account.CREATOR_BALANCE, creator_id=creator_id)
    return dict(rows.values_list("currency", "amount"))
