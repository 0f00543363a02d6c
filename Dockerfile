# One target a process. The base images can be named from outside, for a mirror
# or for a network without a registry (make offline-images). Their tags follow the
# patch releases of a branch: those are fixes of published holes, which a pinned
# patch release would keep out until somebody looks. `make up` pulls once a week.
ARG PYTHON_IMAGE=python:3.13-slim-trixie
ARG NGINX_IMAGE=nginx:1.30

FROM ${PYTHON_IMAGE} AS python
# Logs appear as they are written; nothing is written beside read-only sources.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH
WORKDIR /srv
# In a venv: a base from a distribution does not let pip touch its own Python.
RUN ["python3", "-m", "venv", "/venv"]

FROM python AS app-packages
# Before the sources, so that a changed source does not install again.
COPY requirements/app.txt requirements/
RUN ["pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--require-hashes", "-r", "requirements/app.txt"]

# Stands for APP_DIR where none is given: docker-compose.yml names it.
FROM scratch AS src

FROM app-packages AS own-packages
# Your app's, after ours, and by themselves: a changed source does not install again.
# A pattern may match nothing, a name may not.
ARG APP_REQUIREMENTS
COPY --from=src ${APP_REQUIREMENTS:-.no-requirements[.]} /own/
RUN ["sh", "-c", "for file in /own/*; do [ ! -f \"$file\" ] || pip install --no-cache-dir --disable-pip-version-check -r \"$file\"; done"]

FROM python AS app
COPY --from=own-packages /venv /venv
# --chmod here and below: after `umask 077; git clone`, only root could read the copies.
COPY --chmod=755 app app
COPY --chmod=755 uvicorn_runner uvicorn_runner
# A user of no other meaning: it owns nothing, here or on the host.
USER 10001:10001
# The exec form everywhere: a shell in between would swallow SIGTERM.
CMD ["python", "-m", "uvicorn_runner"]

FROM python AS certs-packages
COPY requirements/certs.txt requirements/
RUN ["pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--require-hashes", "-r", "requirements/certs.txt"]

FROM python AS certs
COPY --from=certs-packages /venv /venv
COPY --chmod=755 certs certs
# Where docker-compose.yml mounts things, and who is to own them: the leaf is
# for nginx's user, the authority for the owner of the checkout.
ENV CA_HOME=/ca LEAF_DIR=/leaf LEAF_UID=101 CA_OWNER_OF=/run/checkout/docker-compose.yml
CMD ["python", "-m", "certs", "watch", "--healthy", "/tmp/healthy", "--nginx"]

FROM ${NGINX_IMAGE} AS nginx
COPY --chmod=755 nginx /etc/wss-stack/nginx
COPY --chmod=755 console /etc/wss-stack/console
# The image's own nginx user, by number: what may read the leaf is decided by it.
USER 101:101
# Lets open requests end; nginx's own default for SIGTERM is to drop them.
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/etc/wss-stack/nginx/entrypoint.sh"]
