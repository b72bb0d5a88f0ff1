"""Restore drills: one backup is restored, asked, and deleted again, and its tags say how it was."""
