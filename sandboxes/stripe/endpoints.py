"""Every method and path of the API that this sandbox serves."""

from functools import cache, partial

from sandboxes.stripe import (
    account_links,
    accounts,
    balance,
    charges,
    disputes,
    events,
    external_accounts,
    fees,
    login_links,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    sending,
    transfers,
    webhook_endpoints,
)
from sandboxes.stripe.dispatch import Endpoint, Handler
from sandboxes.stripe.params import browser
from sandboxes.stripe.params.checkers import Gone, Hash
from sandboxes.stripe.params.schemas import schema

_TYPES_GONE = Gone(
    "The parameter `payment_method_types` is no longer supported in this API version. Use "
    "`allowed_payment_method_types` or "
    "`excluded_payment_method_types` to limit what `automatic_payment_methods` offers.",
    "payment_method_types_no_longer_supported",
)


def _on(method: str, path: str, handler: Handler, params: str) -> Endpoint:
    return Endpoint(method, path, handler, partial(schema, params))


@cache
def _intent_schema(params: str) -> Hash:
    return schema(params).extended(payment_method_types=_TYPES_GONE)


def _on_intent(path: str, handler: Handler, params: str) -> Endpoint:
    return Endpoint("POST", path, handler, partial(_intent_schema, params))


_INTENTS = "/v1/payment_intents"
_ACCOUNTS = "/v1/accounts"

