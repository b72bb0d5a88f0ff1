"""The only code that speaks to AWS: clients, answers, and what an error means."""
