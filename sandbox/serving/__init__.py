"""How the sandbox is reached: a port, the wire, and the runtime of a Lambda function."""
