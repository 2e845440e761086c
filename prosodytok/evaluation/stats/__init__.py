"""Statistics that the other measurements share: intervals by bootstrap."""
