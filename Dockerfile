# maturityd in a container: non-root, root file system read-only, lake and state in volumes.
#   docker build -t maturityd .        (PIP_EXTRA_INDEX_URL as a build argument names an index with CPU torch)
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     -v ./config.toml:/etc/maturityd/config.toml:ro -v ./queries:/etc/maturityd/queries:ro \
#     -v maturityd-state:/var/lib/maturityd/state -v maturityd-lake:/var/lib/maturityd/lake maturityd
FROM python:3.11-slim AS build
ARG PIP_EXTRA_INDEX_URL=
ARG GPU=0
ENV PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY constraints.txt pyproject.toml README.md ./
COPY scripts scripts
COPY daemon daemon
COPY integrations integrations
COPY models models
RUN PIP_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL" GPU="$GPU" EDITABLE= scripts/setup /opt/maturityd

FROM python:3.11-slim
# libgomp1: the threads of CatBoost and torch.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin maturityd \
    && install -d -o maturityd /var/lib/maturityd/state /var/lib/maturityd/lake
COPY --from=build /opt/maturityd /opt/maturityd
ENV PATH=/opt/maturityd/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp
USER maturityd
VOLUME ["/var/lib/maturityd/state", "/var/lib/maturityd/lake"]
WORKDIR /etc/maturityd
HEALTHCHECK --interval=1m --start-period=2m CMD ["maturityd", "status", "--quiet"]
ENTRYPOINT ["maturityd"]
CMD ["run"]
