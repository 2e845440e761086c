"""The web page of `prosodytok app`: speech in, its tokens seen, heard and swapped."""

from prosodytok.app.serve import serve

__all__ = ["serve"]
