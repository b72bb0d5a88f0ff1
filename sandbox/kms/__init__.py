"""KMS as the sandbox answers it: keys, their policies, and who may use them."""
