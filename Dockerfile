# One image for every Python service of docker-compose.yml. Packages come from the committed lock, hash by hash.
FROM node:20-bookworm-slim AS pages
WORKDIR /pages
COPY warehouse/atlas/frontend ./
RUN npm ci --silent && npm run --silent build

FROM python:3.12-slim-bookworm

RUN apt-get update \
    && apt-get install --no-install-recommends --yes git libpq5 tini \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/armsledger
COPY requirements.lock requirements-setup.lock pyproject.toml README.md ./
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --quiet --no-cache-dir --require-hashes -r requirements-setup.lock \
    && .venv/bin/uv pip sync --quiet --no-cache --python .venv/bin/python --require-hashes --compile-bytecode \
       requirements.lock requirements-setup.lock
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations
COPY extract extract
COPY warehouse warehouse
COPY --from=pages /pages/dist warehouse/atlas/frontend/dist
RUN .venv/bin/uv pip install --quiet --no-cache --python .venv/bin/python --no-deps --no-build-isolation --editable . \
    && groupadd --gid 50000 airflow \
    && useradd --uid 50000 --gid airflow --no-create-home --home-dir /var/lib/armsledger airflow \
    && install --directory --owner=airflow --group=airflow /var/lib/armsledger/data /var/lib/armsledger/airflow

ENV PATH=/opt/armsledger/.venv/bin:$PATH \
    ARMSLEDGER_DATA=/var/lib/armsledger/data \
    AIRFLOW_HOME=/var/lib/armsledger/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/armsledger/dags \
    PYTHONDONTWRITEBYTECODE=1
USER airflow
ENTRYPOINT ["tini", "--"]
