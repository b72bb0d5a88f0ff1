"""IAM and STS as the sandbox answers them: roles, policies and sessions."""
