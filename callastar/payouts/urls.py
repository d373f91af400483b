"""Addresses of earnings, payouts and statements."""

from django.urls import path

from callastar.payouts.views import bank, earnings, payouts, statements

app_name = "payouts"
_EARNINGS, _PAYOUTS = "dashboard/creator/earnings", "dashboard/creator/payouts"
_STATEMENT = f"{_EARNINGS}/statements/<str:month>/<str:currency>"
urlpatterns = [
    path(_EARNINGS, earnings.earnings, name="earnings"),
    path(f"{_EARNINGS}/statements", statements.statements, name="statements"),
    path(f"{_STATEMENT}.pdf", statements.pdf, name="statement_pdf"),
    path(f"{_STATEMENT}.csv", statements.csv, name="statement_csv"),
    path(f"{_EARNINGS}/<uuid:payment_id>", earnings.payment, name="payment"),
    path(_PAYOUTS, payouts.history, name="history"),
    path(f"{_PAYOUTS}/settings", payouts.settings, name="settings"),
    path(f"{_PAYOUTS}/bank", bank.bank, name="bank"),
    path(f"{_PAYOUTS}/ask/<str:currency>", payouts.ask, name="ask"),
    path(f"{_PAYOUTS}/<uuid:payout_id>", payouts.detail, name="detail"),
    path(f"{_PAYOUTS}/<uuid:payout_id>/take-back", payouts.take_back, name="take_back"),
]
