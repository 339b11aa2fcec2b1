"""What lies in the cluster: live workflows, their status, and what outlives them."""
