"""Figures of the running stack, for Prometheus: at http://127.0.0.1:METRICS_PORT/metrics."""