ENDPOINTS = [
    _on_intent(_INTENTS, payment_intents.create, "PaymentIntentCreateParams"),
    _on("GET", _INTENTS, payment_intents.listed, "PaymentIntentListParams"),
    Endpoint("GET", _INTENTS + "/{id}", payment_intents.retrieve, partial(schema, "PaymentIntentRetrieveParams"),
             browser.retrieve_schema),
    _on_intent(_INTENTS + "/{id}", payment_intents.update, "PaymentIntentUpdateParams"),
    Endpoint("POST", _INTENTS + "/{id}/confirm", payment_intents.confirm,
             partial(_intent_schema, "PaymentIntentConfirmParams"), browser.confirm_schema),
    _on("POST", _INTENTS + "/{id}/capture", payment_intents.capture, "PaymentIntentCaptureParams"),
    _on("POST", _INTENTS + "/{id}/cancel", payment_intents.cancel, "PaymentIntentCancelParams"),
    Endpoint("POST", "/v1/payment_methods", payment_methods.create, partial(schema, "PaymentMethodCreateParams"),
             browser.payment_method_schema),
    _on("GET", "/v1/payment_methods/{id}", payment_methods.retrieve, "PaymentMethodRetrieveParams"),
    _on("GET", "/v1/charges", charges.listed, "ChargeListParams"),
    _on("GET", "/v1/charges/{id}", charges.retrieve, "ChargeRetrieveParams"),
    _on("POST", "/v1/refunds", refunds.create, "RefundCreateParams"),
    _on("GET", "/v1/refunds", refunds.listed, "RefundListParams"),
    _on("GET", "/v1/refunds/{id}", refunds.retrieve, "RefundRetrieveParams"),
    _on("POST", "/v1/refunds/{id}", refunds.update, "RefundUpdateParams"),
    _on("POST", "/v1/transfers", sending.create, "TransferCreateParams"),
    _on("GET", "/v1/transfers", transfers.listed, "TransferListParams"),
    _on("GET", "/v1/transfers/{id}", transfers.retrieve, "TransferRetrieveParams"),
    _on("POST", "/v1/transfers/{id}", sending.update, "TransferUpdateParams"),
    _on("POST", "/v1/transfers/{id}/reversals", transfers.create_reversal, "TransferReversalCreateParams"),
    _on("GET", "/v1/transfers/{id}/reversals", transfers.list_reversals, "TransferReversalListParams"),
    _on("GET", "/v1/transfers/{id}/reversals/{reversal}", transfers.retrieve_reversal,
        "TransferReversalRetrieveParams"),
    _on("GET", "/v1/application_fees", fees.listed, "ApplicationFeeListParams"),
    _on("GET", "/v1/application_fees/{id}", fees.retrieve, "ApplicationFeeRetrieveParams"),
    _on("GET", "/v1/application_fees/{id}/refunds", fees.list_refunds, "ApplicationFeeRefundListParams"),
    _on("GET", "/v1/application_fees/{id}/refunds/{refund}", fees.retrieve_refund,
        "ApplicationFeeRefundRetrieveParams"),
    _on("GET", "/v1/balance", balance.retrieve, "BalanceRetrieveParams"),
    _on("GET", "/v1/balance_transactions", balance.list_transactions, "BalanceTransactionListParams"),
    _on("GET", "/v1/balance_transactions/{id}", balance.retrieve_transaction, "BalanceTransactionRetrieveParams"),
    _on("POST", "/v1/payouts", payouts.create, "PayoutCreateParams"),
    _on("GET", "/v1/payouts", payouts.listed, "PayoutListParams"),
    _on("GET", "/v1/payouts/{id}", payouts.retrieve, "PayoutRetrieveParams"),
    _on("POST", "/v1/payouts/{id}", payouts.update, "PayoutUpdateParams"),
    _on("POST", "/v1/payouts/{id}/cancel", payouts.cancel, "PayoutCancelParams"),
    _on("GET", "/v1/disputes", disputes.listed, "DisputeListParams"),
    _on("GET", "/v1/disputes/{id}", disputes.retrieve, "DisputeRetrieveParams"),
    _on("POST", "/v1/disputes/{id}", disputes.update, "DisputeUpdateParams"),
    _on("POST", "/v1/disputes/{id}/close", disputes.close, "DisputeCloseParams"),
    _on("GET", "/v1/account", accounts.retrieve_current, "AccountRetrieveParams"),
    _on("POST", _ACCOUNTS, accounts.create, "AccountCreateParams"),
    _on("GET", _ACCOUNTS, accounts.listed, "AccountListParams"),
    _on("GET", _ACCOUNTS + "/{id}", accounts.retrieve, "AccountRetrieveParams"),
    _on("POST", _ACCOUNTS + "/{id}", accounts.update, "AccountUpdateParams"),
    _on("POST", _ACCOUNTS + "/{id}/external_accounts", accounts.create_external_account,
        "AccountExternalAccountCreateParams"),
    _on("GET", _ACCOUNTS + "/{id}/external_accounts", external_accounts.listed, "AccountExternalAccountListParams"),
    _on("GET", _ACCOUNTS + "/{id}/external_accounts/{bank}", external_accounts.retrieve,
        "AccountExternalAccountRetrieveParams"),
    _on("POST", _ACCOUNTS + "/{id}/external_accounts/{bank}", external_accounts.update,
        "AccountExternalAccountUpdateParams"),
    _on("DELETE", _ACCOUNTS + "/{id}/external_accounts/{bank}", accounts.delete_external_account,
        "AccountExternalAccountDeleteParams"),
    _on("POST", _ACCOUNTS + "/{id}/login_links", login_links.create, "AccountLoginLinkCreateParams"),
    _on("POST", "/v1/account_links", account_links.create, "AccountLinkCreateParams"),
    _on("GET", "/v1/events", events.listed, "EventListParams"),
    _on("GET", "/v1/events/{id}", events.retrieve, "EventRetrieveParams"),
    _on("POST", "/v1/webhook_endpoints", webhook_endpoints.create, "WebhookEndpointCreateParams"),
    _on("GET", "/v1/webhook_endpoints", webhook_endpoints.listed, "WebhookEndpointListParams"),
    _on("GET", "/v1/webhook_endpoints/{id}", webhook_endpoints.retrieve, "WebhookEndpointRetrieveParams"),
    _on("POST", "/v1/webhook_endpoints/{id}", webhook_endpoints.update, "WebhookEndpointUpdateParams"),
    _on("DELETE", "/v1/webhook_endpoints/{id}", webhook_endpoints.delete, "WebhookEndpointDeleteParams"),
]  # fmt: skip
