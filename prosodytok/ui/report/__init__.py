"""A page to look at and to listen to: utterances, their tokens and what these decode to."""

from prosodytok.ui.report.collect import Exhibit, collect
from prosodytok.ui.report.page import write_report
from prosodytok.ui.report.tables import tables_from_folder

__all__ = ["Exhibit", "collect", "tables_from_folder", "write_report"]
