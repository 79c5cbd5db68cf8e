# Earshot in a container: worker and desk in one process, as an unprivileged user.
#   docker build -t earshot .
#   docker run -p 8000:8000 -v earshot-data:/data -v ./config:/config:ro earshot
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/earshot && /opt/earshot/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY bot bot
COPY config config
RUN /opt/earshot/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data earshot
COPY --from=build /opt/earshot /opt/earshot
ENV PATH=/opt/earshot/bin:$PATH \
    EARSHOT_CONFIG_DIR=/config \
    EARSHOT_DATA_DIR=/data/store \
    EARSHOT_KEYS_DIR=/data/keys \
    EARSHOT_CHECKPOINTS_DIR=/data/checkpoints \
    EARSHOT_HOST=0.0.0.0 \
    EARSHOT_LOG_FORMAT=json
USER earshot
VOLUME /data
EXPOSE 8000
# Red only when a process in here is ill. Where worker and desk run apart: "earshot health worker", "earshot health desk".
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["earshot", "health"]
CMD ["earshot", "run"]
