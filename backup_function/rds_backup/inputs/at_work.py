"""Whether it is the deployment itself that asks, or a person with credentials of their own."""

from collections.abc import Mapping

_TASK = "ECS_CONTAINER_METADATA_URI_V4"


def is_at_work(arn: str, env: Mapping[str, str]) -> bool:
    """Whether the credentials are those of the function, or of the container task.

    A function's session has the function's name, which `sam local invoke` sets, too; a task's
    metadata has an address of its own.
    """
    name = env.get("AWS_LAMBDA_FUNCTION_NAME")
    return (name is not None and arn.endswith(f"/{name}")) or _TASK in env
