"""A page to look at and to listen to: utterances, their tokens and what these decode to."""

from prosodytok.ui.report.comparison_html import tables_from_folder
from prosodytok.ui.report.report_page import write_report
from prosodytok.ui.report.report_utterance import Exhibit, collect

__all__ = ["Exhibit", "collect", "tables_from_folder", "write_report"]
