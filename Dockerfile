# The daemon with its page, which needs a password (`aggregator password`) before its first start. State lives in /data, or in the database that AGGREGATOR_DATABASE_URL names.
# Which image it stands on, and how to hold it to one digest: docs/operating.md.
ARG PYTHON_IMAGE=python:3.13-slim
FROM ${PYTHON_IMAGE} AS build
WORKDIR /source
# What is installed: run, or cluster, which has Dask too (33 MB).
ARG REQUIREMENTS=run
COPY requirements/${REQUIREMENTS}.txt requirements.txt
RUN python -m venv /opt/aggregator \
 && /opt/aggregator/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.txt
COPY pyproject.toml hatch_build.py README.md LICENSE feeds.toml ./
COPY docs/aggregator.1 docs/aggregator.1
COPY deploy deploy
COPY src src
COPY migrations migrations
# Which commit it is: docker build --build-arg SOURCE_COMMIT=$(git rev-parse --short HEAD) .
ARG SOURCE_COMMIT=
# What builds the package is not in the image, and the package installs nothing but itself.
RUN SOURCE_COMMIT=${SOURCE_COMMIT} /opt/aggregator/bin/pip install --no-cache-dir --no-deps .

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="aggregator" \
      org.opencontainers.image.description="Collects, sorts and ranks blog posts for the curator of a monthly AI & ML digest"
COPY --from=build /opt/aggregator /opt/aggregator
RUN useradd --no-log-init --create-home --uid 10001 aggregator && install -d -o aggregator -g aggregator /data /data/digests
USER 10001
ENV PATH=/opt/aggregator/bin:$PATH AGGREGATOR_HOME=/data AGGREGATOR_SERVER_HOST=0.0.0.0 \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /data
VOLUME /data
EXPOSE 8571
# By bash, which reaches the network by itself, in a tenth of the time in which Python starts.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8571 && printf 'GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
CMD ["aggregator", "run"]
