FROM python:3.11-slim AS build
ARG EXTRAS=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Loops in C are compiled here.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY pyproject.toml setup.py constraints.txt requirements.lock README.md LICENSE ./
COPY bot bot
COPY feeds feeds
COPY retrieval retrieval
COPY web web
RUN python -m venv /opt/zhidian && /opt/zhidian/bin/pip install --require-hashes -r requirements.lock \
    && /opt/zhidian/bin/pip install -c constraints.txt ".${EXTRAS:+[$EXTRAS]}"
COPY seeds /opt/zhidian/seeds
# The dictionary is compiled and the seeds are read here: an empty volume begins with what the image has in /data.
RUN ZHIDIAN_SEEDS=/opt/zhidian/seeds /opt/zhidian/bin/zhidian ingest --data /data

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin zhidian
COPY --from=build /opt/zhidian /opt/zhidian
COPY --from=build --chown=10001:10001 /data /data
ENV PATH=/opt/zhidian/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    ZHIDIAN_DATA=/data \
    ZHIDIAN_SEEDS=/opt/zhidian/seeds \
    ZHIDIAN_METRICS=127.0.0.1:9464
WORKDIR /data
USER 10001:10001
VOLUME /data
# The first start over a folder that is no volume compiles the dictionary; a start waits for Telegram up to five minutes.
HEALTHCHECK --interval=30s --timeout=10s --start-period=5m --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://' + os.environ['ZHIDIAN_METRICS'] + '/healthz', timeout=5)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["zhidian"]
CMD ["run"]
