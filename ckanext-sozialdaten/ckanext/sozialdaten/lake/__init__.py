"""The room lake: deliveries and observations as captured; any state, any Stichtag."""
