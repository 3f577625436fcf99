"""The Store protocol and the engines behind it."""
