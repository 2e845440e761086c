"""The web page of `prosodytok app`: speech in, its tokens seen, heard and swapped.

Only `page`, `form`, `desk`, `guard` and `serve` need Gradio, the extra ``[app]``.
"""
