"""The passages that the search tool finds: written for the demo, English and Chinese."""
