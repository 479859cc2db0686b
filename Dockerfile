# One image for web, worker, sender, beat and mail; what differs is the command. Built files need no Node at run time.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt requirements-uv.txt ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.txt \
    && /venv/bin/uv pip sync --python /venv/bin/python --require-hashes requirements.txt

FROM node:24-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc vite.config.ts tsconfig.json ./
RUN npm ci
COPY static/src static/src
RUN node node_modules/vite/bin/vite.js build

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home telaio && install -d -o telaio /data/media /data/exports
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
COPY --from=assets /app/static/dist static/dist
RUN /venv/bin/python -m helpdesk.catalogues && /venv/bin/python -m compileall -q agents customers conversations channels_app helpdesk
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PRODUCTION=true MEDIA_ROOT=/data/media EXPORT_DIR=/data/exports
USER telaio
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["python", "-m", "helpdesk.probe"]
CMD ["sh", "-c", "python manage.py prepare && exec python -m uvicorn helpdesk.asgi:application --host 0.0.0.0 --port 8000 --ws websockets-sansio --ws-per-message-deflate false --no-access-log --no-proxy-headers --no-server-header --lifespan off --timeout-graceful-shutdown 5"]
