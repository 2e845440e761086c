"""Interactive HTML report of utterances: sound, prosody, tokens and decoded contours."""

from prosodytok.ui.report.comparison_html import comparison_to_html
from prosodytok.ui.report.report_page import write_report
from prosodytok.ui.report.report_utterance import ReportUtterance, tokenize_for_report

__all__ = ["ReportUtterance", "comparison_to_html", "tokenize_for_report", "write_report"]
