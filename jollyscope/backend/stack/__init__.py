"""The backend for many machines as a Compose stack: started, looked after and stopped."""
