"""One of everything that the site can show: people in each situation and the pages that they see (UI-3)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.db.models import Model

from callastar.accounts.models import Role, User
from callastar.bookings.models import Booking
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.mail.kinds import Kind
from callastar.mail.models import EmailChoice, Suppression, SuppressionReason
from callastar.mail.unsubscribe import token_for
from callastar.offers.models import CallOffer, OfferStatus
from callastar.payments.models import Debt, Dispute
from callastar.payouts.models import Payout, PayoutPolicy
from tests import bookings, earnings, money_rows, upkeep_rows
from tests.factories import PASSWORD, make_admin, make_creator, make_offer, make_user
from tests.notifications import tell, tell_everything
from tests.second_factors import add_key, add_recovery_codes, add_totp

# Names and texts of no language, so that whatever else is read comes from the site itself.
LONG_NAME = "Maximiliana-Anastasia Wolfeschlegelstein-Featherstonehaugh"
LONG_TITLE = "Ipsum dolor consectetuer adipiscing Kraftfahrzeughaftpflichtversicherung elit"
BIO = "Lorem ipsum dolor sit amet, consectetuer adipiscing elit.\n\nAenean commodo ligula eget dolor. " * 3
MORE_THAN_A_PAGE = 25
SOON, DAY = timedelta(minutes=5), timedelta(days=1)

Situation = Callable[[CallOffer, User], Booking]


@dataclass(frozen=True, slots=True)
class Sight:
    """A page as one visitor sees it: its path behind the language, and the status it answers with."""

    who: str
    path: str
    status: int = 200

    def __str__(self) -> str:
        return f"{self.who}: {self.path}"


class World:
    """People, offers and bookings in the database, and what there is to see."""

    def __init__(self, star: Creator) -> None:
        """`star` is a creator who can be paid, at Stripe too if pages that ask Stripe are to be seen."""
        self.star = star
        self.fan = make_user(name="Noa Quill", timezone="America/New_York", password=PASSWORD)
        self.other = make_user(name="Ilo Brandt")
        self.people: dict[str, User | None] = {
            "guest": None,
            "fan": self.fan,
            "newcomer": make_user(name="Uma", timezone="America/New_York"),
            "careful": self._careful(),
            "star": star.user,
            "beginner": self._beginner(payable=False).user,
            "blocked": self._beginner(
                stripe_requirements=["external_account", "individual.dob", "business_profile.url"],
                charges_enabled=False,
            ).user,
            "admin": self._admin(),
            "unproven": make_admin(name="Ada Lind"),
        }
        self.bookings = {situation.__name__: self._book(situation) for situation in SITUATIONS}
        self.bookings |= {"paid_too_late": self._paid_too_late(), "open": self._open(), "past": self._past()}
        self.outcomes = {situation.__name__: self._book(situation) for situation in OUTCOMES}
        self.offers = {name: make_offer(creator=star, **fields) for name, fields in OFFERS.items()}
        self.offers["past"] = make_offer(creator=star, title="Dona", starts_at=clock.now() - 3 * DAY)
        self.offers["reserved"] = make_offer(creator=star, title="Vigo", reserved_for=self.other)
        earner = make_user(name="Nour Sand", role=Role.CREATOR)
        self.earner = make_creator(user=earner, bio=BIO, account_seen_at=clock.now())
        self.people["earner"] = self.earner.user
        self.money = earnings.story(self.earner, fan=self.other)
        earnings.requested(self.earner, amount=5_000, at=clock.now() - SOON)
        self.crowd = [self._one_of_many(number) for number in range(MORE_THAN_A_PAGE)]
        tell_everything(self.fan, link=f"bookings/{self.bookings['confirmed'].pk}")
        tell(star.user, link="dashboard/creator")
        Suppression.objects.create(address=self.fan.email, reason=SuppressionReason.BOUNCED)
        Suppression.objects.create(address=star.user.email, reason=SuppressionReason.COMPLAINED)
        EmailChoice.objects.create(user=self.other, kind=Kind.WAITING_LIST, wanted=False)

    def sights(self) -> list[Sight]:
        """Every page in every state."""
        return [
            *_of("guest", self._public()),
            *_of("guest", GUEST_ACCOUNT),
            *_of("guest", [self._confirm_link(), self._reset_link()]),
            Sight("guest", "nowhere", 404),
            *_of("guest", [self._unsubscribe(self.fan), self._unsubscribe(self.other)]),
            Sight("guest", "unsubscribe?token=nonsense", 404),
            *_of("fan", self._fans()),
            Sight("fan", f"bookings/{self.star.user_id}", 404),
            *_of("newcomer", NEWCOMER),
            *_of("careful", [*CAREFUL, *self._keys()]),
            *_of("star", self._stars()),
            *_of("earner", self._money()),
            *_of("beginner", [*STUDIO, *MONEY]),
            Sight("beginner", f"creators/{Creator.objects.get(user=self.people['beginner']).slug}"),
            *_of("blocked", ["dashboard/creator", "dashboard/creator/profile", "dashboard/creator/earnings"]),
            *_of("admin", ["", f"bookings/{self.bookings['confirmed'].pk}", "account/profile"]),
            Sight("admin", "account/email-settings"),
            *_of("admin", self._back_office()),
            Sight("unproven", "dashboard/admin/", 403),
        ]

    def _public(self) -> list[str]:
        quiet = self.crowd[-1]
        return [
            "",
            "creators",
            "creators?q=zzzz",
            "creators?page=2&sort=newest",
            f"creators?category={self.star.category}&price_min=1&sort=price",
            f"creators/{self.star.slug}",
            f"creators/{quiet.slug}",
            *(f"book/{self.offers[name].pk}" for name in ("free", "long", "cancelled", "past", "reserved")),
            f"book/{self.bookings['confirmed'].offer_id}",
        ]

    def _fans(self) -> Iterator[str]:
        yield from ("", f"creators/{self.star.slug}", "bookings", "bookings?page=2", "bookings?view=past")
        for booking in self.bookings.values():
            yield f"bookings/{booking.pk}"
            yield f"call/{booking.pk}"
        for booking in self.outcomes.values():
            yield from (f"bookings/{booking.pk}", f"bookings/{booking.pk}/contest")
        yield f"bookings/{self.bookings['held'].pk}/pay"
        yield from (f"bookings/{self.bookings[name].pk}/cancel" for name in ("held", "confirmed"))
        for name in ("held", "declined", "processing", "unanswered", "confirmed", "lapsed", "paid_too_late"):
            yield f"bookings/{self.bookings[name].pk}/return"
        for name in ("held", "confirmed", "lapsed", "paid_too_late"):
            yield f"book/{self.bookings[name].offer_id}"
        yield from (f"book/{self.offers['free'].pk}", "creators/become", *SETTINGS)
        yield from ("notifications", "notifications?page=2")

    def _stars(self) -> Iterator[str]:
        yield from STUDIO
        yield from (f"creators/{self.star.slug}", "dashboard/creator/offers?page=2", "notifications")
        yield "account/email-settings"
        for name in ("confirmed", "held", "processing", "cancelled", "past"):
            yield f"bookings/{self.bookings[name].pk}"
        yield from (f"bookings/{self.bookings[name].pk}/cancel" for name in ("held", "confirmed"))
        for booking in self.outcomes.values():
            yield from (f"bookings/{booking.pk}", f"bookings/{booking.pk}/contest")
        for name in ("open", "confirmed", "past"):
            yield f"call/{self.bookings[name].pk}"
        yield f"book/{self.offers['free'].pk}"
        yield f"dashboard/creator/offers/{self.offers['free'].pk}"
        yield f"dashboard/creator/offers/{self.bookings['confirmed'].offer_id}"

    def _money(self) -> Iterator[str]:
        yield from MONEY
        yield "dashboard/creator/earnings?page=2"
        yield from (f"dashboard/creator/earnings/{money.payment_id}" for money in self.money.values())
        yield from (f"dashboard/creator/payouts/{payout.pk}" for payout in self.earner.payouts.all())

    def _keys(self) -> Iterator[str]:
        careful = self.people["careful"]
        assert careful
        for key in careful.authenticator_set.filter(type="webauthn"):
            yield f"account/2fa/webauthn/keys/{key.pk}/edit/"
            yield f"account/2fa/webauthn/keys/{key.pk}/remove/"

    def _back_office(self) -> Iterator[str]:
        yield "dashboard/admin/"
        rows = [*money_rows.everything(self.bookings["confirmed"].payment), *upkeep_rows.everything()]
        for row in rows:
            place = f"dashboard/admin/{row._meta.app_label}/{row._meta.model_name}/"
            yield place
            yield from (f"{place}{row.pk}/{step}/" for step in ("change", *BACK_OFFICE.get(type(row), ())))
        call = f"dashboard/admin/calls/call/{self.bookings['open'].call_id}"
        yield from ("dashboard/admin/calls/call/", f"{call}/change/", f"{call}/move/")
        yield "dashboard/admin/bookings/booking/?decision=all"
        for name, step in (("contested", "change"), ("broke_down", "decide")):
            yield f"dashboard/admin/bookings/booking/{self.outcomes[name].pk}/{step}/"
        yield "dashboard/admin/payouts/payout/?q=zzzz&status__exact=REQUESTED"
        yield "dashboard/admin/ledger/entry/export/"
        yield from (
            f"dashboard/admin/mails/{place}" for place in ("", "group/reminders/", "booking_confirmed_fan/")
        )
        yield "dashboard/admin/ledger/entry/balances/?since=2026-01-01&until=2100-01-01"

    def _confirm_link(self) -> str:
        address = EmailAddress.objects.get(user=make_user(verified=False))
        return f"account/confirm-email/{EmailConfirmationHMAC.create(address).key}/"

    def _reset_link(self) -> str:
        person = make_user(password=PASSWORD)
        return f"account/password/reset/key/{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}/"

    def _unsubscribe(self, user: User) -> str:
        return f"unsubscribe?token={token_for(user_id=user.pk, kind=Kind.WAITING_LIST)}"

    def _book(self, situation: Situation) -> Booking:
        return situation(make_offer(creator=self.star, title="Kora"), self.fan)

    def _paid_too_late(self) -> Booking:
        offer = make_offer(creator=self.star, title=LONG_TITLE)
        return bookings.paid_too_late(offer, self.fan, self.other)

    def _open(self) -> Booking:
        offer = make_offer(creator=self.star, title="Nadir", starts_at=clock.now() + SOON)
        return bookings.confirmed(offer, self.fan)

    def _past(self) -> Booking:
        return bookings.completed(make_offer(creator=self.star, title="Solo"), self.fan)

    def _careful(self) -> User:
        user = make_user(name="Ida Voss", password=PASSWORD)
        add_totp(user)
        add_recovery_codes(user)
        add_key(user, name="Titan")
        EmailAddress.objects.create(user=user, email="ida.voss@example.net", verified=False, primary=False)
        return user

    def _admin(self) -> User:
        user = make_admin(name="Oda Rhys")
        add_totp(user)
        return user

    def _beginner(self, **fields: object) -> Creator:
        user = make_user(name="Lio Stern", role=Role.CREATOR)
        return make_creator(user=user, bio=BIO, account_seen_at=clock.now(), **fields)

    def _one_of_many(self, number: int) -> Creator:
        user = make_user(name=LONG_NAME if number == 0 else f"Kai {number}", role=Role.CREATOR)
        return make_creator(
            user=user, bio="Lorem ipsum dolor.", expertise="Lorem", account_seen_at=clock.now()
        )


SITUATIONS: tuple[Situation, ...] = (
    bookings.held,
    bookings.declined,
    bookings.processing,
    bookings.unanswered,
    bookings.confirmed,
    bookings.cancelled,
    bookings.lapsed,
)
OUTCOMES: tuple[Situation, ...] = (
    bookings.took_place,
    bookings.fan_missed,
    bookings.creator_missed,
    bookings.broke_down,
    bookings.contested,
    bookings.decided,
)
OFFERS: dict[str, dict[str, object]] = {
    "free": {"title": "Aria", "description": BIO},
    "long": {"title": LONG_TITLE, "description": "", "price": 10_000_000},
    "cancelled": {"title": "Vela", "status": OfferStatus.CANCELLED},
}
BACK_OFFICE: dict[type[Model], tuple[str, ...]] = {  # what can be done there, beside looking
    Payout: ("approve", "reject"),
    PayoutPolicy: ("block",),
    Dispute: ("evidence",),
    Debt: ("settle",),
}
GUEST_ACCOUNT = [
    "account/login/",
    "account/login/?next=/bookings",
    "account/signup/",
    "account/password/reset/",
    "account/password/reset/done/",
    "account/password/reset/key/1-nonsense/",
    "account/password/reset/key/done/",
    "account/inactive/",
    "account/confirm-email/",
    "account/confirm-email/nonsense/",
]
SETTINGS = [
    "account/profile",
    "account/email-settings",
    "account/email/",
    "account/password/change/",
    "account/2fa/",
    "account/sessions/",
    "account/logout/",
    "account/reauthenticate/",
]
NEWCOMER = [
    "notifications",
    "bookings",
    "bookings?view=past",
    "account/password/set/",
    "account/2fa/totp/activate/",
    "account/2fa/webauthn/",
    "account/2fa/webauthn/add/",
]
CAREFUL = [
    "account/email/",
    "account/2fa/",
    "account/2fa/totp/deactivate/",
    "account/2fa/recovery-codes/",
    "account/2fa/recovery-codes/generate/",
    "account/2fa/webauthn/",
    "account/2fa/reauthenticate/",
    "account/2fa/webauthn/reauthenticate/",
    "account/reauthenticate/",
]
STUDIO = [
    "dashboard/creator",
    "dashboard/creator/offers",
    "dashboard/creator/offers?view=past",
    "dashboard/creator/offers/new",
    "dashboard/creator/bookings",
    "dashboard/creator/bookings?view=past",
    "dashboard/creator/profile",
    "dashboard/creator/mails",
]
MONEY = [
    "dashboard/creator/earnings",
    "dashboard/creator/earnings/statements",
    "dashboard/creator/payouts",
    "dashboard/creator/payouts/ask/EUR",
    "dashboard/creator/payouts/settings",
]


def _of(who: str, paths: "Iterator[str] | list[str]") -> list[Sight]:
    return [Sight(who, path) for path in paths]
