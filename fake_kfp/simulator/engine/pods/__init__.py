"""What runs in a pod, and what is seen of it."""
