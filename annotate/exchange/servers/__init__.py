"""Rounds coded on somebody's annotation server: pushed there, and what coders judged pulled back.

`push` and `pull` know no server; each server is one module with a class that is a `Server`.
"""
