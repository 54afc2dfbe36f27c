"""Pages of indicators: overview, the page of one in all its views, and the files of each state."""
