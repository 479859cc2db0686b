"""Measurements that can be repeated: `manage.py bench <name>`. Told in docs/performance.md."""
