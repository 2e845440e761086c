"""Graphical output for people: the HTML report, the web app and the demo."""
