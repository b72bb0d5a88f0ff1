"""RDS as the sandbox answers it: snapshots, copies, sharing, databases and restores."""
