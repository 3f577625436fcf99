"""Is each part of the backend well? One function a part, given its address; no Compose needed."""
