"""lmms-eval task definitions; the only place that knows the harness's task API."""
