FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    DATA_DIR=/data

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
# Who runs the site may not write here, and would compile its modules at each start.
RUN python -m compileall -q chat chatsite

RUN useradd --system --uid 1000 chatsite && install -d -o chatsite /data
USER chatsite
VOLUME /data
EXPOSE 8000

# A refusal of the name 127.0.0.1 (see ALLOWED_HOSTS) is an answer too.
HEALTHCHECK --start-period=10s --interval=15s --timeout=4s CMD ["python", "-c", "import urllib.request as u, urllib.error as e\ntry: u.urlopen('http://127.0.0.1:8000/healthz', timeout=3)\nexcept e.HTTPError as error: raise SystemExit(error.code >= 500)"]

CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]
