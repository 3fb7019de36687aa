"""What every test of the running server shares: the server process, a signer of its own, small helpers."""
