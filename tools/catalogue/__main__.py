"""Work on the catalogues of translations.

add LOCALE MSGID MSGSTR   add or change one translation
add-json LOCALE FILE      the same for many: {"msgid": "msgstr"}; with --context for all;
                          a plural is {"msgid": {"plural": "msgid_plural", "forms": ["one", "many"]}}
extract                   bring every catalogue in line with the sources
compile                   write the .mo files that Django reads
check                     list what is missing, fuzzy, obsolete, identical or ill-formed; fails if anything is
"""

import argparse
import json
import sys
from collections.abc import Sequence

from tools.catalogue import files
from tools.catalogue.checks import problems
from tools.catalogue.extraction import Key


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one of the commands; the exit code says whether all is well."""
    options = _parser().parse_args(arguments)
    return int(options.run(options) or 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.catalogue",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("add")
    one.add_argument("locale", choices=files.LOCALES)
    one.add_argument("msgid")
    one.add_argument("msgstr")
    one.set_defaults(run=_add)
    many = commands.add_parser("add-json")
    many.add_argument("locale", choices=files.LOCALES)
    many.add_argument("file", type=argparse.FileType("r", encoding="utf-8"))
    many.set_defaults(run=_add_json)
    for adding in (one, many):
        adding.add_argument("--context", help="gettext context of the messages")
        adding.add_argument("--domain", choices=files.DOMAINS, default="django")
    for name, run in (("extract", _extract), ("compile", _compile), ("check", _check)):
        commands.add_parser(name).set_defaults(run=run)
    return parser


def _add(options: argparse.Namespace) -> None:
    translations: dict[Key, files.Translation] = {(options.context, options.msgid): options.msgstr}
    files.add(options.locale, translations, domain=options.domain, plurals={})


def _add_json(options: argparse.Namespace) -> None:
    translations: dict[Key, files.Translation] = {}
    plurals: dict[Key, str] = {}
    for msgid, translation in json.load(options.file).items():
        key = (options.context, msgid)
        if isinstance(translation, str):
            translations[key] = translation
        else:
            translations[key] = tuple(translation["forms"])
            plurals[key] = translation["plural"]
    print(f"{files.add(options.locale, translations, domain=options.domain, plurals=plurals)} translations")


def _extract(_options: argparse.Namespace) -> None:
    for domain in files.DOMAINS:
        for locale in files.LOCALES:
            files.extract(locale, domain)


def _compile(_options: argparse.Namespace) -> None:
    files.compile_all()


def _check(_options: argparse.Namespace) -> bool:
    found = problems()
    for problem in found:
        print(problem, file=sys.stderr)
    print(f"catalogues: {len(found)} problems" if found else "catalogues: complete")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
