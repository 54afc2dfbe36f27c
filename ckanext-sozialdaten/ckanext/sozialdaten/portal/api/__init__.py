"""Figures for machines: actions on indicators, series and regions, which read what is public."""
