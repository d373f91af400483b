"""Payment intents: claim our row, ask Stripe, record the answer. Stripe is never asked inside a transaction.

The caller (bookings) decides when money may be taken; this module makes sure that it is one intent, whatever crashes.
"""

from dataclasses import asdict
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.core.fees import FeeSplit
from callastar.core.money import Money
from callastar.payments.models import IntentState, Payment, PaymentStatus
from callastar.payments.refusals import PaymentInProgressError
from callastar.payments.rules import needs_on_behalf_of
from callastar.providers.stripe import gateway
from callastar.providers.stripe.types import ABANDONED, GIVEN_UP, IntentRequest, IntentSnapshot


def create_payment(
    *, booking_id: UUID, offer_id: UUID, creator_id: int, fan_id: UUID, price: Money, split: FeeSplit
) -> Payment:
    """Insert the payment of a new booking, its fee parts frozen."""
    return Payment.objects.create(
        booking_id=booking_id,
        offer_id=offer_id,
        creator_id=creator_id,
        fan_id=fan_id,
        amount=price.minor,
        currency=price.currency,
        platform_fee=split.commission,
        processing_fee=split.processing,
        creator_amount=split.creator_amount,
    )


def claim_intent(*, payment: Payment, destination: str, country: str, receipt_email: str, title: str) -> None:
    """Note that an intent is being opened and with which parameters. `payment` is locked by the caller.

    Raises `PaymentInProgressError` while another intent for the same offer can still take money: the database's unique
    index says so.
    """
    if payment.intent_state != IntentState.NONE:
        return
    request = _request(payment, destination, country, receipt_email, title)
    payment.intent_request = asdict(request)
    payment.intent_state = IntentState.OPENING
    try:
        with transaction.atomic():
            payment.save(update_fields=["intent_request", "intent_state", "updated_at"])
    except IntegrityError as error:
        raise PaymentInProgressError from error


def _request(
    payment: Payment, destination: str, country: str, receipt_email: str, title: str
) -> IntentRequest:
    crosses = needs_on_behalf_of(platform_country=settings.STRIPE_PLATFORM_COUNTRY, creator_country=country)
    return IntentRequest(
        amount=payment.amount,
        currency=payment.currency,
        destination=destination,
        application_fee_amount=payment.application_fee,
        receipt_email=receipt_email,
        statement_descriptor_suffix=settings.STRIPE_STATEMENT_SUFFIX,
        description=title,
        metadata={
            "booking": str(payment.booking_id),
            "offer": str(payment.offer_id),
            "creator": str(payment.creator_id),
            "fan": str(payment.fan_id),
        },
        on_behalf_of=destination if crosses else "",
    )


def open_intent(*, payment_id: UUID, patience: float | None = None) -> IntentSnapshot:
    """Open the claimed intent at Stripe, or fetch it when it is open already. Raises `ProviderError`.

    A claim whose answer was lost is asked for again with the same key and parameters: the same intent comes back.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.intent_id:
        return gateway.get_intent(intent_id=payment.intent_id, patience=patience)
    try:
        snapshot = gateway.create_intent(
            request=IntentRequest(**payment.intent_request),
            idempotency_key=_open_key(payment),
            patience=patience,
        )
    except ProviderError as error:
        if not error.is_temporary:
            _record_refusal(payment, error)
        raise
    _record_opened(payment, snapshot)
    return snapshot


def _open_key(payment: Payment) -> str:
    return f"booking-{payment.booking_id}-intent-{payment.intent_attempt}"


def _record_opened(payment: Payment, snapshot: IntentSnapshot) -> None:
    with transaction.atomic():
        Payment.objects.filter(pk=payment.pk, intent_id="").update(intent_id=snapshot.id)
        Payment.objects.filter(pk=payment.pk, intent_state=IntentState.OPENING).update(
            intent_state=IntentState.OPEN
        )


def _record_refusal(payment: Payment, error: ProviderError) -> None:
    """Stripe will never make this one: say so where a person sees it, and let the next try be a new one."""
    with transaction.atomic():
        changed = Payment.objects.filter(
            pk=payment.pk, intent_state=IntentState.OPENING, intent_attempt=payment.intent_attempt
        ).update(
            intent_state=IntentState.NONE,
            intent_attempt=payment.intent_attempt + 1,
            status=PaymentStatus.FAILED,
            failure_code=error.code[:64],
        )
        if changed:
            record(
                type="PAYMENT_INTENT_REFUSED",
                level=Level.ERROR,
                message=f"Stripe refuses to open the payment: {error.message}",
                booking=payment.booking_id,
                code=error.code,
            )


def close_intent(
    *, payment_id: UUID, given_up: bool = False, patience: float | None = None
) -> IntentSnapshot | None:
    """Make sure that no (more) money arrives; answers the intent as it then is, None if there never was one.

    `given_up` by the fan: Stripe keeps that, so that whoever hears of it first knows why. The intent may turn out to be
    paid or processing: the caller settles that. Raises `ProviderError` when Stripe cannot say.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.intent_state == IntentState.NONE:
        return None
    if not payment.intent_id:  # the answer to our creation was lost: ask again, with the same key
        try:
            payment.intent_id = open_intent(payment_id=payment_id, patience=patience).id
        except ProviderError as error:
            if error.is_temporary:
                raise
            return None
    reason = GIVEN_UP if given_up else ABANDONED
    return gateway.cancel_intent(intent_id=payment.intent_id, reason=reason, patience=patience)


def fetch_intent(*, payment_id: UUID) -> IntentSnapshot | None:
    """The intent as Stripe shows it now; None if none was ever opened. Raises `ProviderError`."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.intent_state == IntentState.NONE:
        return None
    return open_intent(payment_id=payment_id)
