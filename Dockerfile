# Earshot in a container: worker and desk in one process, or each in its own (compose.yaml).
# Nothing but /data is written, so the root file system may be read-only; /config and /run/secrets are only read.
# tools/replay_image runs these steps, as they stand here, where there is no container engine.
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/earshot
COPY requirements-image.lock ./
RUN /opt/earshot/bin/pip install --no-cache-dir --require-hashes -r requirements-image.lock
COPY pyproject.toml README.md ./
COPY bot bot
COPY config config
RUN /opt/earshot/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
COPY --from=build /opt/earshot /opt/earshot
# A number and no name: nothing has to be looked up, and a volume that is made anew belongs to it.
RUN install -d -o 10001 -g 10001 -m 0700 /data
# SQLite puts large temporary files beside the data: /tmp is a few megabytes of memory there. These are the places of
# keys and secrets, and none of them.
# hadolint ignore=DL3064
ENV PATH=/opt/earshot/bin:$PATH \
    HOME=/data \
    SQLITE_TMPDIR=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    EARSHOT_CONFIG_DIR=/config \
    EARSHOT_DATA_DIR=/data/store \
    EARSHOT_KEYS_DIR=/data/keys \
    EARSHOT_CHECKPOINTS_DIR=/data/checkpoints \
    EARSHOT_BACKUPS_DIR=/data/backups \
    EARSHOT_SECRETS_DIR=/run/secrets \
    EARSHOT_HOST=0.0.0.0 \
    EARSHOT_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Red only when a process in here is ill. Where worker and desk run apart: "earshot health worker", "earshot health desk".
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["earshot", "health"]
CMD ["earshot", "run"]
