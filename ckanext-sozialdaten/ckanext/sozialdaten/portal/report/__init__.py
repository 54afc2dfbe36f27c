"""The Sozialbericht of a region: its headline figures by field of action, told in sentences."""
