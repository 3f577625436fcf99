"""What a machine and its installation are like: checks, the settings file, the versions."""
