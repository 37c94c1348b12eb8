"""Open-access papers that ship with kgrag (ATTRIBUTION.md); no code."""
