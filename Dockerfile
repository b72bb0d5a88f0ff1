# The container task: the command line of the function's own code, `python -m rds_backup run`.
# It needs no shell, no writing and no root while it runs; docs/guides/container-task.md sets it up.
ARG BASE=python:3.13-slim
FROM ${BASE}

WORKDIR /task
COPY backup_function/requirements.txt ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --root-user-action ignore \
    --require-hashes --requirement requirements.txt
COPY backup_function/rds_backup/ rds_backup/

# Lines appear when they are printed, and nothing is written beside the code.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# nobody, by number: whoever forbids root can see that it is none.
USER 65534:65534
ENTRYPOINT ["python", "-m", "rds_backup"]
CMD ["run"]
