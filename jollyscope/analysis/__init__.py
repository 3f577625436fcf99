"""What is worth knowing about a run: where its time goes, and more as it is added here."""
