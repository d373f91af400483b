"""The creators of the demo: invented people, written as real ones would write."""

from callastar.demo.texts.english import ENGLISH
from callastar.demo.texts.french import FRENCH
from callastar.demo.texts.sheet import Kind, Sheet

CREATORS = (*FRENCH, *ENGLISH)
__all__ = ["CREATORS", "Kind", "Sheet"]
