"""The web page of `prosodytok app`: tokenize speech, see, hear and edit its tokens.

Only `app_page`, `app_server`, `live_stream`, `request_filter`, `session_view` and `upload_form`
need Gradio, the extra ``[app]``.
"""
