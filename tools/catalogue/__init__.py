"""Catalogues of translations: what the sources say, what the `.po` files hold, and whether they agree.

Works without the gettext command line tools: Django's `templatize` and Babel extract, polib reads, writes and compiles.
"""
