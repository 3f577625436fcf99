"""What an agent's author calls, and the recorder behind it. Import the names from `jollyscope`."""
