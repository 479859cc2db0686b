"""The pages as people meet them: a running desk and headless Chromium."""
