# One target for each process. The arguments can name other base images, for a mirror or a
# network without a registry (make offline-images). The tags follow a branch's patch releases,
# which fix published holes: a pinned patch release would not get them. `make up` pulls once
# a week.
ARG PYTHON_IMAGE=python:3.13-slim-trixie
ARG NGINX_IMAGE=nginx:1.30

FROM ${PYTHON_IMAGE} AS python
# Logs appear at once; Python writes no files beside read-only sources.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH
WORKDIR /srv
# In a venv, because pip refuses to change the Python of a distribution's image.
RUN ["python3", "-m", "venv", "/venv"]

FROM python AS app-packages
# Before the sources, so that a changed source does not cause a new install.
COPY requirements/app.txt requirements/
RUN ["pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--require-hashes", "-r", "requirements/app.txt"]

# An empty folder in the place of APP_DIR, if docker-compose.yml gives none.
FROM scratch AS src

FROM app-packages AS own-packages
# Your app's packages, in their own layer: a changed source does not cause a new install.
# A pattern, because COPY accepts one that matches nothing, but not a missing file.
ARG APP_REQUIREMENTS
COPY --from=src ${APP_REQUIREMENTS:-.no-requirements[.]} /own/
RUN ["sh", "-c", "for file in /own/*; do [ ! -f \"$file\" ] || pip install --no-cache-dir --disable-pip-version-check -r \"$file\"; done"]

FROM python AS app
COPY --from=own-packages /venv /venv
# --chmod here and below: after `umask 077; git clone`, only root could read the copies.
COPY --chmod=755 app app
COPY --chmod=755 uvicorn_runner uvicorn_runner
# A user that owns no files, neither in the image nor on the host.
USER 10001:10001
# The exec form: a shell would not pass SIGTERM on.
CMD ["python", "-m", "uvicorn_runner"]

FROM python AS src-without-env
COPY --from=src . /src
# Secrets, such as the file that Compose gives to the container, are no part of an image.
RUN ["sh", "-c", "find /src -type f -name '.env*' -delete; chmod -R u=rwX,go=rX /src"]

# For other machines (deploy/), which have no checkout to mount: with your app in it.
FROM app AS deployed-app
COPY --from=src-without-env /src /src

FROM python AS certs-packages
COPY requirements/certs.txt requirements/
RUN ["pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--require-hashes", "-r", "requirements/certs.txt"]

FROM python AS certs
COPY --from=certs-packages /venv /venv
COPY --chmod=755 certs certs
# The mounts of docker-compose.yml and their owners: nginx's user owns the leaf, and the
# owner of the checkout owns the authority.
ENV CA_HOME=/ca LEAF_DIR=/leaf LEAF_UID=101 CA_OWNER_OF=/run/checkout/docker-compose.yml HOST_ROOT=/host
CMD ["python", "-m", "certs", "watch", "--healthy", "/tmp/healthy", "--nginx"]

# On top of what certs has: it needs cryptography too, and nothing is downloaded twice.
FROM certs-packages AS metrics-packages
COPY requirements/metrics.txt requirements/
RUN ["pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--require-hashes", "-r", "requirements/metrics.txt"]

FROM python AS metrics
COPY --from=metrics-packages /venv /venv
# For the socket in a volume that nginx has too: the engine gives an empty volume this owner.
RUN ["install", "--directory", "--owner=10002", "--group=10002", "/run/metrics"]
COPY --chmod=755 metrics metrics
USER 10002:10002
ENV METRICS_LISTEN=0.0.0.0:9090 METRICS_LOG=/run/metrics/nginx.sock METRICS_NGINX=nginx:8443 METRICS_APP=app:8001
CMD ["python", "-m", "metrics"]

FROM ${NGINX_IMAGE} AS nginx
COPY --chmod=755 nginx /etc/wss-stack/nginx
COPY --chmod=755 console /etc/wss-stack/console
# The image's own nginx user, by number: LEAF_UID is the same.
USER 101:101
# With SIGQUIT nginx lets open requests end; with SIGTERM it drops them.
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/etc/wss-stack/nginx/entrypoint.sh"]
