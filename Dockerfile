FROM node:20-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY styles /build/styles
COPY web ./
RUN npm run build

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PATH=/opt/venv/bin:$PATH
RUN python -m venv /opt/venv
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --only-binary=:all: --no-binary=openlocationcode -r requirements.txt
COPY pyproject.toml requirements.in LICENSE README.md ./
COPY spatial spatial
COPY layers layers
COPY api api
COPY migrations migrations
COPY scripts scripts
COPY styles styles
COPY data data
COPY --from=web /build/web/dist web/dist
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && python -m compileall -q spatial layers api migrations \
    && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin dieuhanh \
    && install -d -o dieuhanh -m 0750 .data
USER dieuhanh
ENV DIEUHANH_HOST=0.0.0.0 PORT=8000
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-m", "scripts.healthcheck"]
CMD ["dieuhanh", "serve"]
