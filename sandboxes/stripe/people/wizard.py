"""The questions of hosted onboarding, step by step; each page carries the answers of the others along."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sandboxes.stripe import banks
from sandboxes.stripe.context import Json

STEPS = ("business", "person", "bank", "review")

_YOUNGEST_BIRTH_YEARS = 13


@dataclass(frozen=True)
class Question:
    """One input: its name, how a browser shows and fills it, and what "use test data" writes."""

    name: str
    sample: str
    autocomplete: str
    type: str = "text"
    half: bool = False


QUESTIONS: dict[str, tuple[Question, ...]] = {
    "business": (),
    "person": (
        Question("first_name", "Jenny", "given-name", half=True),
        Question("last_name", "Rosen", "family-name", half=True),
        Question("birth_date", "1901-01-01", "bday", "date"),
        Question("line1", "address_full_match", "address-line1"),
        Question("postal_code", "75001", "postal-code", half=True),
        Question("city", "Paris", "address-level2", half=True),
        Question("phone", "+33600000000", "tel", "tel"),
    ),
    "bank": (Question("iban", banks.TEST_IBANS["FR"], "off"),),
    "review": (),
}
NAMES = ("business_type", *(question.name for asked in QUESTIONS.values() for question in asked))


def answers_of(form: Mapping[str, object]) -> dict[str, str]:
    """Every answer given so far, trimmed; an individual until told otherwise."""
    given = {name: str(form.get(name, "")).strip() for name in NAMES}
    return given | {"business_type": "company" if given["business_type"] == "company" else "individual"}


def sample_answers(step: str, country: str) -> dict[str, str]:
    """What "use test data" fills in: values that verify at once, a bank account of the country if we know one."""
    sample = {question.name: question.sample for question in QUESTIONS[step]}
    return sample | ({"iban": banks.TEST_IBANS.get(country, sample["iban"])} if "iban" in sample else {})


def problems(step: str, answers: Mapping[str, str], today: date) -> dict[str, str]:
    """What is wrong with the answers of a step: field name to error name."""
    found = {
        question.name: _problem(question.name, answers[question.name], today) for question in QUESTIONS[step]
    }
    return {name: problem for name, problem in found.items() if problem}


def next_step(step: str) -> str:
    """The step after, or the last one."""
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def previous_step(step: str) -> str:
    """The step before, or the first one."""
    return STEPS[max(STEPS.index(step) - 1, 0)]


def account_params(answers: Mapping[str, str], currency: str) -> Json:
    """The answers as the API takes them for an account."""
    year, month, day = map(int, answers["birth_date"].split("-"))
    iban = banks.normalised(answers["iban"])
    name = f"{answers['first_name']} {answers['last_name']}"
    return {
        "business_type": answers["business_type"],
        "individual": {
            "first_name": answers["first_name"],
            "last_name": answers["last_name"],
            "dob": {"day": day, "month": month, "year": year},
            "address": {field: answers[field] for field in ("line1", "postal_code", "city")},
            "phone": answers["phone"],
        },
        "external_account": {
            "object": "bank_account",
            "account_holder_name": name,
            "account_number": iban,
            "country": iban[:2],
            "currency": currency,
        },
    }


def first_unfinished(answers: Mapping[str, str], today: date) -> str | None:
    """The first step whose answers are not good; None when all are."""
    return next((step for step in STEPS if problems(step, answers, today)), None)


def _problem(name: str, value: str, today: date) -> str:
    if not value:
        return "missing"
    if name == "iban" and not banks.is_iban(banks.normalised(value)):
        return "iban"
    if name == "birth_date" and not _is_birth_date(value, today):
        return "birth_date"
    return ""


def _is_birth_date(text: str, today: date) -> bool:
    try:
        year = date.fromisoformat(text).year
    except ValueError:
        return False
    return 1900 <= year <= today.year - _YOUNGEST_BIRTH_YEARS
