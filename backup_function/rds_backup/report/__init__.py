"""What is said of a run: entries, outcome, gauges and details; pure."""
